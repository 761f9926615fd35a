/* SPDX-License-Identifier: ISC */
/*
 * The short code.  32 characters are 5 bits each, so 40 random bits make
 * every code equally likely.
 */
#include "core/code.h"

#include <string.h>

#include "base/bytes.h"
#include "base/utf8.h"

static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
_Static_assert(sizeof(alphabet) - 1 == 32, "5 bits choose a character");

/* Nobody types more around 8 characters; bounds the work. */
enum { TYPED_MAX = 64, HALF = 4 };

void
code_make(const uint8_t random[CODE_RANDOM_SIZE], char ret_code[CODE_SIZE])
{
	uint64_t bits = bytes_get_be(random, CODE_RANDOM_SIZE);

	for (size_t i = 0; i < CODE_SIZE - 1; i++) {
		ret_code[i] = alphabet[bits & 31];
		bits >>= 5;
	}
	ret_code[CODE_SIZE - 1] = '\0';
}

void
code_show(const char code[CODE_SIZE], char ret_shown[CODE_SHOWN_SIZE])
{
	memcpy(ret_shown, code, HALF);
	ret_shown[HALF] = '-';
	memcpy(ret_shown + HALF + 1, code + HALF, HALF);
	ret_shown[CODE_SHOWN_SIZE - 1] = '\0';
}

/* Dashes and blanks, also those that programs make of ours. */
static bool
is_filler(uint32_t c)
{
	return c == ' ' || c == '-' || (c >= '\t' && c <= '\r') ||
	    c == 0xa0 || (c >= 0x2010 && c <= 0x2015) || c == 0x202f ||
	    c == 0x2212;
}

/* The character in normal form, or NUL. */
static char
normal_char(uint32_t c)
{
	if (c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	if (c == 0 || c > 'Z' || strchr(alphabet, (int)c) == NULL)
		return '\0';
	return (char)c;
}

int
code_read(struct slice typed, char ret_code[CODE_SIZE])
{
	size_t have = 0;

	if (typed.len > TYPED_MAX)
		return -1;
	while (typed.len > 0) {
		uint32_t c;
		size_t n = utf8_next(typed, &c);
		char normal;

		if (n == 0)
			return -1;
		typed = slice_sub(typed, n, typed.len);
		if (is_filler(c))
			continue;
		normal = normal_char(c);
		if (normal == '\0' || have == CODE_SIZE - 1)
			return -1;
		ret_code[have++] = normal;
	}
	if (have != CODE_SIZE - 1)
		return -1;
	ret_code[have] = '\0';
	return 0;
}
