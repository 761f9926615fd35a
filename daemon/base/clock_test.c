/* SPDX-License-Identifier: ISC */
/*
 * Tests of base/clock.
 */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct {
	int64_t seconds;
	const char *rfc3339, *rfc5322;
} times[] = {
	{ 0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000" },
	{ 951782400, "2000-02-29T00:00:00Z",
	    "Tue, 29 Feb 2000 00:00:00 +0000" },
	{ 1795411920, "2026-11-23T05:32:00Z",
	    "Mon, 23 Nov 2026 05:32:00 +0000" },
	{ INT64_C(4294967296), "2106-02-07T06:28:16Z",
	    "Sun, 07 Feb 2106 06:28:16 +0000" },
	{ INT64_C(253402300799), "9999-12-31T23:59:59Z",
	    "Fri, 31 Dec 9999 23:59:59 +0000" },
};

static void
written_and_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int64_t us = times[i].seconds * CLOCK_SECOND, back = -1;
		char text3339[CLOCK_RFC3339_SIZE], text5322[CLOCK_RFC5322_SIZE];

		clock_rfc3339(us + 999999, text3339);
		assert_string_equal(text3339, times[i].rfc3339);
		clock_rfc5322(us, text5322);
		assert_string_equal(text5322, times[i].rfc5322);
		assert_int_equal(clock_parse_rfc3339(text3339, &back), 0);
		assert_true(back == us);
	}
}

static void
a_bare_date_is_its_midnight(void **state)
{
	int64_t us = -1;

	(void)state;
	assert_int_equal(clock_parse_rfc3339("2000-02-29", &us), 0);
	assert_true(us == INT64_C(951782400) * CLOCK_SECOND);
}

static void
no_such_time(void **state)
{
	static const char *const bad[] = { "", "x", "2026", "2026-11",
		"2026-11-23T05:32:00", "2026-11-23T05:32Z",
		"2026-11-23 05:32:00Z", "2026-11-23T05:32:00Zx", " 2026-11-23",
		"2026-11-23 ", "2026-1-2", "2026- 1- 2", "2026-13-01",
		"2026-02-30", "2025-02-29", "2026-04-31", "2026-11-00",
		"2026-11-23T24:00:00Z", "2026-11-23T05:60:00Z",
		"+2026-11-23", "-2026-11-23" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t us = 7;

		if (clock_parse_rfc3339(bad[i], &us) != -1 || us != 7)
			fail_msg("\"%s\" was taken", bad[i]);
	}
}

static void
clocks_go_on(void **state)
{
	int64_t first = clock_monotonic_ms();

	(void)state;
	assert_true(clock_monotonic_ms() >= first);
	/* Past 2020, in microseconds. */
	assert_true(clock_wall_us() > INT64_C(1577836800) * CLOCK_SECOND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_and_read),
		cmocka_unit_test(a_bare_date_is_its_midnight),
		cmocka_unit_test(no_such_time),
		cmocka_unit_test(clocks_go_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
