/* SPDX-License-Identifier: ISC */
/*
 * Lines of plain text, none longer than a reader's eye likes.
 */
#ifndef CORE_WRAP_H
#define CORE_WRAP_H

#include "base/buf.h"
#include "base/slice.h"

/*
 * Appends text, its lines broken at blanks so that none is longer than
 * `columns` characters; a line goes on with the indentation it began with.  A
 * word that is too long (a URL) stays whole, on a line of its own.  Several
 * blank lines become one, those at both ends none.
 */
void wrap_text(struct buf *out, struct slice text, size_t columns);

#endif
