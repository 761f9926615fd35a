/* SPDX-License-Identifier: ISC */
/*
 * What a visitor with a token gets to see, by what the engine said.
 */
#ifndef APP_WEB_VISIT_PAGE_H
#define APP_WEB_VISIT_PAGE_H

#include "app/web/web.h"
#include "core/message.pb-c.h"

struct web_visit;

/* Answers, after DONE, EXPIRED, NEEDS_PROOF or WRONG_CODE. */
typedef void (*web_visit_show)(struct web *, struct http_exchange *,
    const struct web_visit *, const Message__Visited *);

/* What is remembered of a visit until the engine has answered. */
struct web_visit {
	Message__Visit__Action action;
	web_visit_show show;
	char *token;		/* "" when by cookie */
	bool looks;		/* the action changes nothing */
	bool tick;		/* a press that wasn't trusted: ask to tick a
				 * box */
	bool json;
	bool no_cookie;		/* none came, of those we know the look of */
};

void web_visit_confirm(struct web *, struct http_exchange *,
    const struct web_visit *, const Message__Visited *);
void web_visit_unsubscribe(struct web *, struct http_exchange *,
    const struct web_visit *, const Message__Visited *);
void web_visit_notme(struct web *, struct http_exchange *,
    const struct web_visit *, const Message__Visited *);

#endif
