/* SPDX-License-Identifier: ISC */
/*
 * A request as a handler gets it: whole, its body decoded.
 */
#ifndef IO_HTTP_REQUEST_H
#define IO_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "io/http_field.h"

struct http_exchange;

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_OPTIONS, HTTP_PUT,
	HTTP_DELETE, HTTP_PATCH, HTTP_OTHER };

/* What the client itself speaks, as far as that is known. */
enum http_scheme { HTTP_SCHEME_UNTOLD, HTTP_SCHEME_HTTP, HTTP_SCHEME_HTTPS };

struct http_header {
	enum http_field field;
	struct slice name;
	struct slice value;
};

/* Borrowed parts, good until the exchange is answered. */
struct http_request {
	enum http_method method;
	struct slice path;	/* raw, without the query; "*": OPTIONS */
	struct slice query;	/* raw, without '?' */
	struct slice body;
	const struct http_header *headers;
	size_t header_count;
	/*
	 * Who asks: a numeric address, or "unix".  Of a request that came
	 * through a trusted proxy it is the proxy's client.
	 */
	char client[64];
	enum http_scheme scheme;
	uint32_t uid, gid;	/* of a UNIX socket's peer (SO_PEERCRED) */
	uint64_t serial;	/* for the log: counts the server's requests */
};

/* The value, trimmed, of the first such header; p == NULL: there is none. */
struct slice http_request_header(const struct http_request *,
    enum http_field);

/* Is the process at the other end of the UNIX socket in that group? */
bool http_exchange_is_of_group(const struct http_exchange *, uint32_t gid);

#endif
