/* SPDX-License-Identifier: ISC */
/*
 * Fair lines: places for what has to wait, so that going through them in order
 * serves the better class first, then all networks alike, then who came first.
 * Start-time fair queuing: a network's next place is one behind its last, but
 * never before the place that is being served; so whoever sends a lot stands
 * behind itself, and a newcomer waits for one turn of the others.
 *
 * A place is a number that sorts as it should, above any time in microseconds
 * until the year 148,000.  What stands in a line is kept by others: here are
 * only the lines' clocks and each network's last place, in bounded memory;
 * when that is full the network with the least to wait for is forgotten.
 */
#ifndef CORE_FAIR_H
#define CORE_FAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FAIR_LINES = 4096, FAIR_CLASSES = 4 };

struct fair;

/* For about that many networks at a time.  Owned. */
struct fair *fair_new(size_t networks);
void fair_free(struct fair *);

/* The next place in that line for a network (a keyed hash); class 0 is the
 * best. */
uint64_t fair_join(struct fair *, unsigned line, unsigned class,
    uint64_t network);
/* It stood there before a restart; told for each place, in their order. */
void fair_rejoin(struct fair *, uint64_t place, uint64_t network);
/* It is that place's turn. */
void fair_serve(struct fair *, uint64_t place);
/* Nobody is left in that line: nobody owes anything there. */
void fair_clear(struct fair *, unsigned line);

bool fair_is_place(uint64_t place);
unsigned fair_line_of(uint64_t place);
unsigned fair_class_of(uint64_t place);
/* At or before all places of that line. */
uint64_t fair_line_start(unsigned line);

#endif
