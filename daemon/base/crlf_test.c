/* SPDX-License-Identifier: ISC */
/*
 * Line ends, one case each.
 */
#include "base/crlf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

static void
all_line_ends_become_crlf(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "a", "a\r\n" },
		{ "a\n", "a\r\n" },
		{ "a\r", "a\r\n" },
		{ "a\r\n", "a\r\n" },
		{ "\n.\n", "\r\n.\r\n" },
		{ "\r.\r\n", "\r\n.\r\n" },
		{ "a\r\r\nb", "a\r\n\r\nb\r\n" },
		{ "a\n\rb", "a\r\n\r\nb\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };

		crlf_add(&out, slice_str(cases[i].in));
		assert_false(buf_failed(&out));
		assert_string_equal(buf_str(&out), cases[i].out);
		assert_true(crlf_is_clean(buf_slice(&out)));
		buf_fini(&out);
	}
}

static void
nul_fails_the_buffer(void **state)
{
	struct buf out = { 0 };

	(void)state;
	crlf_add(&out, slice_of("a\0b", 3));
	assert_true(buf_failed(&out));
	buf_fini(&out);
}

static void
unclean_text_is_told(void **state)
{
	static const struct slice bad[] = {
		SLICE("a"), SLICE("a\n"), SLICE("a\r"), SLICE("\n.\n\r\n"),
		SLICE("a\rb\r\n"), SLICE("a\0b\r\n"), SLICE("\xc3\xa4\r\n"),
		SLICE("\r\r\n"), SLICE("\x80\r\n"), SLICE("\n"),
		SLICE("\n\r\n"), SLICE("12345678\xc3\xa4" "1234567\r\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(crlf_is_clean(bad[i]));
}

static void
lines_have_a_longest(void **state)
{
	char *line = mem_new(CRLF_LINE_MAX + 4, 1);

	(void)state;
	for (size_t len = CRLF_LINE_MAX; len <= CRLF_LINE_MAX + 1; len++) {
		memset(line, 'x', len);
		line[len] = '\r';
		line[len + 1] = '\n';
		assert_int_equal(crlf_is_clean(slice_of(line, len + 2)),
		    len == CRLF_LINE_MAX);
	}
	free(line);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_line_ends_become_crlf),
		cmocka_unit_test(nul_fails_the_buffer),
		cmocka_unit_test(unclean_text_is_told),
		cmocka_unit_test(lines_have_a_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
