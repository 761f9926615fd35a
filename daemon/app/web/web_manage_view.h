/* SPDX-License-Identifier: ISC */
/*
 * A contact as the templates of its own pages are given it.
 */
#ifndef APP_WEB_MANAGE_VIEW_H
#define APP_WEB_MANAGE_VIEW_H

#include "app/web/web.h"
#include "core/message.pb-c.h"

struct view;

/* topics, joinable, waiting, no_lists. */
void web_manage_view_lists(const struct web *, struct view *,
    const Message__Managed *);
/* fields, with their values; `bad`: the one at fault, or NULL. */
void web_manage_view_fields(const struct web *, struct view *,
    const Message__Contact *, const char *bad);
/* Everything there is. */
void web_manage_view_data(const struct web *, struct view *,
    const Message__Contact *, const char *lang);

#endif
