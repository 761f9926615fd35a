/* SPDX-License-Identifier: ISC */
/*
 * The face of libidn2.  STD3 rules are off by default there; when they are
 * on, it leaves out what they forbid ("a_b" becomes "ab") instead of saying
 * no, so a name must come out the same with and without them.
 */
#include "base/idn.h"

#include <idn2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const int base_flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;

/* Of the library's memory: idn2_free; NULL when it is refused. */
static uint8_t *
lookup(const char *text, int flags)
{
	uint8_t *ascii = NULL;

	if (idn2_lookup_u8((const uint8_t *)text, &ascii, flags) == IDN2_OK)
		return ascii;
	idn2_free(ascii);
	return NULL;
}

char *
idn_to_alabels(struct slice domain)
{
	char *text = slice_dup(domain);
	uint8_t *loose = lookup(text, base_flags);
	uint8_t *strict = loose == NULL ? NULL :
	    lookup(text, base_flags | IDN2_USE_STD3_ASCII_RULES);
	char *result = NULL;

	if (strict != NULL &&
	    strcmp((const char *)loose, (const char *)strict) == 0)
		result = mem_strdup((const char *)strict);
	idn2_free(loose);
	idn2_free(strict);
	free(text);
	return result;
}
