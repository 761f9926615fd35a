/* SPDX-License-Identifier: ISC */
/*
 * The only file that knows GMime.  It makes the body and its encodings; each
 * header is encoded and folded here and set raw, because GMime makes encoded
 * words of long URLs, leaves "=" as it is in those of names, and lets lines
 * grow beyond their limit.
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
#include "base/utf8.h"

/* RFC 2047 §2: lines with encoded words; RFC 2045 §6.7. */
enum { FOLD_WIDTH = 76, QP_LINE_MAX = 76, WORD_BYTES = 39 };
/* Fits on a line in quotes, even if every character wants a backslash. */
enum { PLAIN_WORD_MAX = 36 };

void
mime_start(void)
{
	g_mime_init();
}

void
mime_stop(void)
{
	g_mime_shutdown();
}

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
	    utf8_is_valid(m->text) && utf8_is_valid(m->html);
}

/* A value with its blank before and line end behind, folded at blanks. */
static void
fold(struct buf *out, size_t used, struct slice value)
{
	struct slice word;

	while (slice_split(&value, ' ', &word)) {
		if (used + 1 + word.len > FOLD_WIDTH) {
			buf_add(out, "\n", 1);
			used = 0;
		}
		buf_add_char(out, ' ');
		buf_add_slice(out, word);
		used += 1 + word.len;
	}
	buf_add(out, "\n", 1);
}

static void
set_raw(GMimeObject *object, const char *name, const char *value)
{
	struct buf raw = { 0 };
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	int last;

	g_mime_header_list_append(list, name, "", NULL);
	last = g_mime_header_list_get_count(list) - 1;
	fold(&raw, strlen(name) + 1, slice_str(value));
	g_mime_header_set_raw_value(g_mime_header_list_get_header_at(list,
	    last), buf_str(&raw));
	buf_fini(&raw);
}

static GMimeContentEncoding
choose_encoding(struct slice text)
{
	size_t high = 0, line = 0, longest = 0;
	bool odd = false;

	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.p[i];

		high += c > 0x7f;
		odd = odd || (c < ' ' && c != '\t' && c != '\r' && c != '\n');
		line = c == '\n' ? 0 : line + 1;
		longest = line > longest ? line : longest;
	}
	if (high > text.len / 6)
		return GMIME_CONTENT_ENCODING_BASE64;
	if (high > 0 || odd || longest > QP_LINE_MAX + 1)
		return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
	return GMIME_CONTENT_ENCODING_7BIT;
}

static void
add_part(GMimeMultipart *parent, const char *subtype, struct slice body)
{
	GMimePart *part = g_mime_part_new_with_type("text", subtype);
	GMimeStream *stream;
	GMimeDataWrapper *content;

	g_mime_object_set_content_type_parameter(GMIME_OBJECT(part),
	    "charset", "utf-8");
	stream = g_mime_stream_mem_new_with_buffer(
	    body.len > 0 ? body.p : "", body.len);
	content = g_mime_data_wrapper_new_with_stream(stream,
	    GMIME_CONTENT_ENCODING_DEFAULT);
	g_mime_part_set_content(part, content);
	g_mime_part_set_content_encoding(part, choose_encoding(body));
	g_mime_multipart_add(parent, GMIME_OBJECT(part));
	g_object_unref(content);
	g_object_unref(stream);
	g_object_unref(part);
}

/* From the Message-ID, so that a repeat is the same to the byte. */
static void
set_boundary(GMimeMultipart *body, const char *message_id)
{
	uint8_t hash[CRYPTO_HASH_SIZE];
	struct buf text = { 0 };

	crypto_hash(slice_str(message_id), hash);
	buf_add_str(&text, "=_");
	bytes_add_hex(&text, hash, 16);
	g_mime_multipart_set_boundary(body, buf_str(&text));
	buf_fini(&text);
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
set_from(GMimeObject *object, const struct mime_message *m)
{
	struct slice name = slice_trim(slice_str(m->from_name));
	struct buf value = { 0 };

	if (needs_words(name))
		add_words(&value, name);
	else if (name.len > 0)
		add_quoted(&value, name);
	buf_printf(&value, name.len > 0 ? " <%s>" : "%s", m->from_address);
	set_raw(object, "From", buf_str(&value));
	buf_fini(&value);
}

static void
set_subject(GMimeObject *object, const struct mime_message *m)
{
	struct slice text = slice_trim(slice_str(m->subject));
	struct buf value = { 0 };

	if (needs_words(text))
		add_words(&value, text);
	else
		buf_add_slice(&value, text);
	set_raw(object, "Subject", buf_str(&value));
	buf_fini(&value);
}

static void
set_headers(GMimeMessage *message, const struct mime_message *m)
{
	GMimeObject *object = GMIME_OBJECT(message);
	char *id = mem_printf("<%s>", m->message_id);

	set_raw(object, "Date", m->date);
	set_from(object, m);
	set_raw(object, "To", m->to_address);
	set_subject(object, m);
	set_raw(object, "Message-ID", id);
	free(id);
	for (size_t i = 0; i < m->header_count; i++)
		set_raw(object, m->headers[i].name, m->headers[i].value);
}

/* Without memory GMime leaves out what stands in a part, and says nothing. */
static bool
is_whole(struct slice written, size_t parts_len)
{
	const char *body = written.len > 0 ?
	    memmem(written.p, written.len, "\r\n\r\n", 4) : NULL;

	return body != NULL &&
	    (size_t)(written.p + written.len - body) >= parts_len;
}

/* No encoding makes a part shorter. */
static void
write_message(GMimeMessage *message, size_t parts_len, struct buf *out)
{
	GMimeFormatOptions *options = g_mime_format_options_new();
	GMimeStream *stream = g_mime_stream_mem_new();
	GByteArray *bytes;

	g_mime_format_options_set_newline_format(options,
	    GMIME_NEWLINE_FORMAT_DOS);
	if (g_mime_object_write_to_stream(GMIME_OBJECT(message), options,
	    stream) < 0)
		buf_fail(out);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	if (is_whole(slice_of(bytes->data, bytes->len), parts_len) &&
	    crlf_is_clean(slice_of(bytes->data, bytes->len)))
		buf_add(out, bytes->data, bytes->len);
	else
		buf_fail(out);
	g_object_unref(stream);
	g_mime_format_options_free(options);
}

int
mime_build(const struct mime_message *m, struct buf *out)
{
	struct buf text = { 0 }, html = { 0 };
	GMimeMessage *message;
	GMimeMultipart *body;

	crlf_add(&text, m->text);
	crlf_add(&html, m->html);
	if (!is_sound(m) || buf_failed(&text) || buf_failed(&html)) {
		buf_fail(out);
		goto out;
	}
	message = g_mime_message_new(FALSE);
	body = g_mime_multipart_new_with_subtype("alternative");
	set_boundary(body, m->message_id);
	set_headers(message, m);
	add_part(body, "plain", buf_slice(&text));
	add_part(body, "html", buf_slice(&html));
	g_mime_message_set_mime_part(message, GMIME_OBJECT(body));
	write_message(message, text.len + html.len, out);
	g_object_unref(body);
	g_object_unref(message);
out:
	buf_fini(&text);
	buf_fini(&html);
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
