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

/* "own", "listed" … for the log. */
const char *web_origin_name(enum web_origin);
/* What it is to all of these lists; at least one. */
enum web_origin web_origin_of(const struct web *,
    const struct http_request *, const struct config_list *const *lists,
    size_t count);
/* What it is to whichever list likes it best. */
enum web_origin web_origin_of_any(const struct web *,
    const struct http_request *);
/* Adds what lets a script of that origin read the answer. */
void web_origin_allow(struct http_exchange *, enum web_origin);

#endif
