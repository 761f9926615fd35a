/* SPDX-License-Identifier: ISC */
/*
 * What an HTTP server bears from its clients.
 */
#ifndef IO_HTTP_LIMITS_H
#define IO_HTTP_LIMITS_H

#include <stddef.h>

struct http_limits {
	size_t request_line;	/* bytes, its CRLF included */
	size_t header_bytes;	/* all of them, with their CRLFs */
	size_t header_count;	/* lines */
	size_t body;		/* bytes, decoded */
	/* Absolute, from the first byte of a head or a body. */
	unsigned header_seconds, body_seconds;
	unsigned keepalive_seconds;	/* idle, between requests */
	unsigned stall_seconds;		/* of an answer that nobody reads */
	unsigned min_body_rate;		/* bytes a second, after 5 s */
	/*
	 * Loopback, UNIX sockets and trusted proxies have no cap of their own,
	 * but a proxy's clients have it: of requests under way.
	 */
	unsigned connections, connections_per_peer;
};

/* Sensible ones, for a listener that anybody can reach. */
extern const struct http_limits http_limits_default;

#endif
