/* SPDX-License-Identifier: ISC */
/*
 * Pages: whole origins compared, and the browser's own word.
 */
#include "core/page.h"

#include "core/origin.h"

enum page_kind
page_of(const struct page_facts *f)
{
	struct slice origin;

	if (f->evidence == NULL)
		return PAGE_UNKNOWN;
	origin = slice_str(f->evidence->origin);
	if (slice_eq_str(slice_str(f->evidence->sec_fetch_site),
	    "same-origin") || slice_eq_str(origin, f->own))
		return PAGE_OWN;
	/* Any page may post to a list of "*": that says nothing of it. */
	for (size_t i = 0; i < f->list_count; i++) {
		if (!origin_is_named(origin, &f->lists[i]->origins))
			return PAGE_UNKNOWN;
	}
	return f->list_count > 0 ? PAGE_NAMED : PAGE_UNKNOWN;
}
