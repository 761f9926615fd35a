/* SPDX-License-Identifier: ISC */
/*
 * The form on which somebody changes their own data.  Its fields: `name`; the
 * lists' own as field_NAME; had_LIST for each list that was shown, list_LIST
 * for each to stay on; join_LIST, whose value is the hash of the consent text
 * that was shown.
 */
#ifndef APP_WEB_MANAGE_FORM_H
#define APP_WEB_MANAGE_FORM_H

#include "app/web/web_page.h"
#include "core/message.pb-c.h"
#include "io/http_form.h"

#define WEB_MANAGE_FIELD "field_"

/*
 * Fills in name, fields, leave and join (owned by the message); WEB_OK, or
 * what is wrong and in which field (borrowed from config or form).
 */
enum web_error web_manage_form_read(const struct config *,
    const struct http_form *, Message__Manage *, const char **ret_field);

#endif
