/* SPDX-License-Identifier: ISC */
/*
 * The only file that knows GMime, of which it takes base64.  The headers are
 * encoded and folded here, because GMime makes encoded words of long URLs,
 * leaves "=" as it is in those of names, and lets lines grow beyond their
 * limit; quoted-printable is base/qp's, as GMime's takes five times as long;
 * and what then is left of a message, two parts in a row, is less than the
 * objects that GMime wants for it, and a fifth of the time.
 */
#include "io/mime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gmime/gmime.h>

#include "base/bytes.h"
#include "base/crlf.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "base/qp.h"
#include "base/utf8.h"

/* Most messages fit in. */
enum { ROOM = 8 * 1024 };
/* RFC 2047 §2: lines with encoded words; RFC 2045 §6.7. */
enum { FOLD_WIDTH = 76, QP_LINE_MAX = 76, WORD_BYTES = 39 };
/* Fits on a line in quotes, even if every character wants a backslash. */
enum { PLAIN_WORD_MAX = 36 };
/* A name in quotes isn't folded: some readers take its first line for all. */
enum { QUOTED_MAX = FOLD_WIDTH - sizeof("From: \"\"") };

/* Printable ASCII and, in between, single blanks. */
static bool
is_plain(const char *s)
{
	bool blank = true;

	for (; *s != '\0'; s++) {
		if (*s < ' ' || *s > '~' || (blank && *s == ' '))
			return false;
		blank = *s == ' ';
	}
	return !blank;
}

static bool
is_field_name(const char *s)
{
	return is_plain(s) && strpbrk(s, ": ") == NULL;
}

static bool
is_mailbox(const char *s)
{
	return is_plain(s) && strpbrk(s, "<>") == NULL &&
	    strrchr(s, '@') != NULL;
}

static bool
is_body(struct slice text)
{
	return utf8_is_valid(text) && slice_find(text, '\0') < 0;
}

static bool
is_sound(const struct mime_message *m)
{
	for (size_t i = 0; i < m->header_count; i++) {
		if (!is_field_name(m->headers[i].name) ||
		    !is_plain(m->headers[i].value))
			return false;
	}
	return utf8_is_text(slice_str(m->from_name)) &&
	    utf8_is_text(slice_str(m->subject)) &&
	    is_mailbox(m->from_address) && is_mailbox(m->to_address) &&
	    is_plain(m->date) && is_mailbox(m->message_id) &&
	    strchr(m->message_id, ' ') == NULL &&
	    is_body(m->text) && is_body(m->html);
}

/* Folded at blanks. */
static void
add_header(struct buf *out, const char *name, struct slice value)
{
	size_t used = strlen(name) + 1;
	struct slice word;

	buf_add_str(out, name);
	buf_add_char(out, ':');
	while (slice_split(&value, ' ', &word)) {
		if (used + 1 + word.len > FOLD_WIDTH) {
			buf_add_str(out, "\r\n");
			used = 0;
		}
		buf_add_char(out, ' ');
		buf_add_slice(out, word);
		used += 1 + word.len;
	}
	buf_add_str(out, "\r\n");
}

static size_t
longest_line(struct slice text)
{
	struct slice line;
	size_t longest = 0;

	while (slice_split(&text, '\n', &line)) {
		if (slice_ends(line, "\r"))
			line.len--;
		longest = line.len > longest ? line.len : longest;
	}
	return longest;
}

static size_t
count_high(struct slice text)
{
	size_t high = 0;

	for (size_t i = 0; i < text.len; i++)
		high += (unsigned char)text.p[i] > 0x7f;
	return high;
}

/* Besides tabs and line ends. */
static bool
has_control(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c < ' ' && c != '\t' && c != '\r' && c != '\n')
			return true;
	}
	return false;
}

static GMimeContentEncoding
choose_encoding(struct slice text)
{
	bool ascii = utf8_is_ascii(text);

	if (!ascii && count_high(text) > text.len / 6)
		return GMIME_CONTENT_ENCODING_BASE64;
	if (!ascii || longest_line(text) > QP_LINE_MAX ||
	    has_control(text))
		return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
	return GMIME_CONTENT_ENCODING_7BIT;
}

/* The encoder ends lines with LF alone. */
static void
add_base64(struct buf *out, struct slice text)
{
	GMimeEncoding encoder;
	struct buf lines = { 0 };
	char *encoded;
	size_t len;

	crlf_add(&lines, text);
	g_mime_encoding_init_encode(&encoder, GMIME_CONTENT_ENCODING_BASE64);
	encoded = mem_new(g_mime_encoding_outlen(&encoder, lines.len), 1);
	len = g_mime_encoding_flush(&encoder, buf_str(&lines), lines.len,
	    encoded);
	crlf_add(out, slice_of(encoded, len));
	free(encoded);
	buf_fini(&lines);
}

/* RFC 2046 §5.1.1: the line end before a boundary is the boundary's. */
static void
add_part(struct buf *out, const char *boundary, const char *type,
    struct slice body)
{
	GMimeContentEncoding encoding;
	struct buf lines = { 0 };

	if (slice_find(body, '\r') >= 0) {
		crlf_add(&lines, body);
		body = buf_slice(&lines);
	}
	encoding = choose_encoding(body);
	buf_printf(out, "--%s\r\nContent-Type: %s; charset=utf-8\r\n"
	    "Content-Transfer-Encoding: %s\r\n\r\n", boundary, type,
	    g_mime_content_encoding_to_string(encoding));
	if (encoding == GMIME_CONTENT_ENCODING_7BIT)
		crlf_add(out, body);
	else if (encoding == GMIME_CONTENT_ENCODING_BASE64)
		add_base64(out, body);
	else
		qp_add(out, body);
	buf_add_str(out, "\r\n");
	buf_fini(&lines);
}

