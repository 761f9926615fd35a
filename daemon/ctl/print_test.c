/* SPDX-License-Identifier: ISC */
/*
 * Durations and sizes.
 */
#include "ctl/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void
test_duration(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} t[] = {
		{ 0, "0 s" }, { 59, "59 s" }, { 60, "1 min" },
		{ 61, "1 min 1 s" }, { 3600, "1 h" }, { 3725, "1 h 2 min" },
		{ 86400, "1 d" }, { 90000, "1 d 1 h" }, { 86460, "1 d" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf out = { 0 };

		print_add_duration(&out, t[i].seconds);
		assert_string_equal(buf_str(&out), t[i].text);
		buf_fini(&out);
	}
}

static void
test_size(void **state)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} t[] = {
		{ 0, "0 bytes" }, { 1023, "1023 bytes" },
		{ 1536, "1.5 KiB" }, { 20 << 20, "20 MiB" },
		{ 1 << 30, "1 GiB" },
		{ INT64_C(64) << 30, "64 GiB" },
		{ INT64_C(5000) << 40, "5000 TiB" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct buf out = { 0 };

		print_add_size(&out, t[i].bytes);
		assert_string_equal(buf_str(&out), t[i].text);
		buf_fini(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_duration),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
