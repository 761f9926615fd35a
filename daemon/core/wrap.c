/* SPDX-License-Identifier: ISC */
/*
 * Breaking lines.  A character is taken to be one column wide: close enough
 * for mails.
 */
#include "core/wrap.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Characters, by not counting what only continues one in UTF-8. */
static size_t
width_of(struct slice s)
{
	size_t width = 0;

	for (size_t i = 0; i < s.len; i++)
		width += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return width;
}

static struct slice
next_word(struct slice *rest)
{
	struct slice word;
	size_t i = 0, end;

	while (i < rest->len && is_blank(rest->p[i]))
		i++;
	end = i;
	while (end < rest->len && !is_blank(rest->p[end]))
		end++;
	word = slice_sub(*rest, i, end);
	*rest = slice_sub(*rest, end, rest->len);
	return word;
}

/* Single blanks between words, after whatever it begins with. */
static bool
is_set(struct slice line)
{
	bool was_blank = true;
	size_t i = 0;

	while (i < line.len && is_blank(line.p[i]))
		i++;
	for (; i < line.len; i++) {
		bool blank = is_blank(line.p[i]);

		if (blank && (was_blank || line.p[i] != ' '))
			return false;
		was_blank = blank;
	}
	return !was_blank;
}

static void
wrap_line(struct buf *out, struct slice line, size_t columns)
{
	struct slice indent = line, word;
	size_t used = 0;

	indent.len = 0;
	while (indent.len < line.len && is_blank(line.p[indent.len]))
		indent.len++;
	while ((word = next_word(&line)).len > 0) {
		size_t width = width_of(word);

		if (used > 0 && used + 1 + width <= columns) {
			buf_add_char(out, ' ');
			used += 1;
		} else {
			if (used > 0)
				buf_add_char(out, '\n');
			buf_add_slice(out, indent);
			used = indent.len;
		}
		buf_add_slice(out, word);
		used += width;
	}
	buf_add_char(out, '\n');
}

void
wrap_text(struct buf *out, struct slice text, size_t columns)
{
	struct slice line, probe;
	bool first = true, gap = false;

	while (slice_split(&text, '\n', &line)) {
		probe = line;
		if (next_word(&probe).len == 0) {
			gap = true;
			continue;
		}
		if (gap && !first)
			buf_add_char(out, '\n');
		first = gap = false;
		if (line.len <= columns && is_set(line)) {
			buf_add_slice(out, line);
			buf_add_char(out, '\n');
		} else {
			wrap_line(out, line, columns);
		}
	}
}
