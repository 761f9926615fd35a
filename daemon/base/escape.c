/* SPDX-License-Identifier: ISC */
/*
 * The ways out, each with its own alphabet.
 */
#include "base/escape.h"

#include "base/utf8.h"

/* NULL: it may stand as it is. */
static const char *
entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
escape_html(struct buf *out, struct slice s)
{
	size_t done = 0;

	for (size_t i = 0; i < s.len; i++) {
		const char *entity = entity_of(s.p[i]);

		if (entity == NULL)
			continue;
		buf_add(out, s.p + done, i - done);
		buf_add_str(out, entity);
		done = i + 1;
	}
	buf_add_slice(out, slice_sub(s, done, s.len));
}

static bool
is_unreserved(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c) != NULL);
}

void
escape_url(struct buf *out, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (is_unreserved(s.p[i]))
			buf_add_char(out, s.p[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)s.p[i]);
	}
}

/* How many characters need nothing done: mostly it is all of them. */
static size_t
plain_len(struct slice s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] >= ' ' && s.p[n] <= '~' &&
	    s.p[n] != '"' && s.p[n] != '\\')
		n++;
	return n;
}

/*
 * Plain characters, or the first one as it is or, if it could do harm, as
 * \xNN: how long that was.
 */
static size_t
add_harmless(struct buf *out, struct slice s)
{
	uint32_t c;
	size_t n = plain_len(s);

	if (n > 0) {
		buf_add(out, s.p, n);
		return n;
	}
	n = utf8_next(s, &c);
	if (n > 0 && !utf8_is_control(c)) {
		buf_add(out, s.p, n);
		return n;
	}
	n = n > 0 ? n : 1;
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "\\x%02x", (unsigned char)s.p[i]);
	return n;
}

void
escape_log(struct buf *out, struct slice s)
{
	bool quoted = s.len == 0;

	for (size_t i = 0; i < s.len && !quoted; i++)
		quoted = s.p[i] == ' ' || s.p[i] == '"' || s.p[i] == '=';
	if (quoted)
		buf_add_char(out, '"');
	while (s.len > 0) {
		if (s.p[0] == '"' || s.p[0] == '\\')
			buf_add_char(out, '\\');
		s = slice_sub(s, add_harmless(out, s), s.len);
	}
	if (quoted)
		buf_add_char(out, '"');
}

/* The first character, which isn't plain: its length. */
static size_t
add_json_char(struct buf *out, struct slice s)
{
	static const char letters[] = "\"\\\b\f\n\r\t", shown[] = "\"\\bfnrt";
	const char *letter = s.p[0] != '\0' ? strchr(letters, s.p[0]) : NULL;
	uint32_t c;
	size_t n = utf8_next(s, &c);

	if (letter != NULL)
		buf_printf(out, "\\%c", shown[letter - letters]);
	else if (n == 0)
		buf_add_str(out, "\xef\xbf\xbd");
	else if (c < ' ')
		buf_printf(out, "\\u%04X", (unsigned)c);
	else
		buf_add(out, s.p, n);
	return n > 0 ? n : 1;
}

void
escape_json(struct buf *out, struct slice s)
{
	buf_add_char(out, '"');
	while (s.len > 0) {
		size_t n = plain_len(s);

		if (n > 0)
			buf_add(out, s.p, n);
		else
			n = add_json_char(out, s);
		s = slice_sub(s, n, s.len);
	}
	buf_add_char(out, '"');
}

void
escape_terminal(struct buf *out, struct slice s)
{
	while (s.len > 0)
		s = slice_sub(s, add_harmless(out, s), s.len);
}

void
escape_header(struct buf *out, struct slice s)
{
	for (size_t i = utf8_ascii_len(s); i < s.len; i++) {
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0') {
			buf_fail(out);
			return;
		}
	}
	buf_add_slice(out, s);
}
