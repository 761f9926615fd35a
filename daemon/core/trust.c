/* SPDX-License-Identifier: ISC */
/*
 * Judging evidence.
 */
#include "core/trust.h"

#include "core/origin.h"

/* Any page may post to a list of "*": that says nothing of it. */
static bool
is_known_page(const struct trust_facts *f)
{
	struct slice origin = slice_str(f->evidence->origin);

	if (slice_eq_str(slice_str(f->evidence->sec_fetch_site),
	    "same-origin") || slice_eq_str(origin, f->own))
		return true;
	for (size_t i = 0; i < f->list_count; i++) {
		if (!origin_is_named(origin, &f->lists[i]->origins))
			return false;
	}
	return f->list_count > 0;
}

enum trust
trust_of(const struct trust_facts *f)
{
	if (f->evidence == NULL || !is_known_page(f))
		return TRUST_NONE;
	return f->has_cookie || f->evidence->sec_fetch_site[0] != '\0' ?
	    TRUST_BROWSER : TRUST_PAGE;
}
