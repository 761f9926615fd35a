/* SPDX-License-Identifier: ISC */
/*
 * The header fields that anybody here asks for.  A field's name is looked up
 * once, when its line is read; from then on it is known by number.
 */
#ifndef IO_HTTP_FIELD_H
#define IO_HTTP_FIELD_H

#include <stdbool.h>

#include "base/slice.h"

enum http_field {
	HTTP_FIELD_OTHER,	/* nobody's */
	HTTP_FIELD_ACCEPT,
	HTTP_FIELD_ACCEPT_LANGUAGE,
	HTTP_FIELD_AUTHORIZATION,
	HTTP_FIELD_CONNECTION,
	HTTP_FIELD_CONTENT_ENCODING,
	HTTP_FIELD_CONTENT_LENGTH,
	HTTP_FIELD_CONTENT_TYPE,
	HTTP_FIELD_COOKIE,
	HTTP_FIELD_EXPECT,
	HTTP_FIELD_FORWARDED,
	HTTP_FIELD_HOST,
	HTTP_FIELD_ORIGIN,
	HTTP_FIELD_REFERER,
	HTTP_FIELD_REQUEST_METHOD,	/* Access-Control-Request-Method */
	HTTP_FIELD_FETCH_DEST,		/* Sec-Fetch-Dest */
	HTTP_FIELD_FETCH_MODE,
	HTTP_FIELD_FETCH_SITE,
	HTTP_FIELD_FETCH_USER,
	HTTP_FIELD_TRANSFER_ENCODING,
	HTTP_FIELD_USER_AGENT,
	HTTP_FIELD_X_FORWARDED_FOR,
	HTTP_FIELD_X_FORWARDED_PROTO,
	HTTP_FIELD_END
};

/* Of a name in upper, lower or mixed case. */
enum http_field http_field_of(struct slice name);
/* As RFCs write it; "" for OTHER. */
const char *http_field_name(enum http_field);
/* It decides something: a head that has it twice is malformed. */
bool http_field_is_single(enum http_field);

#endif
