/* SPDX-License-Identifier: ISC */
/*
 * Answers: pages from templates, JSON for programs, redirects; each with the
 * headers that keep browsers safe.  Of a request nothing is shown but a form's
 * values, in a form to be mended.
 */
#ifndef APP_WEB_PAGE_H
#define APP_WEB_PAGE_H

#include "app/web/web.h"

struct json;
struct view;

enum web_error { WEB_OK, WEB_BAD_REQUEST, WEB_MISSING_EMAIL,
	WEB_INVALID_EMAIL, WEB_UNKNOWN_LIST, WEB_INVALID_FIELD,
	WEB_CONSENT_REQUIRED, WEB_CHALLENGE_REQUIRED, WEB_INVALID_CHALLENGE,
	WEB_WRONG_CODE, WEB_ORIGIN_NOT_ALLOWED,
	WEB_NOT_FOUND, WEB_METHOD_NOT_ALLOWED, WEB_EXPIRED, WEB_TOO_LARGE,
	WEB_UNSUPPORTED_MEDIA_TYPE, WEB_RATE_LIMITED, WEB_UNAVAILABLE,
	WEB_ERRORS };

/* "invalid_email": for programs, and for the catalogues. */
const char *web_error_code(enum web_error);
unsigned web_error_status(enum web_error);

/* Counts what a subscribe post was answered. */
void web_subscribe_count(const struct web *, enum web_error);

/* One page. */
struct web_page {
	unsigned status;
	const char *template;		/* "confirm" */
	const char *lang;
	const struct config_list *list;	/* whose templates; NULL: of none */
	bool is_form;			/* its posts tell where they are from;
					 * else it tells nobody anything */
	bool has_script;
	const struct config_strings *framed_by;	/* NULL: nobody */
	const char *leads_to;		/* a URL that its forms may end at;
					 * NULL or "": none */
};

/* As that list (NULL: none) has them. */
const struct templates *web_templates(const struct web *,
    const struct config_list *);
/* What every page of that list (NULL: of none) is given.  Owned. */
struct view *web_page_view(const struct web *, const char *lang,
    const struct config_list *);
/* error_text: what the error is, in words. */
void web_page_set_error(const struct templates *, struct view *,
    const char *lang, enum web_error);
/* Takes the view. */
void web_page_show(struct web *, struct http_exchange *,
    const struct web_page *, struct view *);

/* What programs are told of errors, in each language that web has. */
void web_page_errors_init(struct web *);
void web_page_errors_fini(struct web *);
/* An error as page or JSON; `field` is the one at fault, NULL: none. */
void web_page_fail(struct web *, struct http_exchange *, enum web_error,
    const char *field);
/* As JSON, with one member more; takes its value. */
void web_page_fail_with(struct web *, struct http_exchange *, enum web_error,
    const char *name, struct json *value);
/* WEB_EXPIRED, with a way to the form of that list, or the only one there is;
 * NULL: it isn't known. */
void web_page_expired(struct web *, struct http_exchange *,
    const struct config_list *);
/* As web_page_fail, with Retry-After: seconds. */
void web_page_fail_later(struct web *, struct http_exchange *,
    enum web_error, unsigned seconds);
/* {"status":"pending"}. */
void web_page_json(struct web *, struct http_exchange *, unsigned status,
    const char *word);
/* Any other; takes it. */
void web_page_json_of(struct web *, struct http_exchange *, unsigned status,
    struct json *);
/* An answer that is JSON already. */
void web_page_json_text(struct web *, struct http_exchange *, unsigned status,
    struct slice);
/* JSON that a browser saves as a file of that name; takes it. */
void web_page_download(struct web *, struct http_exchange *, struct json *,
    const char *name);
/* 303 See Other. */
void web_page_redirect(struct web *, struct http_exchange *,
    const char *url);
/* The error page of what was no request, or too much of one. */
void web_page_malformed(struct web *, struct http_exchange *,
    unsigned status);

/* Headers of every answer. */
void web_page_headers(struct web *, struct http_exchange *);

#endif
