/* SPDX-License-Identifier: ISC */
/*
 * Growing bytes.  Knows nothing of what they mean.
 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

void
buf_init(struct buf *b, size_t limit)
{
	*b = (struct buf){ .limit = limit };
}

void
buf_fini(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ .limit = b->limit };
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->p != NULL)
		b->p[0] = '\0';
}

bool
buf_failed(const struct buf *b)
{
	return b->failed;
}

void
buf_fail(struct buf *b)
{
	b->failed = true;
}

/* The same, where it isn't clear at once. */
static bool
grow(struct buf *b, size_t len)
{
	size_t cap = b->cap > 0 ? b->cap : 64;

	if (b->failed)
		return false;
	if (len > SIZE_MAX / 4 || (b->limit > 0 && len > b->limit - b->len)) {
		b->failed = true;
		return false;
	}
	while (cap < b->len + len + 1)
		cap *= 2;
	if (cap != b->cap) {
		b->p = mem_resize(b->p, cap, 1);
		b->cap = cap;
	}
	return true;
}

/* Room for len more and a NUL; false once failed. */
static inline bool
make_room(struct buf *b, size_t len)
{
	bool is_there = len < b->cap - b->len && !b->failed &&
	    (b->limit == 0 || len <= b->limit - b->len);

	return is_there || grow(b, len);
}

void
buf_reserve(struct buf *b, size_t len)
{
	if (make_room(b, len))
		b->p[b->len] = '\0';
}

void
buf_add(struct buf *b, const void *p, size_t len)
{
	if (!make_room(b, len))
		return;
	if (len > 0)
		memcpy(b->p + b->len, p, len);
	b->len += len;
	b->p[b->len] = '\0';
}

void
buf_add_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.len);
}

void
buf_add_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_add_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_add_num(struct buf *b, int64_t number)
{
	char digits[sizeof("-9223372036854775808")], *end = digits +
	    sizeof(digits), *p = end;
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		*--p = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (number < 0)
		*--p = '-';
	buf_add(b, p, (size_t)(end - p));
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int need;

	va_copy(again, ap);
	need = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (need < 0) {
		b->failed = true;
		return;
	}
	if (!make_room(b, (size_t)need))
		return;
	vsnprintf(b->p + b->len, (size_t)need + 1, fmt, ap);
	b->len += (size_t)need;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

struct slice
buf_slice(const struct buf *b)
{
	return slice_of(b->p, b->len);
}

const char *
buf_str(const struct buf *b)
{
	return b->p != NULL ? b->p : "";
}

char *
buf_take(struct buf *b)
{
	char *p = b->p != NULL ? b->p : mem_strdup("");

	*b = (struct buf){ .limit = b->limit };
	return p;
}
