/* SPDX-License-Identifier: ISC */
/*
 * A catalogue: the texts of one language, `key = text` lines.  A blank line
 * and one that begins with "#" say nothing.  A text is plain (no HTML) and a
 * Mustache template; two double quotes around one keep blanks at its ends.
 */
#ifndef CORE_CATALOG_H
#define CORE_CATALOG_H

#include "base/buf.h"
#include "base/slice.h"

struct catalog;
struct mustache;

/*
 * Owned; NULL after adding every mistake to `errors`, one "FILE:LINE: what is
 * wrong and what would be right" a line.
 */
struct catalog *catalog_parse(struct slice source, const char *file,
    struct buf *errors);
void catalog_free(struct catalog *);
/* NULL when it has no such text. */
const struct mustache *catalog_text(const struct catalog *, struct slice key);
/* Calls back for each text, in the order of their keys. */
void catalog_each(const struct catalog *,
    void (*on_text)(struct slice key, const struct mustache *text,
    unsigned line, void *arg), void *arg);

#endif