/* From the Message-ID, so that a repeat is the same to the byte. */
static char *
make_boundary(const char *message_id)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	struct buf text = { 0 };

	crypto_hash(slice_str(message_id), hash);
	buf_add_str(&text, "=_");
	bytes_add_hex(&text, hash, 16);
	return buf_take(&text);
}

static void
add_body(struct buf *out, const char *message_id, struct slice text,
    struct slice html)
{
	char *boundary = make_boundary(message_id);

	buf_printf(out, "MIME-Version: 1.0\r\nContent-Type: "
	    "multipart/alternative;\r\n\tboundary=\"%s\"\r\n\r\n", boundary);
	add_part(out, boundary, "text/plain", text);
	add_part(out, boundary, "text/html", html);
	buf_printf(out, "--%s--\r\n", boundary);
	free(boundary);
}

/* What isn't ASCII, looks like an encoded word, or can't be folded well. */
static bool
needs_words(struct slice text)
{
	size_t word = 0;

	for (size_t i = 0; i < text.len; i++) {
		struct slice rest = slice_sub(text, i, text.len);

		word = text.p[i] == ' ' ? 0 : word + 1;
		if ((unsigned char)text.p[i] > '~' ||
		    word > PLAIN_WORD_MAX || slice_starts(rest, "=?") ||
		    slice_starts(rest, "  "))
			return true;
	}
	return false;
}

/*
 * How many bytes the next word takes: whole characters, and no padding but in
 * the last one, as GMime's own readers stop there.  0: there would be some.
 */
static size_t
word_length(struct slice text)
{
	size_t len = 0, unpadded = 0, n;
	uint32_t c;

	while ((n = utf8_next(slice_sub(text, len, text.len), &c)) > 0 &&
	    len + n <= WORD_BYTES) {
		len += n;
		if (len % 3 == 0)
			unpadded = len;
	}
	return len == text.len ? len : unpadded;
}

static void
add_base64_word(struct buf *out, struct slice text)
{
	gchar *word = g_base64_encode((const guchar *)text.p, text.len);

	buf_printf(out, "=?utf-8?B?%s?=", word);
	g_free(word);
}

static void
add_q_word(struct buf *out, struct slice text)
{
	buf_add_str(out, "=?utf-8?Q?");
	for (size_t i = 0; i < text.len; i++)
		buf_printf(out, "=%02X", (unsigned char)text.p[i]);
	buf_add_str(out, "?=");
}

/*
 * RFC 2047 §2 and §5: words of 64 octets at most, so that the first still
 * stands on the line of "Subject:".
 */
static void
add_words(struct buf *out, struct slice text)
{
	while (text.len > 0) {
		size_t len = word_length(text);
		uint32_t c;

		if (len > 0) {
			add_base64_word(out, slice_sub(text, 0, len));
		} else {
			len = utf8_next(text, &c);
			add_q_word(out, slice_sub(text, 0, len));
		}
		text = slice_sub(text, len, text.len);
		if (text.len > 0)
			buf_add_char(out, ' ');
	}
}

static void
add_quoted(struct buf *out, struct slice text)
{
	buf_add_char(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, text.p[i]);
	}
	buf_add_char(out, '"');
}

static void
add_from(struct buf *out, const struct mime_message *m)
{
	struct slice name = slice_trim(slice_str(m->from_name));
	struct buf value = { 0 };

	if (!needs_words(name) && name.len > 0)
		add_quoted(&value, name);
	if (needs_words(name) || value.len > QUOTED_MAX) {
		buf_reset(&value);
		add_words(&value, name);
	}
	buf_printf(&value, name.len > 0 ? " <%s>" : "%s", m->from_address);
	add_header(out, "From", buf_slice(&value));
	buf_fini(&value);
}

static void
add_subject(struct buf *out, const struct mime_message *m)
{
	struct slice text = slice_trim(slice_str(m->subject));
	struct buf words = { 0 };

	if (needs_words(text)) {
		add_words(&words, text);
		text = buf_slice(&words);
	}
	add_header(out, "Subject", text);
	buf_fini(&words);
}

static void
add_headers(struct buf *out, const struct mime_message *m)
{
	struct buf id = { 0 };

	add_header(out, "Date", slice_str(m->date));
	add_from(out, m);
	add_header(out, "To", slice_str(m->to_address));
	add_subject(out, m);
	buf_printf(&id, "<%s>", m->message_id);
	add_header(out, "Message-ID", buf_slice(&id));
	buf_fini(&id);
	for (size_t i = 0; i < m->header_count; i++)
		add_header(out, m->headers[i].name,
		    slice_str(m->headers[i].value));
}

int
mime_build(const struct mime_message *m, struct buf *out)
{
	size_t before = out->len;

	buf_reserve(out, ROOM);
	if (is_sound(m)) {
		add_headers(out, m);
		add_body(out, m->message_id, m->text, m->html);
	} else {
		buf_fail(out);
	}
	if (!crlf_is_clean(slice_sub(buf_slice(out), before, out->len)))
		buf_fail(out);
	return buf_failed(out) ? -1 : 0;
}

const char *
mime_version(void)
{
	static char text[16];

	snprintf(text, sizeof(text), "%u.%u.%u", gmime_major_version,
	    gmime_minor_version, gmime_micro_version);
	return text;
}
