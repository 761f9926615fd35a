/* SPDX-License-Identifier: ISC */
/*
 * A form's body as a JSON object.
 */
#include "fuzz.h"
#include "http_pairs.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct slice type = SLICE("application/json");

	http_pairs_check(type, slice_of(data, size));
	return 0;
}
