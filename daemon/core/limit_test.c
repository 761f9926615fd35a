/* SPDX-License-Identifier: ISC */
/*
 * Reading limits.
 */
#include "core/limit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
	const char *text;
	int result;
	struct limit limit;
} cases[] = {
	{ "off", 0, { 0 } },
	{ " off ", 0, { 0 } },
	{ "30/1m", 0, { 1, { { 30, 60 } } } },
	{ "3/1d, 5/30d", 0, { 2, { { 3, 86400 }, { 5, 2592000 } } } },
	{ " 3 / 1d ,5/30d ", 0, { 2, { { 3, 86400 }, { 5, 2592000 } } } },
	{ "1/1,2/2,3/3,4/4", 0,
	    { 4, { { 1, 1 }, { 2, 2 }, { 3, 3 }, { 4, 4 } } } },
	{ "4294967295/4294967295", 0, { 1, { { UINT32_MAX, UINT32_MAX } } } },
	{ "1/1,2/2,3/3,4/4,5/5", -1, { 0 } },
	{ "", -1, { 0 } },
	{ "3", -1, { 0 } },
	{ "3/", -1, { 0 } },
	{ "/1d", -1, { 0 } },
	{ "0/1d", -1, { 0 } },
	{ "3/0", -1, { 0 } },
	{ "3/0d", -1, { 0 } },
	{ "3/1w", -1, { 0 } },
	{ "3/1d,", -1, { 0 } },
	{ ",3/1d", -1, { 0 } },
	{ "3/1d;", -1, { 0 } },
	{ "3/1d/2", -1, { 0 } },
	{ "-3/1d", -1, { 0 } },
	{ "3/1d, off", -1, { 0 } },
	{ "OFF", -1, { 0 } },
	{ "4294967296/1d", -1, { 0 } },
	{ "1/49711d", -1, { 0 } },
};

static void
test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct limit *want = &cases[i].limit;
		struct limit got = { .count = 99 };
		int result = limit_parse(slice_str(cases[i].text), &got);

		if (result != cases[i].result)
			fail_msg("'%s': %d", cases[i].text, result);
		if (result < 0) {
			assert_int_equal(got.count, 99);
			continue;
		}
		assert_int_equal(got.count, want->count);
		for (size_t w = 0; w < want->count; w++) {
			assert_int_equal(got.window[w].count,
			    want->window[w].count);
			assert_int_equal(got.window[w].seconds,
			    want->window[w].seconds);
		}
	}
	{
		struct limit got;

		assert_int_equal(limit_parse(slice_str(NULL), &got), -1);
	}
}

static void
test_equal(void **state)
{
	static const char *const texts[] = { "off", "3/1d", "4/1d", "3/2d",
		"3/1d, 5/30d", "3/1d, 6/30d", "3/1d, 5/31d" };
	enum { COUNT = sizeof(texts) / sizeof(texts[0]) };
	struct limit limits[COUNT], again;

	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(limit_parse(slice_str(texts[i]), &limits[i]),
		    0);
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(limit_parse(slice_str(texts[i]), &again), 0);
		for (size_t k = 0; k < COUNT; k++)
			assert_int_equal(limit_equal(&again, &limits[k]),
			    i == k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
