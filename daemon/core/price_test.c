/* SPDX-License-Identifier: ISC */
/*
 * The price of a post: who pays what, and that everybody can.
 */
#include "core/price.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
	struct price_facts facts;
	bool paid;
} cases[] = {
	/* mode, mood, page, proof, level, robot */
	{ { CONFIG_CHALLENGE_AUTO, PRICE_CALM, PAGE_NAMED,
	    PRICE_NOTHING, 0, false }, true },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_CALM, PAGE_OWN,
	    PRICE_NOTHING, 0, false }, false },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_CALM, PAGE_OWN,
	    PRICE_FORM, 0, false }, true },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_CALM, PAGE_UNKNOWN,
	    PRICE_NOTHING, 0, false }, false },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_CALM, PAGE_UNKNOWN,
	    PRICE_FORM, 0, false }, false },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_CALM, PAGE_UNKNOWN,
	    PRICE_WAIT, 0, false }, true },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_CALM, PAGE_UNKNOWN,
	    PRICE_SOLVED, 0, false }, true },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_CALM, PAGE_NAMED,
	    PRICE_NOTHING, 0, true }, false },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_CALM, PAGE_OWN,
	    PRICE_FORM, 0, true }, false },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_CALM, PAGE_OWN,
	    PRICE_SOLVED, 0, true }, true },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_STRAINED, PAGE_NAMED,
	    PRICE_NOTHING, 0, false }, false },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_STRAINED, PAGE_OWN,
	    PRICE_FORM, 0, false }, false },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_STRAINED, PAGE_OWN,
	    PRICE_WAIT, 0, false }, true },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_STRAINED, PAGE_OWN,
	    PRICE_SOLVED, 0, false }, false },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_STRAINED, PAGE_OWN,
	    PRICE_SOLVED, 1, false }, true },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_ATTACK, PAGE_OWN,
	    PRICE_SOLVED, 1, false }, false },
	{ { CONFIG_CHALLENGE_AUTO, PRICE_ATTACK, PAGE_OWN,
	    PRICE_SOLVED, 2, false }, true },
	{ { CONFIG_CHALLENGE_ALWAYS, PRICE_CALM, PAGE_OWN,
	    PRICE_FORM, 0, false }, false },
	{ { CONFIG_CHALLENGE_ALWAYS, PRICE_CALM, PAGE_NAMED,
	    PRICE_SOLVED, 0, false }, true },
};

static void
test_cases(void **state)
{
	unsigned level;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (price_is_paid(&cases[i].facts, &level) != cases[i].paid)
			fail_msg("case %zu", i);
		assert_int_equal(level, cases[i].facts.mood);
	}
}

/* Whatever the page and the mood: who solves what is asked for, or waits, is
 * let in; and where challenges are off, everybody is. */
static void
test_no_dead_end(void **state)
{
	static const enum config_challenge modes[] = { CONFIG_CHALLENGE_OFF,
		CONFIG_CHALLENGE_AUTO, CONFIG_CHALLENGE_ALWAYS };

	(void)state;
	for (size_t i = 0; i < 3 * PRICE_MOODS * PAGES * 2; i++) {
		struct price_facts f = {
			.mode = modes[i % 3],
			.mood = (enum price_mood)(i / 3 % PRICE_MOODS),
			.page = (enum page_kind)(i / 9 % PAGES),
			.robot = i / 27 % 2,
		};
		unsigned level;

		assert_true(price_is_paid(&f, &level) ||
		    f.mode != CONFIG_CHALLENGE_OFF);
		f.proof = PRICE_SOLVED;
		f.level = level;
		assert_true(price_is_paid(&f, &level));
		f.proof = PRICE_WAIT;
		assert_true(price_is_paid(&f, &level));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_no_dead_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
