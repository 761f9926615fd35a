/* SPDX-License-Identifier: ISC */
/*
 * The short code: uniform, readable, and read as people type it.
 */
#include "core/code.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const struct {
	const char *typed;
	const char *code;	/* NULL: refused */
} cases[] = {
	{ "ABCD2345", "ABCD2345" },
	{ "ABCD-2345", "ABCD2345" },
	{ "abcd-2345", "ABCD2345" },
	{ " aBcD 2345 ", "ABCD2345" },
	{ "A-B-C-D-2-3-4-5", "ABCD2345" },
	{ "ABCD\t2345\r\n", "ABCD2345" },
	{ "ABCD\xe2\x80\x93" "2345", "ABCD2345" },
	{ "ABCD\xc2\xa0" "2345", "ABCD2345" },
	{ "ABCD\xe2\x80\x91" "2345", "ABCD2345" },
	{ "", NULL },
	{ "--------", NULL },
	{ "ABCD234", NULL },
	{ "ABCD23456", NULL },
	{ "ABCD234I", NULL },
	{ "ABCD234O", NULL },
	{ "ABCD234i", NULL },
	{ "ABCD2340", NULL },
	{ "ABCD2341", NULL },
	{ "ABCD_2345", NULL },
	{ "ABCD+2345", NULL },
	{ "ABCD\xc3\x84" "345", NULL },
	{ "ABCD234\xff", NULL },
	{ "ABCD\xef\xbc\x92" "345", NULL },
	{ "                                                         ABCD2345",
	    NULL },
};

static void
test_read(void **state)
{
	char code[CODE_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int result = code_read(slice_str(cases[i].typed), code);

		if (result != (cases[i].code != NULL ? 0 : -1))
			fail_msg("'%s': %d", cases[i].typed, result);
		if (result == 0)
			assert_string_equal(code, cases[i].code);
	}
	assert_int_equal(code_read(slice_of("ABCD\0002345", 9), code), -1);
	assert_int_equal(code_read(slice_str(NULL), code), -1);
}

static void
test_show(void **state)
{
	char shown[CODE_SHOWN_SIZE];

	(void)state;
	code_show("ABCD2345", shown);
	assert_string_equal(shown, "ABCD-2345");
}

/* Each 5 bits decide one character; all 32 come, each of them once. */
static void
test_make(void **state)
{
	(void)state;
	for (size_t place = 0; place < 8; place++) {
		char seen[33] = "";

		for (uint64_t value = 0; value < 32; value++) {
			uint64_t bits = value << 5 * place;
			uint8_t random[CODE_RANDOM_SIZE];
			char code[CODE_SIZE], again[CODE_SIZE];

			for (size_t i = 0; i < sizeof(random); i++)
				random[i] = (uint8_t)(bits >> 8 * (4 - i));
			code_make(random, code);
			assert_int_equal(strlen(code), 8);
			assert_null(strchr(seen, code[place]));
			seen[value] = code[place];
			assert_int_equal(code_read(slice_str(code), again),
			    0);
			assert_string_equal(code, again);
		}
		assert_int_equal(strcspn(seen, "IO01"), 32);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_show),
		cmocka_unit_test(test_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
