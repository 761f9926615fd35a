/* SPDX-License-Identifier: ISC */
/*
 * Tests of base/num.
 */
#include "base/num.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef int parse_fn(struct slice, uint64_t *);

struct num_case {
	parse_fn *parse;
	struct slice text;
	int result;
	uint64_t value;
};

static const struct num_case cases[] = {
	{ num_parse_u64, SLICE("0"), 0, 0 },
	{ num_parse_u64, SLICE("007"), 0, 7 },
	{ num_parse_u64, SLICE("18446744073709551615"), 0, UINT64_MAX },
	{ num_parse_u64, SLICE("18446744073709551616"), -1, 0 },
	{ num_parse_u64, SLICE("99999999999999999999"), -1, 0 },
	{ num_parse_u64, SLICE(""), -1, 0 },
	{ num_parse_u64, SLICE("+1"), -1, 0 },
	{ num_parse_u64, SLICE("-1"), -1, 0 },
	{ num_parse_u64, SLICE(" 1"), -1, 0 },
	{ num_parse_u64, SLICE("1 "), -1, 0 },
	{ num_parse_u64, SLICE("1\0"), -1, 0 },
	{ num_parse_u64, SLICE("1a"), -1, 0 },
	{ num_parse_u64, SLICE("0x1"), -1, 0 },
	{ num_parse_u64, SLICE("1e3"), -1, 0 },
	{ num_parse_u64, SLICE("\xd9\xa1"), -1, 0 },	/* U+0661, Arabic 1 */
	{ num_parse_hex, SLICE("fF09"), 0, 0xff09 },
	{ num_parse_hex, SLICE("ffffffffffffffff"), 0, UINT64_MAX },
	{ num_parse_hex, SLICE("10000000000000000"), -1, 0 },
	{ num_parse_hex, SLICE("0x10"), -1, 0 },
	{ num_parse_hex, SLICE("g"), -1, 0 },
	{ num_parse_hex, SLICE(""), -1, 0 },
	{ num_parse_size, SLICE("16k"), 0, 16384 },
	{ num_parse_size, SLICE("10m"), 0, 10485760 },
	{ num_parse_size, SLICE("64g"), 0, UINT64_C(68719476736) },
	{ num_parse_size, SLICE("512"), 0, 512 },
	{ num_parse_size, SLICE("k"), -1, 0 },
	{ num_parse_size, SLICE("1K"), -1, 0 },
	{ num_parse_size, SLICE("1kk"), -1, 0 },
	{ num_parse_size, SLICE("1.5k"), -1, 0 },
	{ num_parse_size, SLICE("1s"), -1, 0 },
	{ num_parse_size, SLICE("17179869183g"), 0,
	    UINT64_C(17179869183) << 30 },
	{ num_parse_size, SLICE("17179869184g"), -1, 0 },
	{ num_parse_duration, SLICE("90s"), 0, 90 },
	{ num_parse_duration, SLICE("10m"), 0, 600 },
	{ num_parse_duration, SLICE("72h"), 0, 259200 },
	{ num_parse_duration, SLICE("14d"), 0, 1209600 },
	{ num_parse_duration, SLICE("5"), 0, 5 },
	{ num_parse_duration, SLICE("5m;"), -1, 0 },
	{ num_parse_duration, SLICE("m"), -1, 0 },
	{ num_parse_duration, SLICE("1w"), -1, 0 },
	{ num_parse_duration, SLICE("1h30m"), -1, 0 },
	{ num_parse_duration, SLICE("213503982334602d"), -1, 0 },
};

static void
numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct num_case *c = &cases[i];
		uint64_t value = 0;

		if (c->parse(c->text, &value) != c->result ||
		    (c->result == 0 && value != c->value))
			fail_msg("%.*s", SLICE_FMT(c->text));
	}
}

static void
ranges(void **state)
{
	uint64_t value = 7;

	(void)state;
	assert_int_equal(num_parse_range(slice_str("1"), 1, 65535, &value), 0);
	assert_int_equal(value, 1);
	assert_int_equal(num_parse_range(slice_str("65535"), 1, 65535, &value),
	    0);
	assert_int_equal(value, 65535);
	assert_int_equal(num_parse_range(slice_str("0"), 1, 65535, &value), -1);
	assert_int_equal(num_parse_range(slice_str("65536"), 1, 65535, &value),
	    -1);
	assert_int_equal(num_parse_range(slice_str("x"), 1, 65535, &value), -1);
	assert_int_equal(value, 65535);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
