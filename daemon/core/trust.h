/* SPDX-License-Identifier: ISC */
/*
 * How much speaks for a person behind a form post.  None of it is a proof: it
 * decides who goes first when not all can, and nothing else.
 */
#ifndef CORE_TRUST_H
#define CORE_TRUST_H

#include <stdbool.h>

#include "core/page.h"

/* The more, the better; 0 is for who has nothing to show.  They are stored: a
 * number keeps its meaning. */
enum trust {
	TRUST_NONE,		/* no Origin, or one that nobody named */
	TRUST_PAGE,		/* a page of ours or of the list's */
	TRUST_BROWSER,		/* and the browser's own word for it */
	TRUST_PROVED,		/* a challenge was solved */
	TRUST_LEVELS
};

struct trust_facts {
	struct page_facts page;
	bool has_cookie;	/* it was worth a signup cookie */
	bool has_solved;	/* a challenge */
};

enum trust trust_of(const struct trust_facts *);

#endif
