/* SPDX-License-Identifier: ISC */
/*
 * The parts of a multipart/form-data body (RFC 7578), one by one and strictly:
 * CRLF line ends, nothing before the first boundary or after the last.
 */
#ifndef IO_HTTP_MULTIPART_H
#define IO_HTTP_MULTIPART_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

struct http_multipart {
	struct slice rest;	/* borrowed from the body */
	struct buf delimiter;	/* CRLF "--" boundary */
	bool ended;
};

struct http_part {
	struct buf name;	/* of the field; reused from part to part */
	bool is_file;		/* has a file name */
	struct slice value;	/* borrowed from the body */
};

/* Borrows the body.  0, or -1 when the boundary or the start is malformed. */
int http_multipart_init(struct http_multipart *, struct slice boundary,
    struct slice body);
void http_multipart_fini(struct http_multipart *);
/* The next part: 1, 0 after the last, -1 when malformed. */
int http_multipart_next(struct http_multipart *, struct http_part *);

#endif
