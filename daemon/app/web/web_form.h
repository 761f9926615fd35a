/* SPDX-License-Identifier: ISC */
/*
 * The pages of forms that visitors fill in: a list's hosted form, and the one
 * that asks for the mail's code.
 */
#ifndef APP_WEB_FORM_H
#define APP_WEB_FORM_H

#include "app/web/web_page.h"

/* The form, empty; with an error, what to mend (`field`: where). */
void web_form_show(struct web *, struct http_exchange *,
    const struct config_list *, const char *lang, enum web_error,
    const char *field);

/* "Look into your mailbox"; `list` may be NULL; after a wrong code: 400. */
void web_form_pending(struct web *, struct http_exchange *,
    const struct config_list *, const char *lang, bool code_error);

#endif
