/* SPDX-License-Identifier: ISC */
/*
 * A small automaton: bytes of content are copied in one go, all others are
 * looked at one by one.
 */
#include "io/http_chunk.h"

#include "io/http_chars.h"

enum state { SIZE, EXTENSION, SIZE_LF, CONTENT, CONTENT_CR, CONTENT_LF,
	TRAILER_START, TRAILER_NAME, TRAILER_VALUE, TRAILER_LF, END_LF };

/* Eight digits are 4 GiB; nobody's extensions are that long either. */
enum { DIGITS_MAX = 8, OVERHEAD_MAX = 4096 };

static enum http_chunk_result
go(struct http_chunk *c, enum state next)
{
	c->state = next;
	return HTTP_CHUNK_MORE;
}

static bool
is_token_char(char c)
{
	return http_is_token(slice_of(&c, 1));
}

static enum http_chunk_result
feed_size(struct http_chunk *c, char ch)
{
	int digit = http_hex_value(ch);

	if (digit >= 0) {
		if (c->digits++ == DIGITS_MAX)
			return HTTP_CHUNK_MALFORMED;
		c->left = c->left * 16 + (uint64_t)digit;
		return HTTP_CHUNK_MORE;
	}
	if (c->digits == 0)
		return HTTP_CHUNK_MALFORMED;
	c->last = c->left == 0;
	if (ch == ';')
		return go(c, EXTENSION);
	return ch == '\r' ? go(c, SIZE_LF) : HTTP_CHUNK_MALFORMED;
}

/* Text up to the line's end, none of our business but its length. */
static enum http_chunk_result
feed_text(struct http_chunk *c, char ch, enum state after)
{
	if (ch == '\r')
		return go(c, after);
	return http_is_field_text(slice_of(&ch, 1)) &&
	    c->overhead++ < OVERHEAD_MAX ? HTTP_CHUNK_MORE :
	    HTTP_CHUNK_MALFORMED;
}

static enum http_chunk_result
feed_trailer_name(struct http_chunk *c, char ch)
{
	if (ch == ':' && c->state == TRAILER_NAME)
		return go(c, TRAILER_VALUE);
	if (ch == '\r' && c->state == TRAILER_START)
		return go(c, END_LF);
	if (!is_token_char(ch) || c->overhead++ >= OVERHEAD_MAX)
		return HTTP_CHUNK_MALFORMED;
	return go(c, TRAILER_NAME);
}

static enum http_chunk_result
expect(struct http_chunk *c, char ch, char wanted, enum state next)
{
	return ch == wanted ? go(c, next) : HTTP_CHUNK_MALFORMED;
}

static enum http_chunk_result
feed_char(struct http_chunk *c, char ch)
{
	switch ((enum state)c->state) {
	case SIZE:
		return feed_size(c, ch);
	case EXTENSION:
		return feed_text(c, ch, SIZE_LF);
	case SIZE_LF:
		return expect(c, ch, '\n', c->last ? TRAILER_START : CONTENT);
	case CONTENT_CR:
		return expect(c, ch, '\r', CONTENT_LF);
	case CONTENT_LF:
		c->digits = 0;
		return expect(c, ch, '\n', SIZE);
	case TRAILER_START:
	case TRAILER_NAME:
		return feed_trailer_name(c, ch);
	case TRAILER_VALUE:
		return feed_text(c, ch, TRAILER_LF);
	case TRAILER_LF:
		return expect(c, ch, '\n', TRAILER_START);
	case END_LF:
		return ch == '\n' ? HTTP_CHUNK_DONE : HTTP_CHUNK_MALFORMED;
	case CONTENT:
		break;
	}
	return HTTP_CHUNK_MALFORMED;
}

static size_t
feed_content(struct http_chunk *c, struct slice in, struct buf *out)
{
	size_t n = in.len < c->left ? in.len : (size_t)c->left;

	buf_add(out, in.p, n);
	c->left -= n;
	if (c->left == 0)
		c->state = CONTENT_CR;
	return n;
}

enum http_chunk_result
http_chunk_feed(struct http_chunk *c, struct slice in, size_t limit,
    struct buf *out, size_t *ret_used)
{
	enum http_chunk_result result = HTTP_CHUNK_MORE;
	size_t used = 0;

	while (result == HTTP_CHUNK_MORE && used < in.len) {
		if (c->state == CONTENT)
			used += feed_content(c, slice_sub(in, used, in.len),
			    out);
		else
			result = feed_char(c, in.p[used++]);
		if (result == HTTP_CHUNK_MORE && c->left > limit - out->len)
			result = HTTP_CHUNK_TOO_LARGE;
	}
	*ret_used = used;
	return result;
}
