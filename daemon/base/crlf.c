/* SPDX-License-Identifier: ISC */
/*
 * Line ends for the network.  Knows nothing of what the lines say.
 */
#include "base/crlf.h"

void
crlf_add(struct buf *out, struct slice text)
{
	bool open = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '\0') {
			buf_fail(out);
			return;
		}
		open = c != '\r' && c != '\n';
		if (open) {
			buf_add_char(out, c);
			continue;
		}
		if (c == '\r' && i + 1 < text.len && text.p[i + 1] == '\n')
			i++;
		buf_add(out, "\r\n", 2);
	}
	if (open)
		buf_add(out, "\r\n", 2);
}

bool
crlf_is_clean(struct slice text)
{
	size_t line = 0;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '\r') {
			if (i + 1 == text.len || text.p[i + 1] != '\n')
				return false;
			i++;
			line = 0;
			continue;
		}
		if (c == '\n' || c == '\0' || c > 0x7f ||
		    ++line > CRLF_LINE_MAX)
			return false;
	}
	return line == 0;
}
