/* SPDX-License-Identifier: ISC */
/*
 * What web reads out of a request's headers and body, once for all routes.
 */
#ifndef APP_WEB_REQUEST_H
#define APP_WEB_REQUEST_H

#include "app/web/web_page.h"
#include "core/message.pb-c.h"
#include "io/http_form.h"

/* Whether a program wants JSON where a browser wants a page. */
bool web_wants_json(const struct http_request *);
/* The best of those languages by Accept-Language, else the first. */
const char *web_language(const struct http_request *,
    const struct config_strings *offered);

/*
 * The body as a form, owned; an empty body is an empty form.  NULL, and why,
 * when it is none.
 */
struct http_form *web_parse_form(const struct http_request *,
    enum web_error *ret_error);
/*
 * The same, of names that each have one value; NULL after having answered why
 * not.
 */
struct http_form *web_read_form(struct web *, struct http_exchange *);
bool web_form_is(const struct http_form *, const char *name,
    const char *value);

/*
 * A press by a person, as far as can be seen: the field that the page's
 * script sets on a trusted event and, from clients that send Fetch Metadata,
 * its word that a person acted.
 */
bool web_is_pressed(const struct http_request *, const struct http_form *);
/* No Fetch Metadata at all, or the word that a person acted. */
bool web_is_by_hand(const struct http_request *);
/* The word that a script sent it, on a page of our site but not of ours. */
bool web_is_fetch(const struct http_request *);

/* Fills in what the headers tell; web_evidence_clear frees it. */
void web_evidence_read(const struct http_request *, Fact__Evidence *);
/* Its two halves: who posted, and from which page. */
void web_evidence_read_client(const struct http_request *, Fact__Evidence *);
void web_evidence_read_page(const struct http_request *, Fact__Evidence *);
/* Frees what web_evidence_read filled in, not the message. */
void web_evidence_clear(Fact__Evidence *);

#endif
