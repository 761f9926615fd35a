/* SPDX-License-Identifier: ISC */
/*
 * Tests of base/bytes and base/crc.
 */
#include "base/bytes.h"

#include <setjmp.h>

#include <cmocka.h>

#include "base/crc.h"

static void
big_endian_sorts_as_numbers(void **state)
{
	uint8_t a[8], b[8];

	(void)state;
	bytes_put_be(a, 5, UINT64_C(0x0102030405));
	assert_memory_equal(a, "\1\2\3\4\5", 5);
	assert_int_equal(bytes_get_be(a, 5), UINT64_C(0x0102030405));
	bytes_put_be(a, 8, UINT64_MAX);
	assert_true(bytes_get_be(a, 8) == UINT64_MAX);
	bytes_put_be(a, 1, 0x1ff);
	assert_int_equal(bytes_get_be(a, 1), 0xff);
	bytes_put_be(a, 8, 255);
	bytes_put_be(b, 8, 256);
	assert_true(memcmp(a, b, 8) < 0);
}

static void
hex_both_ways(void **state)
{
	struct buf out = { 0 };
	uint8_t back[4];

	(void)state;
	bytes_add_hex(&out, "\x00\x0f\xf0\xff", 4);
	assert_string_equal(buf_str(&out), "000ff0ff");
	assert_int_equal(bytes_from_hex(buf_slice(&out), back, 4), 0);
	assert_memory_equal(back, "\x00\x0f\xf0\xff", 4);
	buf_fini(&out);
}

static void
hex_refuses(void **state)
{
	static const struct slice bad[] = { SLICE(""), SLICE("0"),
		SLICE("0000"), SLICE("0g"), SLICE("g0"), SLICE(" 0"),
		SLICE("0\0"), SLICE("\0" "0"), SLICE("AB"), SLICE("-1") };
	uint8_t byte[1];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(bytes_from_hex(bad[i], byte, 1), -1);
}

/* RFC 4648 §10, without the padding, and both characters of its own. */
static const struct {
	struct slice bytes;
	struct slice text;
} base64_cases[] = {
	{ SLICE(""), SLICE("") },
	{ SLICE("f"), SLICE("Zg") },
	{ SLICE("fo"), SLICE("Zm8") },
	{ SLICE("foo"), SLICE("Zm9v") },
	{ SLICE("foob"), SLICE("Zm9vYg") },
	{ SLICE("fooba"), SLICE("Zm9vYmE") },
	{ SLICE("foobar"), SLICE("Zm9vYmFy") },
	{ SLICE("\xfb\xff\xbf"), SLICE("-_-_") },
	{ SLICE("\0\0\0\0"), SLICE("AAAAAA") },
};

static void
base64url_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(base64_cases) / sizeof(base64_cases[0]);
	    i++) {
		struct slice bytes = base64_cases[i].bytes;
		struct slice text = base64_cases[i].text;
		struct buf out = { 0 };
		uint8_t back[8];

		bytes_add_base64url(&out, bytes.p, bytes.len);
		assert_true(slice_eq(buf_slice(&out), text));
		assert_int_equal(bytes_from_base64url(text, back, bytes.len),
		    0);
		assert_memory_equal(back, bytes.p, bytes.len);
		buf_fini(&out);
	}
}

static void
base64url_refuses(void **state)
{
	static const struct {
		struct slice text;
		size_t size;
	} bad[] = {
		{ SLICE("Zh"), 1 },	/* a bit that means nothing is set */
		{ SLICE("Zm9"), 2 },
		{ SLICE("Zg=="), 1 },
		{ SLICE("Zg"), 2 },
		{ SLICE("Zm8"), 1 },
		{ SLICE("+/+/"), 3 },
		{ SLICE("Zm9\0"), 3 },
		{ SLICE("Zm 9"), 3 },
		{ SLICE("A"), 0 },
		{ SLICE("\xff\xff"), 1 },
	};
	uint8_t back[4];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(bytes_from_base64url(bad[i].text, back,
		    bad[i].size), -1);
}

/* RFC 4648 §10, and both characters that base64url has otherwise. */
static void
base64_of_others(void **state)
{
	static const struct {
		struct slice text;
		const char *bytes;	/* NULL: refused */
	} cases[] = {
		{ SLICE(""), "" },
		{ SLICE("Zg=="), "f" },
		{ SLICE("Zm8="), "fo" },
		{ SLICE("Zm9v"), "foo" },
		{ SLICE("Zm9vYg=="), "foob" },
		{ SLICE("+/+/"), "\xfb\xff\xbf" },
		{ SLICE("-_-_"), NULL },
		{ SLICE("Zg"), NULL },
		{ SLICE("Zg="), NULL },
		{ SLICE("Zg==="), NULL },
		{ SLICE("Zg==Zg=="), NULL },
		{ SLICE("Zh=="), NULL },	/* a bit that means nothing */
		{ SLICE("Zm9="), NULL },
		{ SLICE("===="), NULL },
		{ SLICE("A==="), NULL },
		{ SLICE("Zm9v\n"), NULL },
		{ SLICE("Zm\0v"), NULL },
		{ SLICE("Zm v"), NULL },
	};
	uint8_t back[8];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int error = bytes_from_base64(cases[i].text, back, &len);

		if (cases[i].bytes == NULL) {
			assert_int_equal(error, -1);
			continue;
		}
		assert_int_equal(error, 0);
		assert_true(slice_eq_str(slice_of(back, len),
		    cases[i].bytes));
	}
}

static void
crc_is_the_known_one(void **state)
{
	(void)state;
	assert_int_equal(crc_of(slice_str("123456789")), 0xcbf43926);
	assert_int_equal(crc_of(slice_str("")), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(big_endian_sorts_as_numbers),
		cmocka_unit_test(hex_both_ways),
		cmocka_unit_test(hex_refuses),
		cmocka_unit_test(base64url_both_ways),
		cmocka_unit_test(base64url_refuses),
		cmocka_unit_test(base64_of_others),
		cmocka_unit_test(crc_is_the_known_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
