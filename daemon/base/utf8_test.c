/* SPDX-License-Identifier: ISC */
/*
 * Tests of base/utf8.
 */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* The first character of each; 0 bytes when it is invalid (RFC 3629 §3). */
static const struct {
	struct slice in;
	size_t bytes;
	uint32_t c;
} chars[] = {
	{ SLICE("a"), 1, 'a' },
	{ SLICE("\0"), 1, 0 },
	{ SLICE("\x7f"), 1, 0x7f },
	{ SLICE("\xc2\x80"), 2, 0x80 },
	{ SLICE("\xdf\xbfx"), 2, 0x7ff },
	{ SLICE("\xe0\xa0\x80"), 3, 0x800 },
	{ SLICE("\xed\x9f\xbf"), 3, 0xd7ff },
	{ SLICE("\xef\xbf\xbd"), 3, 0xfffd },
	{ SLICE("\xf0\x90\x80\x80"), 4, 0x10000 },
	{ SLICE("\xf4\x8f\xbf\xbf"), 4, 0x10ffff },
	{ SLICE("\x80"), 0, 0 },		/* a tail alone */
	{ SLICE("\xc3"), 0, 0 },		/* cut off */
	{ SLICE("\xe2\x82"), 0, 0 },
	{ SLICE("\xc3" "a"), 0, 0 },
	{ SLICE("\xc0\x80"), 0, 0 },		/* too long a form */
	{ SLICE("\xc1\xbf"), 0, 0 },
	{ SLICE("\xe0\x9f\xbf"), 0, 0 },
	{ SLICE("\xf0\x8f\xbf\xbf"), 0, 0 },
	{ SLICE("\xed\xa0\x80"), 0, 0 },	/* a surrogate */
	{ SLICE("\xf4\x90\x80\x80"), 0, 0 },	/* past U+10FFFF */
	{ SLICE("\xf5\x80\x80\x80"), 0, 0 },
	{ SLICE("\xff"), 0, 0 },
};

static void
one_character(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(chars) / sizeof(chars[0]); i++) {
		uint32_t c = 0;

		assert_int_equal(utf8_next(chars[i].in, &c), chars[i].bytes);
		if (chars[i].bytes > 0)
			assert_int_equal(c, chars[i].c);
		assert_int_equal(utf8_is_valid(chars[i].in),
		    chars[i].bytes > 0);
	}
	assert_int_equal(utf8_next(slice_str(""), &(uint32_t){ 0 }), 0);
	assert_true(utf8_is_valid(slice_str(NULL)));
	assert_false(utf8_is_valid(slice_str("ok so far \xc3")));
}

/* Wherever in it the byte stands. */
static void
a_byte_that_is_not_ascii_is_found(void **state)
{
	char text[20];

	(void)state;
	for (size_t len = 0; len <= sizeof(text); len++) {
		memset(text, 0x7f, sizeof(text));
		assert_true(utf8_is_ascii(slice_of(text, len)));
		for (size_t i = 0; i < sizeof(text); i++) {
			text[i] = (char)0x80;
			assert_int_equal(utf8_is_ascii(slice_of(text, len)),
			    i >= len);
			text[i] = '\0';
		}
	}
}

static void
controls(void **state)
{
	static const uint32_t yes[] = { 0, 9, 10, 0x1f, 0x7f, 0x80, 0x9f,
		0x61c, 0x200b, 0x200e, 0x200f, 0x2028, 0x202a, 0x202e, 0x2060,
		0x2066, 0x2069, 0xfeff };
	static const uint32_t no[] = { ' ', '~', 0xa0, 0xfc, 0x2027, 0x202f,
		0x4e00, 0x1f600 };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(utf8_is_control(yes[i]));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(utf8_is_control(no[i]));
	assert_true(utf8_has_control(slice_str("a\nb")));
	assert_true(utf8_has_control(slice_str("J\xe2\x80\xaeo")));
	assert_true(utf8_has_control(slice_str("bad\xff")));
	assert_false(utf8_has_control(slice_str("J\xc3\xbcrgen M")));
	assert_false(utf8_has_control(slice_str("")));
}

static void
texts(void **state)
{
	static const char *const yes[] = { "", "J\xc3\xbcrgen",
		"\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb4",	/* Persian */
		"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" };
	static const char *const no[] = { "a\nb", "J\xe2\x80\xaeo",
		"a\xe2\x80\x8b", "a\xe2\x80\xa8", "bad\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(utf8_is_text(slice_str(yes[i])));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(utf8_is_text(slice_str(no[i])));
}

static void
normal_form(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "abc", "abc" },
		{ "u\xcc\x88", "\xc3\xbc" },		/* u + diaeresis */
		{ "\xc3\xbc", "\xc3\xbc" },
		{ "\xe2\x84\xab", "\xc3\x85" },		/* the Ångström */
		{ "\xef\xac\x81", "\xef\xac\x81" },	/* fi: that is NFKC's */
		{ "a\xff", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *nfc = utf8_nfc(slice_str(cases[i].in));

		if (cases[i].out == NULL) {
			assert_null(nfc);
		} else {
			assert_non_null(nfc);
			assert_string_equal(nfc, cases[i].out);
		}
		free(nfc);
	}
}

static void
plain_beginnings(void **state)
{
	(void)state;
	assert_int_equal(utf8_ascii_len(slice_str("")), 0);
	assert_int_equal(utf8_ascii_len(slice_str(" az~")), 4);
	assert_int_equal(utf8_ascii_len(slice_str("a\tb")), 1);
	assert_int_equal(utf8_ascii_len(slice_str("ab\x7f")), 2);
	assert_int_equal(utf8_ascii_len(slice_str("gr\xc3\xbcn")), 2);
	assert_int_equal(utf8_ascii_len(slice_of("a\0b", 3)), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_beginnings),
		cmocka_unit_test(one_character),
		cmocka_unit_test(a_byte_that_is_not_ascii_is_found),
		cmocka_unit_test(controls),
		cmocka_unit_test(texts),
		cmocka_unit_test(normal_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
