/* SPDX-License-Identifier: ISC */
/*
 * A chunked body is the same in one piece and byte by byte, and never more
 * than its limit.
 */
#include "io/http_chunk.h"

#include "fuzz.h"

enum { LIMIT = 1000 };

struct decoded {
	enum http_chunk_result result;
	struct buf content;
	size_t used;
};

static void
decode(struct slice data, size_t step, struct decoded *ret_decoded)
{
	struct http_chunk chunk = { 0 };
	struct decoded *d = ret_decoded;

	*d = (struct decoded){ .result = HTTP_CHUNK_MORE };
	while (d->result == HTTP_CHUNK_MORE && d->used < data.len) {
		struct slice piece = slice_sub(data, d->used, d->used + step);
		size_t used = 0;

		d->result = http_chunk_feed(&chunk, piece, LIMIT, &d->content,
		    &used);
		MUST(used <= piece.len);
		MUST(d->result != HTTP_CHUNK_MORE || used == piece.len);
		d->used += used;
	}
	MUST(d->content.len <= LIMIT);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_of(data, size);
	struct decoded whole, parts;

	decode(all, size, &whole);
	decode(all, 1, &parts);
	MUST(whole.result == parts.result);
	if (whole.result == HTTP_CHUNK_DONE || whole.result == HTTP_CHUNK_MORE)
		MUST(whole.used == parts.used && slice_eq(
		    buf_slice(&whole.content), buf_slice(&parts.content)));
	buf_fini(&whole.content);
	buf_fini(&parts.content);
	return 0;
}
