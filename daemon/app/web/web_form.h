/* SPDX-License-Identifier: ISC */
/*
 * The pages of forms that visitors fill in: a list's hosted form, and the one
 * that asks for the mail's code.
 */
#ifndef APP_WEB_FORM_H
#define APP_WEB_FORM_H

#include "app/web/web_page.h"
#include "core/form.h"

struct web_after;

/* The list's form, empty. */
void web_form_show(struct web *, struct http_exchange *,
    const struct config_list *, const char *lang);
/*
 * The form of what was posted, all its lists, and what there is to mend; if
 * `fill`, with what was typed.  It must have a list and a language.
 */
void web_form_again(struct web *, struct http_exchange *,
    const struct form *, enum web_error, bool fill);

/* "Look into your mailbox". */
struct web_pending {
	const struct config_list *list;		/* may be NULL */
	const char *lang;
	const struct web_after *after;		/* NULL: nothing is known */
	bool code_error;	/* a wrong code was typed: 400 */
	bool no_cookie;		/* any: there is no telling whose it is */
};
void web_form_pending(struct web *, struct http_exchange *,
    const struct web_pending *);

struct view;
/* Adds a form token for that list ("": none), once there is a key for it. */
void web_form_add_token(const struct web *, const char *list, struct view *);
/*
 * Adds a list's own field to the view's fields: named with a prefix, filled
 * in with a value ("": empty), marked when it is bad.
 */
void web_form_add_own_field(struct view *, const struct config_field *,
    const char *prefix, const char *value, bool bad);

#endif
