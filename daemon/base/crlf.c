/* SPDX-License-Identifier: ISC */
/*
 * Line ends for the network.  Knows nothing of what the lines say.
 */
#include "base/crlf.h"

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

/* Without its end. */
static bool
is_clean_line(struct slice line)
{
	unsigned char bits = 0;

	for (size_t i = 0; i < line.len; i++)
		bits |= (unsigned char)line.p[i];
	return bits <= 0x7f && line.len <= CRLF_LINE_MAX &&
	    slice_find(line, '\r') < 0 && slice_find(line, '\0') < 0;
}

bool
crlf_is_clean(struct slice text)
{
	struct slice line;

	if (text.len == 0)
		return true;
	if (!slice_ends(text, "\n"))
		return false;
	text.len--;
	while (slice_split(&text, '\n', &line)) {
		if (!slice_ends(line, "\r"))
			return false;
		line.len--;
		if (!is_clean_line(line))
			return false;
	}
	return true;
}
