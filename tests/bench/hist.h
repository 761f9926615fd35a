/* SPDX-License-Identifier: ISC */
/*
 * A histogram of times: any number of them in fixed memory, each kept to a
 * sixty-fourth of its value.
 */
#ifndef BENCH_HIST_H
#define BENCH_HIST_H

#include <stdint.h>

enum { HIST_FINE = 64, HIST_COARSE = 59 };

struct hist {
	uint64_t count, most;
	uint64_t slot[HIST_COARSE][HIST_FINE];
};

void hist_add(struct hist *, uint64_t ns);
/* What that part of them (0 to 1) doesn't exceed, nanoseconds; 0: none. */
uint64_t hist_at(const struct hist *, double part);
/* Prints its percentiles as members of a JSON object, in microseconds. */
void hist_print(const struct hist *);

#endif
