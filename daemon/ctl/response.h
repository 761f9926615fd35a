/* SPDX-License-Identifier: ISC */
/*
 * An HTTP/1.1 response, read as it comes, in pieces of any size: what the
 * admin socket sends and nothing more.  Pure: no sockets.
 */
#ifndef CTL_RESPONSE_H
#define CTL_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"
#include "io/http_chunk.h"

/* Zero-initialise; one for each response, then response_fini. */
struct response {
	unsigned status;	/* 0 until the head was read */
	bool done;		/* all of it was read */
	bool closes;		/* the connection ends with it */
	bool chunked;
	uint64_t left;		/* of a body with a length */
	struct buf head;	/* as far as it came */
	struct buf content;	/* of the chunks at hand */
	struct http_chunk chunk;
};

void response_fini(struct response *);
/*
 * Takes the next bytes; content goes to on_body as it comes, when status is
 * known.  -1 when this is no response, or more than one.
 */
int response_feed(struct response *, struct slice data,
    void (*on_body)(struct slice content, void *arg), void *arg);

#endif
