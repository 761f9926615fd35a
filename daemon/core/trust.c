/* SPDX-License-Identifier: ISC */
/*
 * Judging evidence.
 */
#include "core/trust.h"

enum trust
trust_of(const struct trust_facts *f)
{
	if (f->has_solved)
		return TRUST_PROVED;
	if (page_of(&f->page) == PAGE_UNKNOWN)
		return TRUST_NONE;
	return f->has_cookie ||
	    f->page.evidence->sec_fetch_site[0] != '\0' ?
	    TRUST_BROWSER : TRUST_PAGE;
}
