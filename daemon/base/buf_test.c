/* SPDX-License-Identifier: ISC */
/*
 * Tests of base/buf and base/mem.
 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

static void
empty_is_a_string(void **state)
{
	struct buf b = { 0 };
	char *taken;

	(void)state;
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_slice(&b).len, 0);
	taken = buf_take(&b);
	assert_string_equal(taken, "");
	free(taken);
	buf_add(&b, NULL, 0);
	assert_string_equal(buf_str(&b), "");
	assert_false(buf_failed(&b));
	buf_fini(&b);
}

static void
all_ways_in_append(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_add(&b, "a\0b", 3);
	buf_add_slice(&b, slice_str("cd"));
	buf_add_str(&b, "");
	buf_add_char(&b, 'e');
	buf_printf(&b, "%d%s", 42, "x");
	assert_int_equal(b.len, 9);
	assert_memory_equal(b.p, "a\0bcde42x", 10);
	buf_fini(&b);
	assert_null(b.p);
}

static void
numbers(void **state)
{
	static const struct {
		int64_t number;
		const char *text;
	} cases[] = { { 0, "0" }, { 7, "7" }, { -10, "-10" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" } };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf b = { 0 };

		buf_add_num(&b, cases[i].number);
		assert_string_equal(buf_str(&b), cases[i].text);
		buf_fini(&b);
	}
}

static void
room_is_no_content(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	buf_reserve(&b, 500);
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(b.len, 0);
	buf_add_str(&b, "a");
	buf_reserve(&b, 0);
	assert_string_equal(buf_str(&b), "a");
	buf_reserve(&b, 1000);
	assert_true(buf_failed(&b));
	buf_fini(&b);
}

static void
grows_far(void **state)
{
	struct buf b = { 0 };

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		buf_printf(&b, "%05u", i);
	assert_int_equal(b.len, 25000);
	assert_memory_equal(b.p + 4999 * 5, "04999", 6);
	buf_fini(&b);
}

static void
the_limit_sticks(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_add_str(&b, "1234");
	assert_false(buf_failed(&b));
	buf_add_char(&b, '5');
	assert_true(buf_failed(&b));
	buf_add(&b, NULL, 0);
	buf_printf(&b, "%s", "");
	assert_string_equal(buf_str(&b), "1234");
	buf_reset(&b);
	assert_false(buf_failed(&b));
	assert_string_equal(buf_str(&b), "");
	buf_printf(&b, "%d", 12345);
	assert_true(buf_failed(&b));
	assert_string_equal(buf_str(&b), "");
	buf_fini(&b);
	assert_int_equal(b.limit, 4);
}

static void
a_writer_may_fail_it(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_fail(&b);
	buf_add_str(&b, "no");
	assert_true(buf_failed(&b));
	assert_int_equal(b.len, 0);
	buf_fini(&b);
}

static void
take_hands_over(void **state)
{
	struct buf b = { 0 };
	char *taken;

	(void)state;
	buf_add_str(&b, "mine");
	taken = buf_take(&b);
	assert_int_equal(b.len, 0);
	buf_add_str(&b, "other");
	assert_string_equal(taken, "mine");
	free(taken);
	buf_fini(&b);
}

static void
memory_is_as_promised(void **state)
{
	char *zero = mem_new(3, 5);
	char *part = mem_strndup("abcdef", 3);
	char *none = mem_strndup(NULL, 0);
	char *text = mem_printf("%s-%d", "x", 7);
	char *copy = mem_dup("a\0b", 3);

	(void)state;
	for (size_t i = 0; i < 15; i++)
		assert_int_equal(zero[i], 0);
	assert_string_equal(part, "abc");
	assert_string_equal(none, "");
	assert_string_equal(text, "x-7");
	assert_memory_equal(copy, "a\0b", 3);
	free(zero);
	free(part);
	free(none);
	free(copy);
	mem_free_secret(text, 3);
	mem_free_secret(NULL, 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_is_a_string),
		cmocka_unit_test(all_ways_in_append),
		cmocka_unit_test(numbers),
		cmocka_unit_test(room_is_no_content),
		cmocka_unit_test(grows_far),
		cmocka_unit_test(the_limit_sticks),
		cmocka_unit_test(a_writer_may_fail_it),
		cmocka_unit_test(take_hands_over),
		cmocka_unit_test(memory_is_as_promised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
