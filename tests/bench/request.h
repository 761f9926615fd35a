/* SPDX-License-Identifier: ISC */
/*
 * The requests of a load: one text, in which a run of '#' stands for what is
 * another in each: a number that counts up, or the next line of a file.  All
 * are of one length, so that a Content-Length in it holds.
 */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request {
	char *text;
	size_t size;
	size_t hole, hole_size;	/* where the run is; 0: there is none */
	uint64_t next;
	char *lines;		/* each hole_size long; NULL: a number */
	size_t line_count;
};

/* From files; lines may be NULL.  False: why is on stderr. */
bool request_load(struct request *, const char *path, const char *lines,
    uint64_t first);
/* How many there can be. */
uint64_t request_limit(const struct request *);
/* Makes the next one, in text. */
void request_next(struct request *);

#endif
