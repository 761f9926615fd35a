/* SPDX-License-Identifier: ISC */
/*
 * The face of libidn2.  STD3 rules are off by default there.
 */
#include "base/idn.h"

#include <idn2.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

char *
idn_to_alabels(struct slice domain)
{
	const int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL |
	    IDN2_USE_STD3_ASCII_RULES;
	char *text = slice_dup(domain);
	uint8_t *ascii = NULL;
	char *result = NULL;

	if (idn2_lookup_u8((const uint8_t *)text, &ascii, flags) == IDN2_OK)
		result = mem_strdup((const char *)ascii);
	idn2_free(ascii);
	free(text);
	return result;
}
