/* SPDX-License-Identifier: ISC */
/*
 * When it is an attack, when it is a rush, and when it is over.
 */
#include "core/attack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#define START INT64_C(1800000000)	/* begins a slot and an hour */
enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };

static const struct attack_source weekly = { ATTACK_LIST, 7, "weekly" },
    site = { ATTACK_SITE, 99, "192.0.2.0/24" };

struct seen {
	unsigned changes;
	struct attack_figures last;
	char name[ATTACK_NAME_SIZE];
};

static void
on_change(const struct attack_figures *figures, void *arg)
{
	struct seen *seen = arg;

	seen->changes++;
	seen->last = *figures;
	memcpy(seen->name, figures->source.name,
	    strlen(figures->source.name) + 1);
}

static void
count(struct attack *a, enum attack_fact fact, int64_t when, int64_t now,
    unsigned n)
{
	while (n-- > 0)
		attack_count(a, &weekly, fact, when, now);
}

static enum attack_state
state_of(const struct attack *a)
{
	return attack_state_of(a, ATTACK_LIST, weekly.key);
}

/* So many an hour for a day, of whom so many confirm. */
static int64_t
live(struct attack *a, int64_t now, unsigned hours, unsigned posts,
    unsigned confirmed)
{
	for (; hours > 0; hours--) {
		for (int64_t at = now; at < now + HOUR; at += HOUR / 4) {
			count(a, ATTACK_POSTED, at, at, posts / 4);
			count(a, ATTACK_ASKED, at, at, posts / 4);
			count(a, ATTACK_CONFIRMED, at, at, confirmed / 4);
			attack_look(a, at + 1);
		}
		now += HOUR;
	}
	attack_look(a, now);
	return now;
}

static void
test_unconfirmed(void **state)
{
	static const struct {
		unsigned asked, confirmed;
		enum attack_state state;
	} cases[] = {
		{ 50, 0, ATTACK_ON }, { 49, 0, ATTACK_CALM },
		{ 100, 19, ATTACK_ON }, { 100, 20, ATTACK_CALM },
		{ 1000, 600, ATTACK_CALM },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seen seen = { 0 };
		struct attack *a = attack_new(on_change, &seen);

		count(a, ATTACK_ASKED, START, START, cases[i].asked);
		count(a, ATTACK_CONFIRMED, START, START + MINUTE,
		    cases[i].confirmed);
		/* They have an hour for it. */
		attack_look(a, START + HOUR + 19 * MINUTE);
		assert_int_equal(state_of(a), cases[i].asked < 400 ||
		    cases[i].confirmed > 0 ? ATTACK_CALM : ATTACK_ON);
		attack_look(a, START + HOUR + 20 * MINUTE);
		assert_int_equal(state_of(a), cases[i].state);
		assert_int_equal(seen.changes, cases[i].state != ATTACK_CALM);
		if (seen.changes > 0) {
			assert_int_equal(seen.last.why, ATTACK_UNCONFIRMED);
			assert_int_equal(seen.last.asked, cases[i].asked);
			assert_string_equal(seen.name, "weekly");
		}
		/* Whatever it was, it is over when the day is. */
		attack_look(a, START + DAY + HOUR);
		assert_int_equal(state_of(a), ATTACK_CALM);
		attack_free(a);
	}
}

/* Of very many that nobody confirms, it doesn't take an hour to see. */
static void
test_many_unconfirmed_are_seen_soon(void **state)
{
	struct seen seen = { 0 };
	struct attack *a = attack_new(on_change, &seen);

	(void)state;
	count(a, ATTACK_ASKED, START, START, 400);
	count(a, ATTACK_CONFIRMED, START, START, 19);
	attack_look(a, START + 19 * MINUTE);
	assert_int_equal(state_of(a), ATTACK_CALM);
	attack_look(a, START + 20 * MINUTE);
	assert_int_equal(state_of(a), ATTACK_ON);
	attack_free(a);
}

static void
test_not_me(void **state)
{
	struct seen seen = { 0 };
	struct attack *a = attack_new(on_change, &seen);

	(void)state;
	count(a, ATTACK_ASKED, START, START, 100);
	count(a, ATTACK_CONFIRMED, START, START, 60);
	count(a, ATTACK_NOTME, START, START, 4);
	assert_int_equal(state_of(a), ATTACK_CALM);
	count(a, ATTACK_NOTME, START, START, 1);
	assert_int_equal(state_of(a), ATTACK_ON);
	assert_int_equal(seen.last.why, ATTACK_NOT_ME);
	/* Good ones outweigh it in the end: not at once. */
	count(a, ATTACK_ASKED, START, START, 150);
	count(a, ATTACK_CONFIRMED, START, START, 150);
	assert_int_equal(state_of(a), ATTACK_ON);
	count(a, ATTACK_ASKED, START, START, 1);
	assert_int_equal(state_of(a), ATTACK_CALM);
	attack_free(a);
}

static void
test_rush(void **state)
{
	struct seen seen = { 0 };
	struct attack *a = attack_new(on_change, &seen);
	int64_t now = live(a, START, 25, 40, 24);

	(void)state;
	assert_int_equal(seen.changes, 0);
	count(a, ATTACK_POSTED, now, now, 200);
	assert_int_equal(state_of(a), ATTACK_CALM);
	count(a, ATTACK_POSTED, now, now, 100);
	assert_int_equal(state_of(a), ATTACK_RUSH);
	assert_int_equal(seen.last.why, ATTACK_MANY_POSTS);
	assert_int_equal(seen.last.usual, 40);
	/* The usual stays what it was, and so it is over after an hour. */
	(void)live(a, now + HOUR, 1, 40, 24);
	assert_int_equal(state_of(a), ATTACK_CALM);
	assert_int_equal(seen.last.why, ATTACK_OVER);
	attack_free(a);
}

