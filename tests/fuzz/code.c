/* SPDX-License-Identifier: ISC */
/*
 * A code as typed has one normal form, and what is shown of that is read as
 * the same.
 */
#include "core/code.h"

#include <string.h>

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char code[CODE_SIZE], again[CODE_SIZE], shown[CODE_SHOWN_SIZE];

	if (size == CODE_RANDOM_SIZE)
		code_make(data, code);
	else if (code_read(slice_of(data, size), code) < 0)
		return 0;
	MUST(strlen(code) == CODE_SIZE - 1);
	code_show(code, shown);
	MUST(strlen(shown) == CODE_SHOWN_SIZE - 1);
	MUST(code_read(slice_str(shown), again) == 0);
	MUST(strcmp(code, again) == 0);
	return 0;
}
