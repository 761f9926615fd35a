/* SPDX-License-Identifier: ISC */
/*
 * Line ends for the network.  Knows nothing of what the lines say.
 */
#include "base/crlf.h"

#include "base/utf8.h"

void
crlf_add(struct buf *out, struct slice text)
{
	struct slice line, part;

	if (slice_find(text, '\0') >= 0)
		buf_fail(out);
	if (slice_ends(text, "\n"))
		text.len--;
	else if (text.len == 0)
		return;
	while (slice_split(&text, '\n', &line)) {
		if (slice_ends(line, "\r"))
			line.len--;
		while (slice_split(&line, '\r', &part)) {
			buf_add_slice(out, part);
			buf_add(out, "\r\n", 2);
		}
	}
}

bool
crlf_is_clean(struct slice text)
{
	struct slice line;

	if (text.len == 0)
		return true;
	if (!slice_ends(text, "\n") || !utf8_is_ascii(text) ||
	    slice_find(text, '\0') >= 0)
		return false;
	text.len--;
	while (slice_split(&text, '\n', &line)) {
		ptrdiff_t end = slice_find(line, '\r');

		if (end < 0 || end > CRLF_LINE_MAX ||
		    (size_t)end + 1 != line.len)
			return false;
	}
	return true;
}
