/* SPDX-License-Identifier: ISC */
/*
 * The head of an HTTP/1.1 request: found in a stream of bytes, then taken
 * apart (RFC 9112, nothing optional taken).  Pure: no sockets, no clock.
 * What is wrong is told as the status to answer with.
 */
#ifndef IO_HTTP_PARSE_H
#define IO_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "io/http.h"

/* Where the search for a head's end has come to; zero-initialise. */
struct http_scan {
	size_t seen;		/* bytes looked at */
	size_t line_start;	/* of the line that is not whole yet */
	size_t headers_start;	/* 0 until the request line is whole */
	size_t headers;		/* lines of them */
	bool after_cr;
};

/*
 * Looks on for the end of a head in `data`, which starts with the head and
 * holds what was there before.  0 and *ret_len (the empty line included) when
 * it is whole, *ret_len = 0 when more must come; else the status: 400 for a
 * control byte, a bare CR or a bare LF, 414, 431 (too many bytes or lines).
 */
unsigned http_scan_head(struct http_scan *, struct slice data,
    const struct http_limits *, size_t *ret_len);

/* A head, taken apart; every slice borrows from its text. */
struct http_head {
	enum http_method method;
	struct slice path;
	struct slice query;
	struct http_header *header;	/* the caller's */
	size_t header_count;
	unsigned minor;		/* of HTTP/1.x: 0 or 1 */
	bool has_length;
	uint64_t length;	/* Content-Length */
	bool chunked;
	bool expects_continue;
	bool close;		/* asked for, or HTTP/1.0 */
};

/*
 * Takes apart a whole head, as it was scanned; ret_head->header is room for
 * all its headers.  0, or the status: 400, 413 (a length above the limit),
 * 417, 501, 505.  With 413 and 417 *ret_head is filled in.
 */
unsigned http_parse_head(struct slice head, const struct http_limits *,
    struct http_head *ret_head);

/* The first such header; p == NULL when there is none. */
struct slice http_header_find(const struct http_header *, size_t count,
    enum http_field);

#endif
