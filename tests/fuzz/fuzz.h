/* SPDX-License-Identifier: ISC */
/*
 * A fuzz target: one parser of foreign bytes, given any bytes.  It must not
 * crash, and what it makes of them must hold what its header promises.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* libFuzzer's name for a target.  It returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Stops the run, and whoever runs it keeps the input. */
#define MUST(what) do {							\
	if (!(what)) {							\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,	\
		    #what);						\
		abort();						\
	}								\
} while (0)

#endif
