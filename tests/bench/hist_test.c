/* SPDX-License-Identifier: ISC */
/*
 * What a histogram tells is never more than a sixty-fourth off.
 */
#include "hist.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
assert_near(uint64_t seen, uint64_t wanted)
{
	assert_true(seen <= wanted);
	assert_true(wanted - seen <= wanted / HIST_FINE);
}

static void
test_one_of_any_size(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t power = UINT64_C(1) << bit;
		const uint64_t values[] = { power - 1, power, power + 1 };

		for (size_t i = 0; i < 3; i++) {
			struct hist h = { 0 };

			hist_add(&h, values[i]);
			assert_near(hist_at(&h, 0.5), values[i]);
			assert_near(hist_at(&h, 1), values[i]);
		}
	}
}

static void
test_parts(void **state)
{
	struct hist h = { 0 };

	(void)state;
	assert_int_equal(hist_at(&h, 0.5), 0);
	for (uint64_t i = 1000; i > 0; i--)
		hist_add(&h, i * 1000);
	assert_near(hist_at(&h, 0.5), 500000);
	assert_near(hist_at(&h, 0.99), 990000);
	assert_near(hist_at(&h, 0.999), 999000);
	assert_int_equal(h.most, 1000000);
	assert_int_equal(h.count, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_of_any_size),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
