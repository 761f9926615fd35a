/* SPDX-License-Identifier: ISC */
/*
 * Three ways to write a form, one way to read it.
 */
#include "io/http_form.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "io/http_chars.h"
#include "io/http_media.h"
#include "io/http_multipart.h"
#include "io/json.h"

/* A form that is being read, and the first thing wrong with it. */
struct reading {
	struct http_form *form;
	bool ascii;		/* nothing else may be in it */
	enum http_form_error error;
};

static bool
is_text(struct slice s)
{
	return utf8_is_valid(s) && slice_find(s, '\0') < 0;
}

static bool
is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	}
	return true;
}

static void
add_pair(struct slice name, struct slice value, void *arg)
{
	struct reading *reading = arg;
	struct http_form *form = reading->form;

	if (reading->error != HTTP_FORM_OK)
		return;
	if (form->count == HTTP_FORM_MAX) {
		reading->error = HTTP_FORM_TOO_MANY;
	} else if (reading->ascii && (!is_ascii(name) || !is_ascii(value))) {
		reading->error = HTTP_FORM_UNSUPPORTED_TYPE;
	} else if (!is_text(name) || !is_text(value)) {
		reading->error = HTTP_FORM_MALFORMED;
	} else {
		form->pair = mem_resize(form->pair, form->count + 1,
		    sizeof(form->pair[0]));
		form->pair[form->count++] = (struct http_pair){
			slice_dup(name), slice_dup(value) };
	}
}

/* '+' is a blank, %XX a byte, once; -1 for a "%" that is neither. */
static int
decode(struct slice s, struct buf *out)
{
	buf_reset(out);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (c == '+') {
			c = ' ';
		} else if (c == '%') {
			int high, low;

			if (s.len - i < 3)
				return -1;
			high = http_hex_value(s.p[i + 1]);
			low = http_hex_value(s.p[i + 2]);
			if (high < 0 || low < 0)
				return -1;
			c = (char)(high * 16 + low);
			i += 2;
		}
		buf_add_char(out, c);
	}
	return 0;
}

static void
read_urlencoded(struct slice body, struct reading *reading)
{
	struct buf name = { 0 }, value = { 0 };
	struct slice rest = body, pair, left;

	while (reading->error == HTTP_FORM_OK &&
	    slice_split(&rest, '&', &pair)) {
		if (pair.len == 0)
			continue;
		slice_split(&pair, '=', &left);
		if (decode(left, &name) < 0 || decode(pair, &value) < 0)
			reading->error = HTTP_FORM_MALFORMED;
		else
			add_pair(buf_slice(&name), buf_slice(&value),
			    reading);
	}
	buf_fini(&name);
	buf_fini(&value);
}

/* Files are nobody's field here: counted, not kept. */
static void
read_parts(struct http_multipart *multipart, struct reading *reading)
{
	struct http_part part = { 0 };
	unsigned count = 0;
	int more = 0;

	while (reading->error == HTTP_FORM_OK &&
	    (more = http_multipart_next(multipart, &part)) > 0) {
		if (count++ == HTTP_FORM_MAX)
			reading->error = HTTP_FORM_TOO_MANY;
		else if (!part.is_file)
			add_pair(buf_slice(&part.name), part.value, reading);
	}
	if (more < 0)
		reading->error = HTTP_FORM_MALFORMED;
	buf_fini(&part.name);
}

static void
read_multipart(struct slice params, struct slice body,
    struct reading *reading)
{
	struct http_multipart multipart;
	struct buf boundary = { 0 };

	if (http_media_find(params, "boundary", &boundary) <= 0) {
		reading->error = HTTP_FORM_MALFORMED;
	} else {
		if (http_multipart_init(&multipart, buf_slice(&boundary),
		    body) < 0)
			reading->error = HTTP_FORM_MALFORMED;
		else
			read_parts(&multipart, reading);
		http_multipart_fini(&multipart);
	}
	buf_fini(&boundary);
}

