/* SPDX-License-Identifier: ISC */
/*
 * Each way in which a clock may go, as steps.
 */
#include "core/steady.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
#define YEAR (365 * DAY)
#define NOON INT64_C(1795348800000000)		/* 2026-11-22T12:00:00Z */
/* 2038-01-19T03:14:07Z, the last second of a 32-bit time_t. */
#define LAST_32 INT64_C(2147483647000000)
#define BOOTED (5 * HOUR)

/* What the wall clock does while so many ticks pass, and what is said. */
struct step {
	int64_t shown, ticks;	/* both since the step before */
	enum steady_news news;
	int64_t past;		/* since the start; how far it is believed */
};

static const struct {
	const char *name;
	int64_t start;
	struct step steps[6];	/* one without ticks ends them */
} cases[] = {
	{ "an hour ahead", NOON, {
		{ HOUR + 1, 1, STEADY_NO_NEWS, HOUR + 1 } } },
	{ "an hour back", NOON, {
		{ -HOUR, SECOND, STEADY_NO_NEWS, -HOUR } } },
	{ "a day ahead", NOON, {
		{ DAY + SECOND, SECOND, STEADY_NO_NEWS, DAY + SECOND },
		{ DAY + 2 * SECOND, SECOND, STEADY_JUMPED,
		    DAY + 2 * SECOND } } },
	{ "a day back", NOON, {
		{ SECOND - DAY, SECOND, STEADY_NO_NEWS, SECOND - DAY },
		{ -DAY, SECOND, STEADY_JUMPED, SECOND - 2 * DAY } } },
	{ "ten years ahead, for good", NOON, {
		{ 10 * YEAR, SECOND, STEADY_JUMPED, SECOND },
		{ HOUR, HOUR, STEADY_NO_NEWS, SECOND + HOUR },
		{ 22 * HOUR, 22 * HOUR, STEADY_NO_NEWS, SECOND + 23 * HOUR },
		{ HOUR, HOUR, STEADY_BELIEVED, 10 * YEAR + DAY },
		{ HOUR, HOUR, STEADY_NO_NEWS, 10 * YEAR + DAY + HOUR } } },
	{ "ten years ahead, and back", NOON, {
		{ 10 * YEAR, SECOND, STEADY_JUMPED, SECOND },
		{ HOUR, HOUR, STEADY_NO_NEWS, SECOND + HOUR },
		{ SECOND - 10 * YEAR, SECOND, STEADY_CAME_BACK,
		    SECOND + HOUR },
		{ HOUR, HOUR, STEADY_NO_NEWS, SECOND + 2 * HOUR } } },
	{ "ten years back, for good", NOON, {
		{ -10 * YEAR, SECOND, STEADY_JUMPED, -10 * YEAR },
		{ HOUR, HOUR, STEADY_NO_NEWS, HOUR - 10 * YEAR },
		{ 23 * HOUR, 23 * HOUR, STEADY_BELIEVED, DAY - 10 * YEAR } } },
	{ "to and fro", NOON, {
		{ 2 * DAY, SECOND, STEADY_JUMPED, SECOND },
		{ 23 * HOUR, 23 * HOUR, STEADY_NO_NEWS, SECOND + 23 * HOUR },
		{ 2 * DAY, SECOND, STEADY_JUMPED, 2 * SECOND + 23 * HOUR },
		{ 23 * HOUR, 23 * HOUR, STEADY_NO_NEWS,
		    2 * SECOND + 46 * HOUR },
		{ HOUR, HOUR, STEADY_BELIEVED, 4 * DAY + 47 * HOUR } } },
	{ "past 2038", LAST_32, {
		{ SECOND, SECOND, STEADY_NO_NEWS, SECOND },
		{ HOUR, HOUR, STEADY_NO_NEWS, HOUR + SECOND } } },
	{ "a leap second, repeated", NOON, {
		{ SECOND, SECOND, STEADY_NO_NEWS, SECOND },
		{ 0, SECOND, STEADY_NO_NEWS, SECOND },
		{ SECOND, SECOND, STEADY_NO_NEWS, 2 * SECOND } } },
	{ "frozen", NOON, {
		{ 0, HOUR, STEADY_NO_NEWS, 0 },
		{ 0, 20 * HOUR, STEADY_NO_NEWS, 0 } } },
	{ "frozen for days, seldom looked at", NOON, {
		{ 0, 2 * DAY, STEADY_JUMPED, 0 },
		{ 2 * DAY, SECOND, STEADY_CAME_BACK, 2 * DAY } } },
	{ "asleep for days", NOON, {
		{ 3 * DAY, 3 * DAY, STEADY_NO_NEWS, 3 * DAY } } },
};

static void
run_case(size_t i)
{
	int64_t shown = cases[i].start, ticks = BOOTED;
	struct steady s;

	assert_int_equal(steady_start(&s, 0, shown, ticks), STEADY_NO_NEWS);
	for (size_t k = 0; k < 6 && cases[i].steps[k].ticks != 0; k++) {
		const struct step *step = &cases[i].steps[k];
		enum steady_news news;

		shown += step->shown;
		ticks += step->ticks;
		news = steady_look(&s, shown, ticks);
		if (news != step->news ||
		    steady_past(&s) - cases[i].start != step->past)
			fail_msg("%s, step %zu: news %d, past %lld",
			    cases[i].name, k, (int)news, (long long)
			    (steady_past(&s) - cases[i].start));
		assert_int_equal(steady_jump(&s) != 0, s.is_doubted);
	}
}

static void
test_each_clock(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		run_case(i);
}

/* A start that comes days after the last end, or before it. */
static void
test_starts(void **state)
{
	struct steady s;

	(void)state;
	assert_int_equal(steady_start(&s, NOON, NOON + DAY, 1),
	    STEADY_NO_NEWS);
	assert_int_equal(steady_past(&s), NOON + DAY);
	assert_int_equal(steady_start(&s, NOON, NOON + 8 * DAY, 1),
	    STEADY_JUMPED);
	assert_int_equal(steady_past(&s), NOON);
	assert_int_equal(steady_jump(&s), 8 * DAY);
	assert_int_equal(steady_hold(&s), STEADY_HOLD);
	assert_int_equal(steady_look(&s, NOON + 8 * DAY + HOUR, 1 + HOUR),
	    STEADY_NO_NEWS);
	assert_int_equal(steady_hold(&s), STEADY_HOLD - HOUR);
	assert_int_equal(steady_start(&s, NOON, NOON - 8 * DAY, 1),
	    STEADY_JUMPED);
	assert_int_equal(steady_past(&s), NOON - 8 * DAY);
	assert_int_equal(steady_jump(&s), -8 * DAY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_clock),
		cmocka_unit_test(test_starts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
