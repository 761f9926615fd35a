/* SPDX-License-Identifier: ISC */
/*
 * Texts, and what they become.
 */
#include "base/qp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define TEN "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *text, *encoded;
} cases[] = {
	{ "", "" },
	{ "\n", "\r\n" },
	{ "a", "a\r\n" },
	{ "a\r\nb\n\nc\n", "a\r\nb\r\n\r\nc\r\n" },
	{ "a=b\n", "a=3Db\r\n" },
	{ "\xc3\xbc\x7f\x01\n", "=C3=BC=7F=01\r\n" },
	{ " a\tb  \n\t\n", " a\tb =20\r\n=09\r\n" },
	{ SEVENTY "12345\n", SEVENTY "12345\r\n" },
	/* Nobody looks whether it would be the last. */
	{ SEVENTY "123456\n", SEVENTY "12345=\r\n6\r\n" },
	{ SEVENTY "12=4\n", SEVENTY "12=3D=\r\n4\r\n" },
	{ SEVENTY "123=5\n", SEVENTY "123=\r\n=3D5\r\n" },
	{ SEVENTY "123 \n", SEVENTY "123=\r\n=20\r\n" },
	{ SEVENTY "1234 5\n", SEVENTY "1234 =\r\n5\r\n" },
	{ SEVENTY SEVENTY "1234567890\n",
	    SEVENTY "01234=\r\n56789" TEN TEN TEN TEN TEN TEN "1234567890"
	    "\r\n" },
};

static void
each_text_is_encoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = { 0 };

		qp_add(&out, slice_str(cases[i].text));
		assert_string_equal(buf_str(&out), cases[i].encoded);
		buf_fini(&out);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_is_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
