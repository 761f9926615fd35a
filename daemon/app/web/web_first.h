/* SPDX-License-Identifier: ISC */
/*
 * Where a form post comes from.  One that a challenge page carries on comes
 * from our own page, but what counts is whose page it came from at first: so
 * that page has it as a field, signed, as nobody else may tell.
 */
#ifndef APP_WEB_FIRST_H
#define APP_WEB_FIRST_H

#include "app/web/web_origin.h"
#include "core/message.pb-c.h"
#include "io/http_form.h"

/*
 * What is known of the first post, this one or the one it carries on: its
 * evidence holds what the headers told of the page.  Of a field that isn't
 * ours nothing is known.  Owned: message__first_post__free_unpacked.
 */
Message__FirstPost *web_first_read(const struct web *,
    const struct http_request *, const struct http_form *);
/* The field's value, owned. */
char *web_first_write(const struct web *, const Message__FirstPost *);
/* As web_origin_of, of the first post; without lists as web_origin_of_any. */
enum web_origin web_first_origin(const struct web *,
    const Message__FirstPost *, const struct config_list *const *lists,
    size_t count);
/* Puts it into the evidence of the post, which says nothing of a page yet. */
void web_first_tell(const Message__FirstPost *, Fact__Evidence *);

#endif
