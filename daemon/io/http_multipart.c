/* SPDX-License-Identifier: ISC */
/*
 * multipart/form-data, as browsers, curl and mail receivers write it.
 */
#include "io/http_multipart.h"

#include "io/http_media.h"
#include "io/http_chars.h"

enum { BOUNDARY_MAX = 70, PART_HEADERS_MAX = 8 };

/* RFC 2046 §5.1.1. */
static bool
boundary_is_valid(struct slice boundary)
{
	static const struct slice marks = SLICE("'()+_,-./:=? ");

	if (boundary.len == 0 || boundary.len > BOUNDARY_MAX ||
	    slice_ends(boundary, " "))
		return false;
	for (size_t i = 0; i < boundary.len; i++) {
		char c = boundary.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= 'a' && c <= 'z') && slice_find(marks, c) < 0)
			return false;
	}
	return true;
}

/* After a delimiter: blanks and CRLF before a part, or "--" at the end. */
static int
end_delimiter(struct http_multipart *multipart)
{
	struct slice *rest = &multipart->rest;

	multipart->ended = slice_starts(*rest, "--");
	if (multipart->ended)
		*rest = slice_sub(*rest, 2, rest->len);
	while (rest->len > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t'))
		*rest = slice_sub(*rest, 1, rest->len);
	if (multipart->ended)
		return rest->len == 0 || slice_eq_str(*rest, "\r\n") ? 0 : -1;
	if (!slice_starts(*rest, "\r\n"))
		return -1;
	*rest = slice_sub(*rest, 2, rest->len);
	return 0;
}

int
http_multipart_init(struct http_multipart *multipart, struct slice boundary,
    struct slice body)
{
	*multipart = (struct http_multipart){ .rest = body };
	if (!boundary_is_valid(boundary))
		return -1;
	buf_add_str(&multipart->delimiter, "\r\n--");
	buf_add_slice(&multipart->delimiter, boundary);
	/* The first one stands at the start of a line: of the body. */
	if (!slice_starts(body, buf_str(&multipart->delimiter) + 2))
		return -1;
	multipart->rest = slice_sub(body, multipart->delimiter.len - 2,
	    body.len);
	return end_delimiter(multipart);
}

void
http_multipart_fini(struct http_multipart *multipart)
{
	buf_fini(&multipart->delimiter);
}

/* Content-Disposition: form-data; name="…"; filename="…". */
static int
read_disposition(struct slice value, struct http_part *part)
{
	struct slice params = value;
	struct buf file = { 0 };
	int has_name, has_file, has_utf8_file;

	if (!slice_ieq_str(http_media_word(&params), "form-data"))
		return -1;
	has_name = http_media_find(params, "name", &part->name);
	has_file = http_media_find(params, "filename", &file);
	has_utf8_file = http_media_find(params, "filename*", &file);
	buf_fini(&file);
	part->is_file = has_file > 0 || has_utf8_file > 0;
	return has_name > 0 && has_file >= 0 ? 0 : -1;
}

/* Deprecated (RFC 7578 §4.7); what changes nothing is let pass. */
static bool
encoding_is_identity(struct slice value)
{
	return slice_ieq_str(value, "7bit") || slice_ieq_str(value, "8bit") ||
	    slice_ieq_str(value, "binary");
}

static int
read_header(struct slice line, struct http_part *part, bool *has_disposition)
{
	ptrdiff_t colon = slice_find(line, ':');
	struct slice name, value;

	if (colon < 0)
		return -1;
	name = slice_sub(line, 0, (size_t)colon);
	value = slice_trim(slice_sub(line, (size_t)colon + 1, line.len));
	if (!http_is_token(name) || !http_is_field_text(value))
		return -1;
	if (slice_ieq_str(name, "Content-Transfer-Encoding"))
		return encoding_is_identity(value) ? 0 : -1;
	if (!slice_ieq_str(name, "Content-Disposition"))
		return 0;
	if (*has_disposition)
		return -1;
	*has_disposition = true;
	return read_disposition(value, part);
}

static int
read_headers(struct http_multipart *multipart, struct http_part *part)
{
	bool has_disposition = false;
	struct slice line;

	for (int i = 0; i <= PART_HEADERS_MAX; i++) {
		if (!slice_split(&multipart->rest, '\n', &line) ||
		    !slice_ends(line, "\r"))
			return -1;
		line.len--;
		if (line.len == 0)
			return has_disposition ? 0 : -1;
		if (read_header(line, part, &has_disposition) < 0)
			return -1;
	}
	return -1;
}

int
http_multipart_next(struct http_multipart *multipart, struct http_part *part)
{
	struct slice delimiter = buf_slice(&multipart->delimiter);
	const char *end;
	size_t len;

	if (multipart->ended)
		return 0;
	if (read_headers(multipart, part) < 0 || multipart->rest.p == NULL)
		return -1;
	end = memmem(multipart->rest.p, multipart->rest.len, delimiter.p,
	    delimiter.len);
	if (end == NULL)
		return -1;
	len = (size_t)(end - multipart->rest.p);
	part->value = slice_sub(multipart->rest, 0, len);
	multipart->rest = slice_sub(multipart->rest, len + delimiter.len,
	    multipart->rest.len);
	return end_delimiter(multipart) < 0 ? -1 : 1;
}
