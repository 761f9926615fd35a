/* SPDX-License-Identifier: ISC */
/*
 * Sets of characters, as one table.
 */
#include "io/http_chars.h"

#include <stdint.h>

/*
 * What a character may be part of: a token, a path (RFC 3986 §3.3), a query
 * (browsers send more than §3.4 allows: all but " # < >), a host name, a
 * header's value.
 */
enum { C_TOKEN = 1, C_PATH = 2, C_QUERY = 4, C_HOST = 8, C_FIELD = 16 };

static const uint8_t classes[128] = {
	 0,  0,  0,  0,  0,  0,  0,  0,  0, 16,  0,  0,  0,  0,  0,  0,
	 0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
	16, 23, 16, 17, 23, 23, 23, 23, 22, 22, 23, 23, 22, 31, 31, 22,
	31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 22, 22, 16, 22, 16, 20,
	22, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31,
	31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 20, 20, 20, 21, 31,
	21, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31,
	31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 20, 21, 20, 31,  0,
};
_Static_assert(sizeof(classes) == 128, "one entry for each ASCII character");

static unsigned
class_of(char c)
{
	unsigned char u = (unsigned char)c;

	return u < sizeof(classes) ? classes[u] : C_FIELD;
}

/* How many of its first characters are of that class. */
static size_t
len_of(struct slice s, unsigned bit)
{
	size_t n = 0;

	while (n < s.len && (class_of(s.p[n]) & bit) != 0)
		n++;
	return n;
}

static bool
is_made_of(struct slice s, unsigned bit)
{
	return len_of(s, bit) == s.len;
}

bool
http_is_token(struct slice s)
{
	return s.len > 0 && is_made_of(s, C_TOKEN);
}

bool
http_is_field_text(struct slice s)
{
	return is_made_of(s, C_FIELD);
}

size_t
http_field_text_len(struct slice s)
{
	return len_of(s, C_FIELD);
}

bool
http_is_path_text(struct slice s)
{
	return is_made_of(s, C_PATH);
}

bool
http_is_query_text(struct slice s)
{
	return is_made_of(s, C_QUERY);
}

bool
http_is_host_text(struct slice s)
{
	return is_made_of(s, C_HOST);
}

int
http_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}
