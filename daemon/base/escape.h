/* SPDX-License-Identifier: ISC */
/*
 * Escaping, done where text leaves and nowhere else: one function for each
 * way out.  Each appends to the buffer.
 */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include "base/buf.h"
#include "base/slice.h"

/* Text and quoted attribute values: & < > " '. */
void escape_html(struct buf *out, struct slice s);
/* One component of a URL (RFC 3986 §2.3: all but unreserved is %XX). */
void escape_url(struct buf *out, struct slice s);
/*
 * A log value: C0, C1, bidi controls and invalid UTF-8 as \xNN; quoted when
 * it holds a blank, a quote or nothing.
 */
void escape_log(struct buf *out, struct slice s);
/* A string of JSON with its quotes (RFC 8259 §7); U+FFFD for invalid UTF-8. */
void escape_json(struct buf *out, struct slice s);
/* Text for people: C0, C1, bidi controls and invalid UTF-8 as \xNN. */
void escape_terminal(struct buf *out, struct slice s);
/* A header's value: fails the buffer on CR, LF and NUL (RFC 9110 §5.5). */
void escape_header(struct buf *out, struct slice s);

#endif
