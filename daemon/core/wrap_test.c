/* SPDX-License-Identifier: ISC */
/*
 * Tests of core/wrap.
 */
#include "core/wrap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_wrap(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
		const char *wrapped;
	} cases[] = {
		{ "", 10, "" },
		{ "\n \n\n", 10, "" },
		{ "one", 10, "one\n" },
		{ "one two three", 7, "one two\nthree\n" },
		{ "one two three", 8, "one two\nthree\n" },
		{ "one  two", 3, "one\ntwo\n" },
		{ "\n\na\n\n\n\nb\nc \r\n\n", 10, "a\n\nb\nc\n" },
		{ "  one two three", 9, "  one two\n  three\n" },
		{ "go to https://example.org/long now", 10,
		    "go to\nhttps://example.org/long\nnow\n" },
		/* Ten umlauts are ten columns. */
		{ "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 "
		    "\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6", 10,
		    "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4 "
		    "\xc3\xb6\xc3\xb6\xc3\xb6\xc3\xb6\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };

		wrap_text(&out, slice_str(cases[i].text), cases[i].columns);
		assert_string_equal(buf_str(&out), cases[i].wrapped);
		buf_fini(&out);
	}
}

static void
test_appends(void **state)
{
	struct buf out = { 0 };

	(void)state;
	buf_add_str(&out, "x\n");
	wrap_text(&out, slice_str("\na\n"), 10);
	assert_string_equal(buf_str(&out), "x\na\n");
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_appends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
