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

/* The library takes "a..b", and makes such of characters mapped to nothing. */
static bool
has_empty_label(struct slice domain)
{
	struct slice label;

	while (slice_split(&domain, '.', &label)) {
		if (label.len == 0)
			return true;
	}
	return false;
}

/* Of the library's memory: idn2_free; NULL when it is refused. */
static uint8_t *
lookup(const char *text, int flags)
{
	uint8_t *ascii = NULL;

	if (idn2_lookup_u8((const uint8_t *)text, &ascii, flags) == IDN2_OK &&
	    !has_empty_label(slice_str((const char *)ascii)))
		return ascii;
	idn2_free(ascii);
	return NULL;
}

char *
idn_to_alabels(struct slice domain)
{
	uint8_t *loose, *strict;
	char *result = NULL;
	char *text;

	/* The library would take what stands before a NUL. */
	if (slice_find(domain, '\0') >= 0)
		return NULL;
	text = slice_dup(domain);
	loose = lookup(text, base_flags);
	strict = loose == NULL ? NULL :
	    lookup(text, base_flags | IDN2_USE_STD3_ASCII_RULES);
	if (strict != NULL &&
	    strcmp((const char *)loose, (const char *)strict) == 0)
		result = mem_strdup((const char *)strict);
	idn2_free(loose);
	idn2_free(strict);
	free(text);
	return result;
}
