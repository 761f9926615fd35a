/* SPDX-License-Identifier: ISC */
/*
 * Where a form post comes from, as far as its evidence tells: what it costs
 * and how much it is trusted depend on that.  A program may say what it likes;
 * a browser says what is so.
 */
#ifndef CORE_PAGE_H
#define CORE_PAGE_H

#include <stddef.h>

#include "core/config.h"
#include "core/fact.pb-c.h"

enum page_kind {
	PAGE_OWN,		/* one that we made, so it has a form token */
	PAGE_NAMED,		/* one that each of the lists names */
	PAGE_UNKNOWN,		/* any other, or none */
	PAGES
};

struct page_facts {
	const Fact__Evidence *evidence;		/* NULL: none was kept */
	const char *own;	/* our own origin */
	const struct config_list *const *lists;	/* it asks for all of these */
	size_t list_count;
};

enum page_kind page_of(const struct page_facts *);

#endif
