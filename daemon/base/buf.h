/* SPDX-License-Identifier: ISC */
/*
 * A buffer owns the bytes it builds and grows as needed.  It has a sticky
 * error: when a limit is set and would be passed, it takes nothing more and
 * buf_failed() says so at the end, so that writers need not check each step.
 * Embedded: zero-initialise it ({0}) or call buf_init; then buf_fini.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct buf {
	char *p;	/* NUL-terminated once anything was added */
	size_t len;	/* without that NUL */
	size_t cap;
	size_t limit;	/* 0: none */
	bool failed;
};

void buf_init(struct buf *b, size_t limit);
/* Frees the bytes; the buffer is empty and usable again. */
void buf_fini(struct buf *b);
/* Forgets the content and the error, keeps the memory. */
void buf_reset(struct buf *b);
bool buf_failed(const struct buf *b);
/* Marks it failed: a writer met what it cannot write. */
void buf_fail(struct buf *b);

/* Makes room for that many more at once, where it is known before. */
void buf_reserve(struct buf *b, size_t len);
void buf_add(struct buf *b, const void *p, size_t len);
void buf_add_slice(struct buf *b, struct slice s);
void buf_add_str(struct buf *b, const char *s);
void buf_add_char(struct buf *b, char c);
/* In decimal. */
void buf_add_num(struct buf *b, int64_t number);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* What is there, borrowed until the next change. */
struct slice buf_slice(const struct buf *b);
/* The same as a string; "" when empty.  Borrowed. */
const char *buf_str(const struct buf *b);
/* Hands the bytes over, NUL-terminated, owned; the buffer is empty then. */
char *buf_take(struct buf *b);

#endif
