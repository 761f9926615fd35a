/* SPDX-License-Identifier: ISC */
/*
 * The chunked transfer coding (RFC 9112 §7.1), decoded strictly and as it
 * comes, in pieces of any size.  Extensions and trailers are checked, bounded
 * and dropped.
 */
#ifndef IO_HTTP_CHUNK_H
#define IO_HTTP_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/* Zero-initialise; one for each body. */
struct http_chunk {
	unsigned state;
	unsigned digits;	/* of the size that is being read */
	uint64_t left;		/* bytes of the chunk still to come */
	size_t overhead;	/* extensions and trailers so far */
	bool last;		/* the last chunk's size was read */
};

enum http_chunk_result { HTTP_CHUNK_MORE, HTTP_CHUNK_DONE,
	HTTP_CHUNK_MALFORMED, HTTP_CHUNK_TOO_LARGE };

/*
 * Decodes as much of `in` as belongs to the body, appends the content to
 * `out` (never more than `limit` bytes in all) and tells how much of `in` it
 * used.
 */
enum http_chunk_result http_chunk_feed(struct http_chunk *, struct slice in,
    size_t limit, struct buf *out, size_t *ret_used);

#endif
