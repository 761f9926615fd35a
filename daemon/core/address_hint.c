/* SPDX-License-Identifier: ISC */
/*
 * One slip of the fingers in a provider's name, or a known one in ".com".
 * Short names (gmx, aol), and those one slip away from a word (orange), aren't
 * in the table: too much that is right looks like them.
 */
#include "core/address_hint.h"

#include <stdbool.h>
#include <stddef.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const char *const domains[] = {
	"gmail.com", "googlemail.com", "hotmail.com", "hotmail.co.uk",
	"hotmail.de", "hotmail.es", "hotmail.fr", "icloud.com",
	"outlook.com", "outlook.de", "outlook.es", "outlook.fr", "yahoo.com",
	"yahoo.co.uk", "yahoo.de", "yahoo.es", "yahoo.fr", "protonmail.com",
	"t-online.de", "freenet.de", "laposte.net", "wanadoo.fr",
};

/* Of "com"; some are countries, but no provider of the table is there. */
static const char *const com_slips[] = { "cm", "co", "om", "cim", "cmo",
	"con", "comm", "coom", "cpm", "ocm", "vom", "xom" };

/* The first byte is hardly ever the wrong one: ymail and email are others. */
static bool
is_one_slip(struct slice typed, struct slice name)
{
	struct slice longer = typed.len > name.len ? typed : name;
	struct slice shorter = typed.len > name.len ? name : typed;
	size_t i = 0;

	if (longer.len - shorter.len > 1 || shorter.len == 0)
		return false;
	while (i < shorter.len && typed.p[i] == name.p[i])
		i++;
	if (longer.len > shorter.len)
		return i > 0 && slice_eq(
		    slice_sub(longer, i + 1, longer.len),
		    slice_sub(shorter, i, shorter.len));
	if (i == shorter.len)
		return true;
	if (i > 0 && slice_eq(slice_sub(typed, i + 1, typed.len),
	    slice_sub(name, i + 1, name.len)))
		return true;
	return i + 1 < name.len && typed.p[i] == name.p[i + 1] &&
	    typed.p[i + 1] == name.p[i] &&
	    slice_eq(slice_sub(typed, i + 2, typed.len),
	    slice_sub(name, i + 2, name.len));
}

static bool
is_com_slip(struct slice rest)
{
	for (size_t i = 0; i < COUNT(com_slips); i++) {
		if (slice_eq_str(rest, com_slips[i]))
			return true;
	}
	return false;
}

/* "gmail", and "com" behind the first dot; false: it has none. */
static bool
cut(struct slice domain, struct slice *ret_name, struct slice *ret_rest)
{
	*ret_rest = domain;
	return slice_split(ret_rest, '.', ret_name) && ret_rest->len > 0;
}

static bool
is_slip_of(struct slice name, struct slice rest, const char *domain)
{
	struct slice right_name, right_rest;

	/* A slip leaves the first byte, or has it change places. */
	if (name.len == 0 ||
	    (name.p[0] != domain[0] && name.p[0] != domain[1]))
		return false;
	if (!cut(slice_str(domain), &right_name, &right_rest))
		return false;
	return is_one_slip(name, right_name) && (slice_eq(rest, right_rest) ||
	    (slice_eq_str(right_rest, "com") && is_com_slip(rest)));
}

const char *
address_hint_find(struct slice domain)
{
	for (size_t i = 0; i < COUNT(domains); i++) {
		if (slice_eq_str(domain, domains[i]))
			return domains[i];
	}
	return NULL;
}

const char *
address_hint(struct slice domain)
{
	struct slice name, rest;

	if (address_hint_find(domain) != NULL || !cut(domain, &name, &rest))
		return NULL;
	for (size_t i = 0; i < COUNT(domains); i++) {
		if (is_slip_of(name, rest, domains[i]))
			return domains[i];
	}
	return NULL;
}
