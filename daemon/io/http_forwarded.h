/* SPDX-License-Identifier: ISC */
/*
 * What trusted proxies say about their client: X-Forwarded-For and
 * X-Forwarded-Proto, or Forwarded (RFC 7239) where there is no
 * X-Forwarded-For.  Each proxy adds its own neighbour at the right, so that
 * the chain is read from there to the first address that is no proxy of ours;
 * what stands left of it is anybody's invention.  Pure.
 */
#ifndef IO_HTTP_FORWARDED_H
#define IO_HTTP_FORWARDED_H

#include <stddef.h>

#include "base/ip.h"
#include "io/http_request.h"

struct http_trust;

struct http_forwarded {
	struct ip client;	/* empty: nothing said, or malformed */
	enum http_scheme scheme;
};

/* Reads the headers of a trusted neighbour's request. */
void http_forwarded_read(const struct http_trust *,
    const struct http_header *headers, size_t count,
    struct http_forwarded *ret_forwarded);
/* Which of these headers is there; OTHER when none is. */
enum http_field http_forwarded_field(const struct http_header *headers,
    size_t count);

#endif
