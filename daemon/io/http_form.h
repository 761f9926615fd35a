/* SPDX-License-Identifier: ISC */
/*
 * A form's body as name and value pairs: application/x-www-form-urlencoded
 * (WHATWG URL §5), multipart/form-data (RFC 7578) and a JSON object.  All are
 * strict: %XX decoded once, valid UTF-8 without NUL (ASCII where the client
 * names another charset), at most HTTP_FORM_MAX pairs.  In JSON, strings,
 * numbers and booleans are values; an array gives its name once an element;
 * an object `a` gives "a[b]" names; null is absent.
 */
#ifndef IO_HTTP_FORM_H
#define IO_HTTP_FORM_H

#include <stddef.h>

#include "base/slice.h"

enum { HTTP_FORM_MAX = 64 };

enum http_form_type { HTTP_FORM_URLENCODED, HTTP_FORM_MULTIPART,
	HTTP_FORM_JSON };

struct http_pair {
	char *name;	/* NUL-terminated, without NUL inside */
	char *value;
};

struct http_form {
	enum http_form_type type;
	struct http_pair *pair;
	size_t count;
};

enum http_form_error { HTTP_FORM_OK, HTTP_FORM_UNSUPPORTED_TYPE,
	HTTP_FORM_MALFORMED, HTTP_FORM_TOO_MANY };

/* Owned in *ret_form (http_form_free) when HTTP_FORM_OK. */
enum http_form_error http_form_parse(struct slice content_type,
    struct slice body, struct http_form **ret_form);
/* A query string, the same way. */
enum http_form_error http_form_parse_query(struct slice query,
    struct http_form **ret_form);
void http_form_free(struct http_form *);
/* The first value of that name; NULL when there is none.  Borrowed. */
const char *http_form_get(const struct http_form *, const char *name);

#endif
