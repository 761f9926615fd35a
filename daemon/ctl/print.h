/* SPDX-License-Identifier: ISC */
/*
 * Output for people: columns that line up, and texts of strangers that can't
 * harm a terminal.
 */
#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

struct json;
struct table;

/*
 * Columns under their heads; a head that starts with '>' is of numbers,
 * aligned right.  Borrows the heads.
 */
struct table *table_new(const char *const *heads, size_t columns);
/* The next cell, row by row; an empty one is shown as "-". */
void table_add(struct table *, struct slice text);
void table_add_number(struct table *, int64_t number);
/* The member of that name: a text or a whole number. */
void table_add_member(struct table *, const struct json *object,
    const char *name);
size_t table_rows(const struct table *);
/* To stdout, then frees it. */
void table_print(struct table *);

/* Escaped for a terminal, to stdout, padded to `width` characters. */
void print_clean(struct slice text, size_t width);
/* "3 d 4 h", "12 min": the two largest units. */
void print_add_duration(struct buf *out, int64_t seconds);
/* "1.5 MiB". */
void print_add_size(struct buf *out, int64_t bytes);

#endif
