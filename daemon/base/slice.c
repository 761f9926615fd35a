/* SPDX-License-Identifier: ISC */
/*
 * Looking at borrowed bytes.  ASCII only; Unicode is base/utf8's.
 */
#include "base/slice.h"

#include <strings.h>

#include "base/mem.h"

/* strncasecmp would follow the locale and stop at a NUL. */
static int
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
}

bool
slice_ieq(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	/* Mostly both are written in the same way. */
	if (slice_eq(a, b))
		return true;
	for (size_t i = 0; i < a.len; i++) {
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	}
	return true;
}

bool
slice_starts(struct slice s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.len >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool
slice_ends(struct slice s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.len >= n &&
	    (n == 0 || memcmp(s.p + s.len - n, suffix, n) == 0);
}

int
slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

ptrdiff_t
slice_find(struct slice s, char c)
{
	const char *at = s.len > 0 ? memchr(s.p, c, s.len) : NULL;

	return at != NULL ? at - s.p : -1;
}

ptrdiff_t
slice_rfind(struct slice s, char c)
{
	const char *at = s.len > 0 ? memrchr(s.p, c, s.len) : NULL;

	return at != NULL ? at - s.p : -1;
}

struct slice
slice_sub(struct slice s, size_t start, size_t end)
{
	if (end > s.len)
		end = s.len;
	if (start > end)
		start = end;
	return slice_of(s.len > 0 ? s.p + start : s.p, end - start);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct slice
slice_trim(struct slice s)
{
	while (s.len > 0 && is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool
slice_split(struct slice *rest, char sep, struct slice *ret_part)
{
	const char *at;

	if (rest->p == NULL)
		return false;
	at = rest->len > 0 ? memchr(rest->p, sep, rest->len) : NULL;
	*ret_part = *rest;
	*rest = slice_of(NULL, 0);
	if (at != NULL) {
		*rest = slice_of(at + 1, ret_part->len - 1 -
		    (size_t)(at - ret_part->p));
		ret_part->len = (size_t)(at - ret_part->p);
	}
	return true;
}

bool
slice_has_word(struct slice words, const char *word)
{
	struct slice next;

	while (slice_split(&words, ' ', &next)) {
		if (next.len > 0 && slice_eq_str(next, word))
			return true;
	}
	return false;
}

char *
slice_dup(struct slice s)
{
	return mem_strndup(s.p, s.len);
}
