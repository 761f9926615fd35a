/* SPDX-License-Identifier: ISC */
/*
 * The face of libunistring.
 */
#include "base/utf8.h"

#include <stdlib.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/mem.h"

static const uint8_t *
bytes(struct slice s)
{
	return (const uint8_t *)s.p;
}

/* Eight at a time: a mail is looked at by all who pass it on. */
bool
utf8_is_ascii(struct slice s)
{
	uint64_t bits = 0, eight;
	size_t i;

	for (i = 0; i + sizeof(eight) <= s.len; i += sizeof(eight)) {
		memcpy(&eight, s.p + i, sizeof(eight));
		bits |= eight;
	}
	for (; i < s.len; i++)
		bits |= (unsigned char)s.p[i];
	return (bits & UINT64_C(0x8080808080808080)) == 0;
}

bool
utf8_is_valid(struct slice s)
{
	return utf8_is_ascii(s) || u8_check(bytes(s), s.len) == NULL;
}

size_t
utf8_ascii_len(struct slice s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] >= ' ' && s.p[n] <= '~')
		n++;
	return n;
}

size_t
utf8_next(struct slice s, uint32_t *ret_char)
{
	ucs4_t c = 0;
	int n;

	if (s.len == 0)
		return 0;
	n = u8_mbtoucr(&c, bytes(s), s.len);
	*ret_char = c;
	return n > 0 ? (size_t)n : 0;
}

bool
utf8_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c ||
	    (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

bool
utf8_has_control(struct slice s)
{
	s = slice_sub(s, utf8_ascii_len(s), s.len);
	while (s.len > 0) {
		uint32_t c;
		size_t n = utf8_next(s, &c);

		if (n == 0 || utf8_is_control(c))
			return true;
		s = slice_sub(s, n, s.len);
	}
	return false;
}

static bool
is_joiner(uint32_t c)
{
	return c == 0x200c || c == 0x200d;
}

bool
utf8_is_text(struct slice s)
{
	s = slice_sub(s, utf8_ascii_len(s), s.len);
	while (s.len > 0) {
		uint32_t c;
		size_t n = utf8_next(s, &c);

		if (n == 0 || (utf8_is_control(c) && !is_joiner(c)))
			return false;
		s = slice_sub(s, n, s.len);
	}
	return true;
}

char *
utf8_nfc(struct slice s)
{
	size_t len = 0;
	uint8_t *nfc;
	char *copy;

	if (!utf8_is_valid(s))
		return NULL;
	if (s.len == 0)
		return mem_strdup("");
	nfc = u8_normalize(UNINORM_NFC, bytes(s), s.len, NULL, &len);
	/* Of valid text that can be for want of memory only. */
	if (nfc == NULL)
		mem_die();
	copy = mem_strndup((const char *)nfc, len);
	free(nfc);
	return copy;
}
