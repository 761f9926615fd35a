/* SPDX-License-Identifier: ISC */
/*
 * A Content-Type in the first line, and the body that it speaks of.
 */
#include "fuzz.h"
#include "http_pairs.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice body = slice_of(data, size), type;

	if (slice_split(&body, '\n', &type))
		http_pairs_check(type, body);
	return 0;
}
