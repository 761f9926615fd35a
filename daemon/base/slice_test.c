/* SPDX-License-Identifier: ISC */
/*
 * Tests of base/slice.
 */
#include "base/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
equality(void **state)
{
	(void)state;
	assert_true(slice_eq(slice_str("ab"), slice_of("abc", 2)));
	assert_false(slice_eq(slice_str("ab"), slice_str("abc")));
	assert_false(slice_eq(slice_of("a\0b", 3), slice_of("a\0c", 3)));
	assert_true(slice_eq(slice_str(NULL), slice_str("")));
	assert_true(slice_eq_str(slice_str("x"), "x"));
	assert_true(slice_ieq_str(slice_str("CoNtEnT-[Z"), "cOnTeNt-[z"));
	assert_false(slice_ieq_str(slice_str("a["), "a{"));
	/* Only ASCII has case here: Ä and ä differ. */
	assert_false(slice_ieq_str(slice_str("\xc3\x84"), "\xc3\xa4"));
	assert_false(slice_ieq(slice_of("a\0b", 3), slice_of("a\0c", 3)));
}

static void
ends(void **state)
{
	(void)state;
	assert_true(slice_starts(slice_str("abc"), "ab"));
	assert_true(slice_starts(slice_str(NULL), ""));
	assert_false(slice_starts(slice_str("a"), "ab"));
	assert_true(slice_ends(slice_str("abc"), "bc"));
	assert_false(slice_ends(slice_str("c"), "bc"));
	assert_true(slice_ends(slice_str(NULL), ""));
}

static void
order(void **state)
{
	(void)state;
	assert_true(slice_cmp(slice_str("a"), slice_str("b")) < 0);
	assert_true(slice_cmp(slice_str("a"), slice_str("ab")) < 0);
	assert_true(slice_cmp(slice_str("b"), slice_str("ab")) > 0);
	assert_true(slice_cmp(slice_str("\xff"), slice_str("a")) > 0);
	assert_int_equal(slice_cmp(slice_str(NULL), slice_str("")), 0);
}

static void
searching(void **state)
{
	(void)state;
	assert_int_equal(slice_find(slice_str("a@b@c"), '@'), 1);
	assert_int_equal(slice_rfind(slice_str("a@b@c"), '@'), 3);
	assert_int_equal(slice_find(slice_str("abc"), '@'), -1);
	assert_int_equal(slice_rfind(slice_str(NULL), '@'), -1);
	assert_int_equal(slice_find(slice_of("a\0@", 3), '@'), 2);
}

static void
parts(void **state)
{
	struct slice s = slice_str("abcdef");

	(void)state;
	assert_true(slice_eq_str(slice_sub(s, 1, 3), "bc"));
	assert_true(slice_eq_str(slice_sub(s, 4, 99), "ef"));
	assert_int_equal(slice_sub(s, 99, 100).len, 0);
	assert_int_equal(slice_sub(s, 3, 2).len, 0);
	assert_int_equal(slice_sub(s, SIZE_MAX, SIZE_MAX).len, 0);
	assert_int_equal(slice_sub(slice_str(NULL), 0, 5).len, 0);
}

static void
trimming(void **state)
{
	(void)state;
	assert_true(slice_eq_str(slice_trim(slice_str(" \t a b\t ")), "a b"));
	assert_int_equal(slice_trim(slice_str(" \t ")).len, 0);
	assert_int_equal(slice_trim(slice_str(NULL)).len, 0);
	/* Line ends are no blanks. */
	assert_true(slice_eq_str(slice_trim(slice_str("\na\r")), "\na\r"));
}

static void
splitting(void **state)
{
	static const struct {
		const char *text;
		const char *parts[5];
	} cases[] = {
		{ "a,b,c", { "a", "b", "c" } },
		{ "a", { "a" } },
		{ "", { "" } },
		{ ",", { "", "" } },
		{ "a,,b,", { "a", "", "b", "" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice rest = slice_str(cases[i].text);
		struct slice part;
		size_t n = 0;

		while (slice_split(&rest, ',', &part)) {
			assert_non_null(cases[i].parts[n]);
			assert_true(slice_eq_str(part, cases[i].parts[n]));
			n++;
		}
		assert_null(cases[i].parts[n]);
		assert_null(rest.p);
	}
}

static void
words(void **state)
{
	static const struct {
		const char *words, *word;
		bool has;
	} cases[] = {
		{ "list state", "list", true },
		{ "list state", "state", true },
		{ "list", "list", true },
		{ "lists state", "list", false },
		{ "list state", "list state", false },
		{ "list state", "", false },
		{ "", "", false },
		{ NULL, "list", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(slice_has_word(slice_str(cases[i].words),
		    cases[i].word), cases[i].has);
}

static void
duplicates_are_strings(void **state)
{
	char *copy = slice_dup(slice_of("abcdef", 3));
	char *none = slice_dup(slice_str(NULL));

	(void)state;
	assert_string_equal(copy, "abc");
	assert_string_equal(none, "");
	free(copy);
	free(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality),
		cmocka_unit_test(ends),
		cmocka_unit_test(order),
		cmocka_unit_test(searching),
		cmocka_unit_test(parts),
		cmocka_unit_test(trimming),
		cmocka_unit_test(splitting),
		cmocka_unit_test(words),
		cmocka_unit_test(duplicates_are_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
