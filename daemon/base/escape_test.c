/* SPDX-License-Identifier: ISC */
/*
 * Tests of base/escape.
 */
#include "base/escape.h"

#include <setjmp.h>

#include <cmocka.h>

typedef void escape_fn(struct buf *, struct slice);

static const struct {
	escape_fn *escape;
	struct slice in;
	const char *out;
} cases[] = {
	{ escape_html, SLICE("<a href=\"x\" b='y'>&amp;"),
	    "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;" },
	{ escape_html, SLICE("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f" },
	{ escape_html, SLICE(""), "" },
	{ escape_url, SLICE("AZaz09-._~"), "AZaz09-._~" },
	{ escape_url, SLICE(" +/?&#%=@:"),
	    "%20%2B%2F%3F%26%23%25%3D%40%3A" },
	{ escape_url, SLICE("\xc3\xbc\0\n"), "%C3%BC%00%0A" },
	{ escape_log, SLICE("plain/text:1"), "plain/text:1" },
	{ escape_log, SLICE(""), "\"\"" },
	{ escape_log, SLICE("two words"), "\"two words\"" },
	{ escape_log, SLICE("a=b"), "\"a=b\"" },
	{ escape_log, SLICE("say \"hi\""), "\"say \\\"hi\\\"\"" },
	{ escape_log, SLICE("a\nevent=fake"), "\"a\\x0aevent=fake\"" },
	{ escape_log, SLICE("\\x0a"), "\\\\x0a" },
	{ escape_log, SLICE("\x1b[31m\0"), "\\x1b[31m\\x00" },
	{ escape_log, SLICE("gr\xc3\xbcn"), "gr\xc3\xbcn" },
	{ escape_log, SLICE("a\xff\xc3"), "a\\xff\\xc3" },
	{ escape_log, SLICE("\xc2\x85"), "\\xc2\\x85" },	/* NEL */
	{ escape_log, SLICE("\xe2\x80\xae" "b"),		/* RLO */
	    "\\xe2\\x80\\xaeb" },
	{ escape_log, SLICE("ab\"c\\d\te"), "\"ab\\\"c\\\\d\\x09e\"" },
	{ escape_terminal, SLICE("J\xc3\xb6 \"=\\"), "J\xc3\xb6 \"=\\" },
	{ escape_terminal, SLICE("a\x1b[31mb\n"), "a\\x1b[31mb\\x0a" },
	{ escape_terminal, SLICE("\xe2\x80\xae" "x"), "\\xe2\\x80\\xaex" },
	{ escape_terminal, SLICE("\xc2\x9b" "x"), "\\xc2\\x9bx" },
	{ escape_terminal, SLICE("a\xff" "b\xc3"), "a\\xff" "b\\xc3" },
	{ escape_terminal, SLICE("a\0b"), "a\\x00b" },
	{ escape_json, SLICE(""), "\"\"" },
	{ escape_json, SLICE("a \"b\" \\/"), "\"a \\\"b\\\" \\\\/\"" },
	{ escape_json, SLICE("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\"" },
	{ escape_json, SLICE("\0" "1\x1f\x7f"), "\"\\u0000" "1\\u001F\x7f\"" },
	{ escape_json, SLICE("gr\xc3\xbcn \xe2\x80\xae"),
	    "\"gr\xc3\xbcn \xe2\x80\xae\"" },
	{ escape_json, SLICE("a\xff\xc3"), "\"a\xef\xbf\xbd\xef\xbf\xbd\"" },
	{ escape_header, SLICE("a: b\t\xc3\xbc"), "a: b\t\xc3\xbc" },
};

static void
each_way_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };

		cases[i].escape(&out, cases[i].in);
		assert_false(buf_failed(&out));
		assert_string_equal(buf_str(&out), cases[i].out);
		buf_fini(&out);
	}
}

static void
a_header_has_one_line(void **state)
{
	static const struct slice bad[] = { SLICE("a\r\nBcc: b"), SLICE("a\r"),
		SLICE("\n"), SLICE("a\0b") };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct buf out = { 0 };

		escape_header(&out, bad[i]);
		assert_true(buf_failed(&out));
		assert_int_equal(out.len, 0);
		buf_fini(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_out),
		cmocka_unit_test(a_header_has_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
