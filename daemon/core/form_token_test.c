/* SPDX-License-Identifier: ISC */
/*
 * Form tokens: of one list and kind, of an age, and not to be forged.
 */
#include "core/form_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define MADE INT64_C(1790000000)

static const struct slice key = SLICE("0123456789abcdef0123456789abcdef");

static void
make(enum form_token_kind kind, char ret_text[FORM_TOKEN_TEXT_SIZE])
{
	const struct form_token token = { .kind = kind, .made_at = MADE,
		.nonce = { 1, 2, 3, 4, 5, 6, 7, 0xff } };

	form_token_make(key, "weekly", &token, ret_text);
}

static enum form_token_state
read_it(enum form_token_kind kind, const char *text, int64_t age)
{
	struct form_token token;

	return form_token_read(key, "weekly", kind, slice_str(text),
	    MADE + age, &token);
}

static void
test_what_it_says(void **state)
{
	char text[FORM_TOKEN_TEXT_SIZE];
	struct form_token token;

	(void)state;
	make(FORM_TOKEN_WAIT, text);
	assert_int_equal(strlen(text), FORM_TOKEN_TEXT_SIZE - 1);
	assert_int_equal(form_token_read(key, "weekly", FORM_TOKEN_WAIT,
	    slice_str(text), MADE + 60, &token), FORM_TOKEN_OK);
	assert_int_equal(token.made_at, MADE);
	assert_memory_equal(token.nonce, "\1\2\3\4\5\6\7\xff", 8);
}

static void
test_ages(void **state)
{
	static const struct {
		enum form_token_kind kind;
		int64_t age;
		enum form_token_state state;
	} cases[] = {
		{ FORM_TOKEN_FORM, -1, FORM_TOKEN_EARLY },
		{ FORM_TOKEN_FORM, 0, FORM_TOKEN_EARLY },
		{ FORM_TOKEN_FORM, 1, FORM_TOKEN_EARLY },
		{ FORM_TOKEN_FORM, 2, FORM_TOKEN_OK },
		{ FORM_TOKEN_FORM, 3600, FORM_TOKEN_OK },
		{ FORM_TOKEN_FORM, 3601, FORM_TOKEN_LATE },
		{ FORM_TOKEN_WAIT, 9, FORM_TOKEN_EARLY },
		{ FORM_TOKEN_WAIT, 10, FORM_TOKEN_OK },
		{ FORM_TOKEN_WAIT, 1200, FORM_TOKEN_OK },
		{ FORM_TOKEN_WAIT, 1201, FORM_TOKEN_LATE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[FORM_TOKEN_TEXT_SIZE];

		make(cases[i].kind, text);
		assert_int_equal(read_it(cases[i].kind, text, cases[i].age),
		    cases[i].state);
	}
}

static void
test_of_another(void **state)
{
	static const struct slice other =
	    SLICE("0123456789abcdef0123456789abcdeg");
	char text[FORM_TOKEN_TEXT_SIZE];
	struct form_token token;

	(void)state;
	make(FORM_TOKEN_FORM, text);
	assert_int_equal(read_it(FORM_TOKEN_WAIT, text, 60),
	    FORM_TOKEN_NONE);
	assert_int_equal(form_token_read(key, "daily", FORM_TOKEN_FORM,
	    slice_str(text), MADE + 60, &token), FORM_TOKEN_NONE);
	assert_int_equal(form_token_read(other, "weekly", FORM_TOKEN_FORM,
	    slice_str(text), MADE + 60, &token), FORM_TOKEN_NONE);
	assert_int_equal(read_it(FORM_TOKEN_FORM, "", 60), FORM_TOKEN_NONE);
	assert_int_equal(read_it(FORM_TOKEN_FORM, NULL, 60),
	    FORM_TOKEN_NONE);
}

/* Whichever character is another one, it is no token any more. */
static void
test_forged(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_=. ";
	char text[FORM_TOKEN_TEXT_SIZE];

	(void)state;
	make(FORM_TOKEN_FORM, text);
	assert_int_equal(read_it(FORM_TOKEN_FORM, text, 60), FORM_TOKEN_OK);
	for (size_t i = 0; text[i] != '\0'; i++) {
		const char was = text[i];

		for (size_t k = 0; alphabet[k] != '\0'; k++) {
			if (alphabet[k] == was)
				continue;
			text[i] = alphabet[k];
			assert_int_equal(read_it(FORM_TOKEN_FORM, text, 60),
			    FORM_TOKEN_NONE);
		}
		text[i] = was;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_it_says),
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_of_another),
		cmocka_unit_test(test_forged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
