/* SPDX-License-Identifier: ISC */
/*
 * A mail of hostile values, one a line, then the text and, behind a NUL, the
 * HTML.  GMime's parser finds in it the headers that were meant, no other
 * one, and what was put in.
 */
#include "io/mime.h"

#include <string.h>

#include <gmime/gmime.h>

#include "base/crlf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/address.h"
#include "fuzz.h"

enum { LINES = 8, HEADERS = 8 };
enum line { FROM_NAME, FROM_ADDRESS, TO, SUBJECT, MESSAGE_ID, NAME, VALUE,
	DATE };

static void
check_headers(GMimeMessage *message, const struct mime_message *m)
{
	const char *const names[HEADERS] = { "Date", "From", "To", "Subject",
		"Message-ID", m->headers[0].name, "MIME-Version",
		"Content-Type" };
	GMimeHeaderList *list = g_mime_object_get_header_list(
	    GMIME_OBJECT(message));
	int count = g_mime_header_list_get_count(list);

	MUST(count >= HEADERS - 2);
	for (int i = 0; i < count; i++) {
		const char *name = g_mime_header_get_name(
		    g_mime_header_list_get_header_at(list, i));
		bool meant = false;

		for (size_t k = 0; k < HEADERS; k++)
			meant |= strcasecmp(name, names[k]) == 0;
		MUST(meant);
	}
}

static void
check_subject(GMimeMessage *message, const struct mime_message *m)
{
	struct slice meant = slice_trim(slice_str(m->subject));
	const char *read = g_mime_message_get_subject(message);

	MUST(slice_eq_str(meant, read != NULL ? read : ""));
}

/* Of a sender that a config may name. */
static void
check_from(GMimeMessage *message, const struct mime_message *m)
{
	InternetAddressList *from = g_mime_message_get_from(message);
	struct slice name = slice_trim(slice_str(m->from_name));
	struct address address;
	InternetAddress *first;
	const char *read;

	if (address_parse(slice_str(m->from_address), &address) != ADDRESS_OK)
		return;
	MUST(internet_address_list_length(from) == 1);
	first = internet_address_list_get_address(from, 0);
	read = internet_address_get_name(first);
	MUST(slice_eq_str(name, read != NULL ? read : ""));
	MUST(strcmp(internet_address_mailbox_get_addr(
	    INTERNET_ADDRESS_MAILBOX(first)), m->from_address) == 0);
}

static void
check_body(GMimeMultipart *body, int which, struct slice meant)
{
	GMimePart *part = GMIME_PART(g_mime_multipart_get_part(body, which));
	GMimeStream *stream = g_mime_stream_mem_new();
	struct buf text = { 0 };
	GByteArray *bytes;

	crlf_add(&text, meant);
	MUST(g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(part),
	    stream) >= 0);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
	MUST(slice_eq(buf_slice(&text), slice_of(bytes->data, bytes->len)));
	g_object_unref(stream);
	buf_fini(&text);
}

static void
check_mail(const struct mime_message *m, struct slice mail)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(mail.p,
	    mail.len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	GMimeObject *body;

	MUST(crlf_is_clean(mail));
	MUST(message != NULL);
	check_headers(message, m);
	check_subject(message, m);
	check_from(message, m);
	body = g_mime_message_get_mime_part(message);
	MUST(GMIME_IS_MULTIPART(body));
	MUST(g_mime_multipart_get_count(GMIME_MULTIPART(body)) == 2);
	check_body(GMIME_MULTIPART(body), 0, m->text);
	check_body(GMIME_MULTIPART(body), 1, m->html);
	g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of(data, size), line;
	char *lines[LINES];
	struct mime_header header;
	struct mime_message m = { .headers = &header, .header_count = 1 };
	struct buf out = { 0 };

	for (int i = 0; i < LINES; i++) {
		line = slice_of(NULL, 0);
		(void)slice_split(&rest, '\n', &line);
		lines[i] = mem_strndup(line.len > 0 ? line.p : "", line.len);
	}
	(void)slice_split(&rest, '\0', &m.text);
	m.html = rest;
	m.from_name = lines[FROM_NAME];
	m.from_address = lines[FROM_ADDRESS];
	m.to_address = lines[TO];
	m.subject = lines[SUBJECT];
	m.message_id = lines[MESSAGE_ID];
	m.date = lines[DATE];
	header = (struct mime_header){ lines[NAME], lines[VALUE] };
	g_mime_init();
	if (mime_build(&m, &out) == 0)
		check_mail(&m, buf_slice(&out));
	buf_fini(&out);
	for (int i = 0; i < LINES; i++)
		free(lines[i]);
	return 0;
}
