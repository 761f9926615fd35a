/* SPDX-License-Identifier: ISC */
/*
 * A body as application/x-www-form-urlencoded.
 */
#include "fuzz.h"
#include "http_pairs.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct slice type =
	    SLICE("application/x-www-form-urlencoded");

	http_pairs_check(type, slice_of(data, size));
	return 0;
}
