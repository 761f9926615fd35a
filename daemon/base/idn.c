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

enum { LABEL_MAX = 63, NAME_MAX_BYTES = 253 };

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
	int error = idn2_lookup_u8((const uint8_t *)text, &ascii, flags);

	if (error == IDN2_MALLOC)
		mem_die();
	if (error == IDN2_OK &&
	    !has_empty_label(slice_str((const char *)ascii)))
		return ascii;
	idn2_free(ascii);
	return NULL;
}

/* Letters, digits and inner hyphens, but no A-label or what looks like one. */
static bool
is_plain_label(struct slice label)
{
	if (label.len == 0 || label.len > LABEL_MAX || label.p[0] == '-' ||
	    label.p[label.len - 1] == '-' ||
	    slice_eq_str(slice_sub(label, 2, 4), "--"))
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

static bool
is_plain(struct slice domain)
{
	struct slice label;

	if (domain.len > NAME_MAX_BYTES)
		return false;
	while (slice_split(&domain, '.', &label)) {
		if (!is_plain_label(label))
			return false;
	}
	return true;
}

static char *
lower(struct slice domain)
{
	char *text = slice_dup(domain);

	for (size_t i = 0; i < domain.len; i++) {
		if (text[i] >= 'A' && text[i] <= 'Z')
			text[i] = (char)(text[i] + ('a' - 'A'));
	}
	return text;
}

char *
idn_to_alabels(struct slice domain)
{
	uint8_t *loose, *strict;
	char *result = NULL;
	char *text;

	/* Nearly all are; the library takes 0.1 ms to say the same of one. */
	if (is_plain(domain))
		return lower(domain);
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
