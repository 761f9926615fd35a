/* SPDX-License-Identifier: ISC */
/*
 * Parameters, read strictly: no blanks around "=", nothing after a closing
 * quote but the next ";".
 */
#include "io/http_media.h"

#include "io/http_chars.h"

struct slice
http_media_word(struct slice *rest)
{
	struct slice word = *rest;
	ptrdiff_t end = slice_find(*rest, ';');

	if (end < 0) {
		*rest = slice_of(NULL, 0);
		return slice_trim(word);
	}
	word = slice_trim(slice_sub(*rest, 0, (size_t)end));
	*rest = slice_sub(*rest, (size_t)end, rest->len);
	return word;
}

/* A quoted-string at the start of *rest (RFC 9110 §5.6.4). */
static int
take_quoted(struct slice *rest, struct buf *ret_value)
{
	for (size_t i = 1; i < rest->len; i++) {
		char c = rest->p[i];

		if (c == '"') {
			*rest = slice_sub(*rest, i + 1, rest->len);
			return 0;
		}
		/* Browsers don't escape: a backslash may be just that. */
		if (c == '\\' && i + 1 < rest->len &&
		    (rest->p[i + 1] == '"' || rest->p[i + 1] == '\\'))
			c = rest->p[++i];
		buf_add_char(ret_value, c);
	}
	return -1;
}

static int
take_token(struct slice *rest, struct buf *ret_value)
{
	size_t n = 0;

	while (n < rest->len && http_is_token(slice_of(rest->p + n, 1)))
		n++;
	buf_add(ret_value, rest->p, n);
	*rest = slice_sub(*rest, n, rest->len);
	return n > 0 ? 0 : -1;
}

int
http_media_param(struct slice *rest, struct slice *ret_name,
    struct buf *ret_value)
{
	ptrdiff_t equals;
	int error;

	buf_reset(ret_value);
	*rest = slice_trim(*rest);
	if (rest->len == 0)
		return 0;
	if (rest->p[0] != ';')
		return -1;
	*rest = slice_trim(slice_sub(*rest, 1, rest->len));
	if (rest->len == 0)
		return 0;
	equals = slice_find(*rest, '=');
	if (equals < 0)
		return -1;
	*ret_name = slice_sub(*rest, 0, (size_t)equals);
	*rest = slice_sub(*rest, (size_t)equals + 1, rest->len);
	if (!http_is_token(*ret_name))
		return -1;
	error = slice_starts(*rest, "\"") ? take_quoted(rest, ret_value) :
	    take_token(rest, ret_value);
	return error < 0 ? -1 : 1;
}

int
http_media_find(struct slice params, const char *name, struct buf *ret_value)
{
	struct buf value = { 0 };
	struct slice found;
	int result = 0, more;

	buf_reset(ret_value);
	while ((more = http_media_param(&params, &found, &value)) > 0) {
		if (!slice_ieq_str(found, name))
			continue;
		if (result++ > 0)
			break;
		buf_add_slice(ret_value, buf_slice(&value));
	}
	buf_fini(&value);
	return more < 0 || result > 1 ? -1 : result;
}
