/* SPDX-License-Identifier: ISC */
/*
 * Where a form post comes from, and what that place may do.
 */
#ifndef APP_WEB_ORIGIN_H
#define APP_WEB_ORIGIN_H

#include "app/web/web.h"

/* The later, the less is allowed. */
enum web_origin {
	WEB_ORIGIN_OWN,		/* a page of ours */
	WEB_ORIGIN_LISTED,	/* named by each of the lists */
	WEB_ORIGIN_ANY,		/* let in by "*" */
	WEB_ORIGIN_UNKNOWN,	/* absent or null */
	WEB_ORIGIN_FOREIGN
};

/* What two headers say; p == NULL: one of them isn't there. */
struct web_origin_facts {
	struct slice origin, fetch_site;
};

/* "own", "listed" … for the log. */
const char *web_origin_name(enum web_origin);
/*
 * What it is to all of these lists, or, without any, to whichever of the
 * config's likes it best.
 */
enum web_origin web_origin_judge(const struct web *,
    const struct web_origin_facts *, const struct config_list *const *lists,
    size_t count);
/* The same of a request; at least one list. */
enum web_origin web_origin_of(const struct web *,
    const struct http_request *, const struct config_list *const *lists,
    size_t count);
/* Without any. */
enum web_origin web_origin_of_any(const struct web *,
    const struct http_request *);
/* Adds what lets a script of that origin read the answer. */
void web_origin_allow(struct http_exchange *, enum web_origin);

#endif
