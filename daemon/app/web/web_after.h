/* SPDX-License-Identifier: ISC */
/*
 * After the form: what its answer can say that helps to find the mail, from
 * the domain that was typed and nothing else, so that it is the same whatever
 * is known of the address.  No URL holds more of it than a word of our tables.
 */
#ifndef APP_WEB_AFTER_H
#define APP_WEB_AFTER_H

#include "app/web/web_page.h"
#include "core/form.h"
#include "core/inbox.h"

struct web_after {
	const struct inbox *inbox;	/* where to look; NULL: not known */
	const char *meant;		/* the domain; NULL: it looks right */
};

/* Of an address's key. */
void web_after_of(const char *key, struct web_after *ret_after);
/* Of the pending page's query. */
void web_after_read(const struct http_request *,
    struct web_after *ret_after);

/* The list's pending page, that says so.  Owned. */
char *web_after_location(const struct config_list *,
    const struct web_after *);
/* The page's part of it. */
void web_after_show(struct view *, const struct config_list *,
    const struct web_after *);

/* What is told often is written down once. */
void web_after_init(struct web *);
void web_after_fini(struct web *);
/*
 * JSON: {"status":"pending"} and a hint; if it is a page's script that asked,
 * also the words to show, and, if `code`, those of a field for the code.
 */
void web_after_write(const struct web *, const struct form *,
    const struct web_after *, bool page, bool code, struct buf *out);

#endif
