/* SPDX-License-Identifier: ISC */
/*
 * Names of header fields, as one table.
 */
#include "io/http_field.h"

#include <stddef.h>

static const struct {
	struct slice name;
	bool single;
} fields[HTTP_FIELD_END] = {
	[HTTP_FIELD_OTHER] = { SLICE(""), false },
	[HTTP_FIELD_ACCEPT] = { SLICE("Accept"), false },
	[HTTP_FIELD_ACCEPT_LANGUAGE] = { SLICE("Accept-Language"), false },
	[HTTP_FIELD_AUTHORIZATION] = { SLICE("Authorization"), true },
	[HTTP_FIELD_CONNECTION] = { SLICE("Connection"), false },
	[HTTP_FIELD_CONTENT_ENCODING] = { SLICE("Content-Encoding"), true },
	[HTTP_FIELD_CONTENT_LENGTH] = { SLICE("Content-Length"), true },
	[HTTP_FIELD_CONTENT_TYPE] = { SLICE("Content-Type"), true },
	[HTTP_FIELD_COOKIE] = { SLICE("Cookie"), false },
	[HTTP_FIELD_EXPECT] = { SLICE("Expect"), true },
	[HTTP_FIELD_FORWARDED] = { SLICE("Forwarded"), false },
	[HTTP_FIELD_HOST] = { SLICE("Host"), true },
	[HTTP_FIELD_ORIGIN] = { SLICE("Origin"), true },
	[HTTP_FIELD_REFERER] = { SLICE("Referer"), true },
	[HTTP_FIELD_REQUEST_METHOD] = {
	    SLICE("Access-Control-Request-Method"), true },
	[HTTP_FIELD_FETCH_DEST] = { SLICE("Sec-Fetch-Dest"), true },
	[HTTP_FIELD_FETCH_MODE] = { SLICE("Sec-Fetch-Mode"), true },
	[HTTP_FIELD_FETCH_SITE] = { SLICE("Sec-Fetch-Site"), true },
	[HTTP_FIELD_FETCH_USER] = { SLICE("Sec-Fetch-User"), true },
	[HTTP_FIELD_TRANSFER_ENCODING] = { SLICE("Transfer-Encoding"), true },
	[HTTP_FIELD_USER_AGENT] = { SLICE("User-Agent"), true },
	[HTTP_FIELD_X_FORWARDED_FOR] = { SLICE("X-Forwarded-For"), false },
	[HTTP_FIELD_X_FORWARDED_PROTO] = { SLICE("X-Forwarded-Proto"), false },
};

enum http_field
http_field_of(struct slice name)
{
	for (int i = HTTP_FIELD_OTHER + 1; i < HTTP_FIELD_END; i++) {
		if (name.len == fields[i].name.len &&
		    slice_ieq(name, fields[i].name))
			return (enum http_field)i;
	}
	return HTTP_FIELD_OTHER;
}

const char *
http_field_name(enum http_field field)
{
	return fields[field].name.p;
}

bool
http_field_is_single(enum http_field field)
{
	return fields[field].single;
}
