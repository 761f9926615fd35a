/* SPDX-License-Identifier: ISC */
/*
 * What is answered to whoever has to show more: a page that solves a challenge
 * by itself, or waits where there are no scripts, and then goes on with what
 * was posted; or JSON with the challenge in it.
 */
#ifndef APP_WEB_CHALLENGE_H
#define APP_WEB_CHALLENGE_H

#include "app/web/web_page.h"
#include "app/web/web_proof.h"
#include "core/message.pb-c.h"

/* How many challenges a network fetches is counted from here on. */
void web_challenge_init(struct web *);
void web_challenge_fini(struct web *);

/* Borrowed parts. */
struct web_challenge {
	const struct config_list *list;	/* the first; NULL: of none */
	const char *lang;
	const char *action;		/* where the page's form goes */
	const char *leads_to;		/* as a page's */
	const Message__FirstPost *first;
	const struct web_proof *proof;	/* what it brought in vain */
	const Message__Subscribed *answer;	/* what the engine wants */
};

/* The page's view; then each pair that it carries on; then it is shown, which
 * takes the view. */
struct view *web_challenge_view(const struct web *,
    const struct web_challenge *);
void web_challenge_carry(struct view *, const char *name, const char *value);
void web_challenge_show(struct web *, struct http_exchange *,
    const struct web_challenge *, struct view *);
/* What it is called: whether a solution came that was no good. */
enum web_error web_challenge_error(const struct web_challenge *);
/* The same for a program: 400. */
void web_challenge_json(struct web *, struct http_exchange *,
    const struct web_challenge *);

#endif