/* Where there are always many, many are none too many. */
static void
test_the_usual_is_no_rush(void **state)
{
	struct seen seen = { 0 };
	struct attack *a = attack_new(on_change, &seen);
	int64_t now = START;

	(void)state;
	for (unsigned posts = 80; posts < 5000; posts += posts / 2 / 4 * 4)
		now = live(a, now, 14, posts, posts);
	assert_int_equal(seen.changes, 0);
	attack_free(a);
}

/* As long as they knock in vain it isn't over, and then it is. */
static void
test_over_when_they_go(void **state)
{
	struct seen seen = { 0 };
	struct attack *a = attack_new(on_change, &seen);
	int64_t now = START;

	(void)state;
	count(a, ATTACK_ASKED, START, START, 100);
	for (int hour = 0; hour < 40; hour++, now += HOUR) {
		count(a, ATTACK_CHALLENGED, now, now, 100);
		attack_look(a, now + HOUR - 1);
		if (hour > 0)
			assert_int_equal(state_of(a), ATTACK_ON);
	}
	attack_look(a, now + HOUR);
	assert_int_equal(state_of(a), ATTACK_CALM);
	/* Whoever is asked for more is no attack by that alone. */
	count(a, ATTACK_CHALLENGED, now + DAY, now + DAY, 1000);
	assert_int_equal(state_of(a), ATTACK_CALM);
	attack_free(a);
}

/* Good hours end it, before the bad ones are a day old. */
static void
test_over_when_people_confirm(void **state)
{
	struct seen seen = { 0 };
	struct attack *a = attack_new(on_change, &seen);
	int64_t now;

	(void)state;
	count(a, ATTACK_ASKED, START, START, 100);
	now = live(a, START + HOUR, 1, 20, 12);
	assert_int_equal(state_of(a), ATTACK_ON);
	now = live(a, now, 6, 20, 12);
	assert_int_equal(state_of(a), ATTACK_CALM);
	assert_true(now < START + 9 * HOUR);
	attack_free(a);
}

/* A thousand networks that are calm don't push out one that isn't. */
static void
test_bounded(void **state)
{
	struct seen seen = { 0 };
	struct attack *a = attack_new(on_change, &seen);

	(void)state;
	for (int i = 0; i < 20; i++)
		attack_count(a, &site, ATTACK_ASKED, START, START);
	attack_look(a, START + 2 * HOUR);
	assert_int_equal(attack_state_of(a, ATTACK_SITE, 99), ATTACK_ON);
	for (uint64_t key = 1000; key < 101000; key++)
		attack_count(a, &(struct attack_source){ ATTACK_SITE, key,
		    "198.51.100.0/24" }, ATTACK_POSTED, START + 2 * HOUR,
		    START + 2 * HOUR);
	assert_int_equal(attack_state_of(a, ATTACK_SITE, 99), ATTACK_ON);
	attack_free(a);
}

static void
load(const struct attack_row *row, void *arg)
{
	attack_load(arg, row);
}

static void
count_one(const struct attack_figures *figures, void *arg)
{
	struct seen *seen = arg;

	on_change(figures, seen);
}

static void
test_outlives_a_process(void **state)
{
	struct seen seen = { 0 }, again = { 0 };
	struct attack *a = attack_new(on_change, &seen);
	struct attack *b = attack_new(on_change, &again);
	int64_t now = live(a, START, 25, 40, 24);

	(void)state;
	count(a, ATTACK_POSTED, now, now, 300);
	attack_save(a, load, b);
	assert_int_equal(state_of(b), ATTACK_RUSH);
	assert_int_equal(again.changes, 0);
	attack_each(b, now, count_one, &again);
	assert_int_equal(again.changes, 1);
	assert_string_equal(again.name, "weekly");
	assert_int_equal(again.last.posts, seen.last.posts + 99);
	assert_int_equal(again.last.usual, 40);
	assert_int_equal(again.last.since, now);
	attack_look(b, now + 3 * HOUR);
	assert_int_equal(state_of(b), ATTACK_CALM);
	attack_free(a);
	attack_free(b);
}

/* A clock that goes to and fro: nothing is counted twice, or for ever. */
static void
test_clock_put_back(void **state)
{
	struct seen seen = { 0 };
	struct attack *a = attack_new(on_change, &seen);

	(void)state;
	count(a, ATTACK_ASKED, START + 7 * DAY, START + 7 * DAY, 100);
	count(a, ATTACK_ASKED, START + 8 * DAY, START, 100);
	count(a, ATTACK_ASKED, START, START, 49);
	attack_look(a, START + 2 * HOUR);
	assert_int_equal(state_of(a), ATTACK_CALM);
	count(a, ATTACK_ASKED, START + HOUR, START + 2 * HOUR, 1);
	attack_look(a, START + 4 * HOUR);
	assert_int_equal(state_of(a), ATTACK_ON);
	attack_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unconfirmed),
		cmocka_unit_test(test_many_unconfirmed_are_seen_soon),
		cmocka_unit_test(test_not_me),
		cmocka_unit_test(test_rush),
		cmocka_unit_test(test_the_usual_is_no_rush),
		cmocka_unit_test(test_over_when_they_go),
		cmocka_unit_test(test_over_when_people_confirm),
		cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_outlives_a_process),
		cmocka_unit_test(test_clock_put_back),
	};

	return cmocka_run_group_tests_name("attack", tests, NULL, NULL);
}
