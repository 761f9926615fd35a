/* SPDX-License-Identifier: ISC */
/*
 * Mail messages out of plain values: multipart/alternative, text
 * first, 7-bit, CRLF.  Knows nothing of what the mail is for.
 */
#ifndef IO_MIME_H
#define IO_MIME_H

#include <stddef.h>

#include "base/buf.h"
#include "base/slice.h"

/* Written as it is, folded at blanks: ASCII only. */
struct mime_header {
	const char *name;
	const char *value;
};

/* Borrowed; texts are UTF-8, addresses ASCII without <>. */
struct mime_message {
	const char *from_name;		/* "": none */
	const char *from_address;
	const char *to_address;
	const char *subject;
	const char *date;		/* RFC 5322 §3.3 */
	const char *message_id;		/* without <> */
	const struct mime_header *headers;
	size_t header_count;
	struct slice text;		/* bodies, with any line ends */
	struct slice html;
};

/*
 * Appends the message, the same bytes for the same values.  0; -1, with
 * `out` failed, when a value can't stand where it should: CR, LF, NUL, a
 * control character, invalid UTF-8, a name that is no header's.
 */
int mime_build(const struct mime_message *, struct buf *out);

/* The library's version. */
const char *mime_version(void);

#endif