static void
read_json(struct slice body, struct reading *reading)
{
	/* Here another charset is about the text, not about what it says. */
	if (reading->ascii && !is_ascii(body))
		reading->error = HTTP_FORM_UNSUPPORTED_TYPE;
	reading->ascii = false;
	if (reading->error == HTTP_FORM_OK &&
	    json_flatten(body, add_pair, reading) < 0)
		reading->error = HTTP_FORM_MALFORMED;
}

static const struct {
	const char *name;
	enum http_form_type type;
} types[] = {
	{ "application/x-www-form-urlencoded", HTTP_FORM_URLENCODED },
	{ "multipart/form-data", HTTP_FORM_MULTIPART },
	{ "application/json", HTTP_FORM_JSON },
};

/*
 * Another charset than UTF-8 would have to be converted: it isn't.  Clients
 * that name these, as Java's do for want of thought, mostly send ASCII.
 */
static const char *const ascii_supersets[] = { "us-ascii", "iso-8859-1",
	"iso-8859-15", "windows-1252" };

/* 0, or -1 when it can't be read; *ret_ascii: only if it is ASCII. */
static int
read_charset(struct slice params, bool *ret_ascii)
{
	struct buf charset = { 0 };
	int found = http_media_find(params, "charset", &charset);
	bool utf8 = found == 0 ||
	    (found > 0 && slice_ieq_str(buf_slice(&charset), "utf-8"));

	*ret_ascii = false;
	for (size_t i = 0; found > 0 && i < sizeof(ascii_supersets) /
	    sizeof(ascii_supersets[0]); i++)
		*ret_ascii |= slice_ieq_str(buf_slice(&charset),
		    ascii_supersets[i]);
	buf_fini(&charset);
	return utf8 || *ret_ascii ? 0 : -1;
}

static int
type_of(struct slice content_type, struct slice *ret_params, bool *ret_ascii)
{
	struct slice params = content_type;
	struct slice word = http_media_word(&params);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (slice_ieq_str(word, types[i].name) &&
		    read_charset(params, ret_ascii) == 0) {
			*ret_params = params;
			return (int)types[i].type;
		}
	}
	return -1;
}

static enum http_form_error
parse(enum http_form_type type, struct slice params, bool ascii,
    struct slice body, struct http_form **ret_form)
{
	struct reading reading = { .form = MEM_NEW(struct http_form),
		.ascii = ascii };

	reading.form->type = type;
	switch (type) {
	case HTTP_FORM_URLENCODED:
		read_urlencoded(body, &reading);
		break;
	case HTTP_FORM_MULTIPART:
		read_multipart(params, body, &reading);
		break;
	case HTTP_FORM_JSON:
		read_json(body, &reading);
		break;
	}
	if (reading.error != HTTP_FORM_OK) {
		http_form_free(reading.form);
		reading.form = NULL;
	}
	*ret_form = reading.form;
	return reading.error;
}

enum http_form_error
http_form_parse(struct slice content_type, struct slice body,
    struct http_form **ret_form)
{
	struct slice params;
	bool ascii;
	int type = type_of(content_type, &params, &ascii);

	*ret_form = NULL;
	if (type < 0)
		return HTTP_FORM_UNSUPPORTED_TYPE;
	return parse((enum http_form_type)type, params, ascii, body,
	    ret_form);
}

enum http_form_error
http_form_parse_query(struct slice query, struct http_form **ret_form)
{
	return parse(HTTP_FORM_URLENCODED, slice_of(NULL, 0), false, query,
	    ret_form);
}

void
http_form_free(struct http_form *form)
{
	if (form == NULL)
		return;
	for (size_t i = 0; i < form->count; i++) {
		free(form->pair[i].name);
		free(form->pair[i].value);
	}
	free(form->pair);
	free(form);
}

const char *
http_form_get(const struct http_form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++) {
		if (strcmp(form->pair[i].name, name) == 0)
			return form->pair[i].value;
	}
	return NULL;
}
