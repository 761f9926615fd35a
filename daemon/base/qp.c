/* SPDX-License-Identifier: ISC */
/*
 * What stands for itself is copied as one piece, as far as a line goes.
 */
#include "base/qp.h"

#include <stdbool.h>

/* Of a line, besides the "=" of one that goes on; and of a byte as "=XX". */
enum { LENGTH = 75, CODE = 3 };

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_plain(char c)
{
	return (c > ' ' && c <= '~' && c != '=') || is_blank(c);
}

/* How much of it, within `most`, stands for itself; a blank at its end not. */
static size_t
plain_length(struct slice line, size_t most)
{
	size_t n = 0, end = line.len < most ? line.len : most;

	while (n < end && is_plain(line.p[n]))
		n++;
	return n > 0 && n == line.len && is_blank(line.p[n - 1]) ? n - 1 : n;
}

static void
add_code(struct buf *out, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";

	buf_add(out, (const char[CODE]){ '=', digits[c >> 4], digits[c & 15] },
	    CODE);
}

static void
add_line(struct buf *out, struct slice line)
{
	size_t column = 0;

	while (line.len > 0) {
		size_t n = plain_length(line, LENGTH - column);

		buf_add(out, line.p, n);
		column += n;
		line = slice_sub(line, n, line.len);
		if (line.len == 0)
			break;
		if (column > LENGTH - CODE) {
			buf_add(out, "=\r\n", 3);
			column = 0;
			continue;
		}
		add_code(out, (unsigned char)line.p[0]);
		column += CODE;
		line = slice_sub(line, 1, line.len);
	}
	buf_add(out, "\r\n", 2);
}

void
qp_add(struct buf *out, struct slice text)
{
	struct slice line;

	if (text.len == 0)
		return;
	if (slice_ends(text, "\n"))
		text.len--;
	while (slice_split(&text, '\n', &line)) {
		if (slice_ends(line, "\r"))
			line.len--;
		add_line(out, line);
	}
}
