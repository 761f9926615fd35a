/* SPDX-License-Identifier: ISC */
/*
 * Budgets: never more than the limit says, in any window, and no more memory
 * than was given.
 */
#include "core/budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct budget *
make(const char *text, size_t capacity)
{
	struct limit limit;

	assert_int_equal(limit_parse(slice_str(text), &limit), 0);
	return budget_new(&limit, capacity);
}

/* One key's life: at each time, is it taken, and else how long to wait. */
struct step {
	int64_t at;
	uint32_t wait;		/* 0: taken */
};

static const struct {
	const char *limit;
	struct step step[12];	/* ends at at == 0 */
} lives[] = {
	{ "1/10m", { { 1000, 0 }, { 1000, 600 }, { 1001, 599 },
	    { 1599, 1 }, { 1600, 0 }, { 1601, 599 } } },
	{ "3/1d", { { 1000, 0 }, { 2000, 0 }, { 3000, 0 }, { 4000, 83400 },
	    { 87399, 1 }, { 87400, 0 }, { 87401, 999 }, { 88400, 0 },
	    { 89399, 1 }, { 89400, 0 } } },
	{ "3/1d, 5/30d", { { 1000, 0 }, { 1000, 0 }, { 1000, 0 },
	    { 1000, 86400 }, { 87400, 0 }, { 87400, 0 },
	    { 87401, 2505599 }, { 173801, 2419199 }, { 2593000, 0 },
	    { 2593000, 0 }, { 2593000, 0 } } },
	/* A refusal costs nothing. */
	{ "2/10s", { { 10, 0 }, { 15, 0 }, { 16, 4 }, { 17, 3 }, { 18, 2 },
	    { 20, 0 }, { 21, 4 } } },
	/* The clock goes back: what was counted still counts. */
	{ "2/10s", { { 100, 0 }, { 95, 0 }, { 96, 9 }, { 101, 4 },
	    { 105, 0 }, { 106, 4 } } },
	/* It was a year ahead: that counts from now, not for a year. */
	{ "2/10s", { { 31536100, 0 }, { 31536101, 0 }, { 100, 10 },
	    { 105, 5 }, { 110, 0 }, { 111, 0 }, { 112, 8 } } },
	{ "2/10s, 30/1h", { { 31536100, 0 }, { 31536101, 0 }, { 100, 10 },
	    { 110, 0 }, { 111, 0 }, { 112, 8 } } },
	{ "off", { { 1, 0 }, { 1, 0 }, { 1, 0 }, { 1, 0 } } },
};

static void
test_lives(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lives); i++) {
		struct budget *b = make(lives[i].limit, 10);

		for (size_t k = 0; lives[i].step[k].at != 0; k++) {
			const struct step *s = &lives[i].step[k];
			uint32_t peeked, taken;
			bool may = budget_peek(b, 7, s->at, &peeked);

			if (budget_take(b, 7, s->at, &taken) != may ||
			    peeked != taken || taken != s->wait ||
			    may != (s->wait == 0))
				fail_msg("%s at %ld: %u", lives[i].limit,
				    (long)s->at, taken);
		}
		budget_free(b);
	}
}

/*
 * Any limit, times at random: what was taken is never more than the limit
 * within its window, and who waits as told gets in.
 */
static void
test_never_more(void **state)
{
	static const struct {
		const char *text;
		uint32_t count, seconds;
	} limits[] = {
		{ "1/60", 1, 60 }, { "16/100", 16, 100 },
		{ "17/100", 17, 100 }, { "30/1m", 30, 60 },
		{ "100/7", 100, 7 }, { "500/1h", 500, 3600 },
	};
	enum { TRIES = 4000 };
	static int64_t taken[TRIES];
	unsigned seed = 1;

	(void)state;
	for (size_t i = 0; i < COUNT(limits); i++) {
		struct budget *b = make(limits[i].text, 4);
		int64_t now = 1000000;
		size_t n = 0;

		for (size_t k = 0; k < TRIES; k++) {
			uint32_t wait, ignored;

			seed = seed * 1103515245 + 12345;
			if (k % (3 * limits[i].count / limits[i].seconds +
			    1) == 0)
				now += (seed >> 16) % (limits[i].seconds /
				    limits[i].count + 2);
			if (!budget_take(b, 1, now, &wait)) {
				assert_in_range(wait, 1, limits[i].seconds);
				assert_false(budget_peek(b, 1,
				    now + wait - 1, &ignored));
				assert_true(budget_peek(b, 1, now + wait,
				    &ignored));
				continue;
			}
			taken[n++] = now;
			if (n > limits[i].count)
				assert_true(now - taken[n - 1 -
				    limits[i].count] >= limits[i].seconds);
		}
		assert_true(n > limits[i].count);
		budget_free(b);
	}
}

static void
test_waiting_helps(void **state)
{
	struct budget *b = make("30/1m", 4);
	uint32_t wait;

	(void)state;
	for (int i = 0; i < 30; i++)
		assert_true(budget_take(b, 1, 1000 + i, &wait));
	assert_false(budget_take(b, 1, 1030, &wait));
	assert_in_range(wait, 30, 35);
	assert_true(budget_take(b, 1, 1030 + wait, &wait));
	budget_free(b);
}

static void
test_keys_are_apart(void **state)
{
	struct budget *b = make("1/10", 1000);
	uint32_t wait;

	(void)state;
	for (uint64_t key = 0; key < 1000; key++)
		assert_true(budget_take(b, key << 40, 100, &wait));
	for (uint64_t key = 0; key < 1000; key++)
		assert_false(budget_take(b, key << 40, 100, &wait));
	assert_int_equal(budget_key_count(b), 1000);
	budget_free(b);
}

/* One too many: the one whose last event is oldest is forgotten. */
static void
test_eviction(void **state)
{
	struct budget *b = make("2/1000", 3);
	uint32_t wait;

	(void)state;
	assert_true(budget_take(b, 1, 100, &wait));
	assert_true(budget_take(b, 2, 101, &wait));
	assert_true(budget_take(b, 2, 101, &wait));
	assert_true(budget_take(b, 3, 102, &wait));
	assert_true(budget_take(b, 1, 103, &wait));
	assert_true(budget_take(b, 4, 104, &wait));	/* evicts 2 */
	assert_false(budget_peek(b, 1, 105, &wait));
	assert_true(budget_peek(b, 2, 105, &wait));
	assert_true(budget_take(b, 3, 105, &wait));
	assert_false(budget_peek(b, 3, 105, &wait));
	assert_int_equal(budget_key_count(b), 3);
	for (uint64_t key = 10; key < 5000; key++)
		assert_true(budget_take(b, key, 106, &wait));
	assert_int_equal(budget_key_count(b), 3);
	budget_free(b);
}

/* The past, in any order, counts as if it had been taken then. */
static void
test_note(void **state)
{
	static const int64_t past[] = { 500, 100, 900, 300, 700 };
	struct budget *b = make("3/1000", 10);
	uint32_t wait;

	(void)state;
	for (size_t i = 0; i < COUNT(past); i++)
		budget_note(b, 1, past[i]);
	assert_false(budget_take(b, 1, 1000, &wait));
	assert_int_equal(wait, 500);
	assert_true(budget_take(b, 1, 1500, &wait));
	budget_note(b, 2, 10);
	budget_note(b, 2, 20);
	assert_true(budget_take(b, 2, 1000, &wait));
	assert_false(budget_take(b, 2, 1001, &wait));
	assert_int_equal(wait, 9);
	budget_free(b);
}

static void
test_note_coarse(void **state)
{
	struct budget *b = make("100/1500", 10);
	uint32_t wait;

	(void)state;
	for (int64_t t = 99; t >= 0; t--)
		budget_note(b, 1, 10000 + t);
	assert_false(budget_take(b, 1, 10100, &wait));
	assert_true(budget_take(b, 1, 11600, &wait));
	budget_free(b);
}

static const struct {
	const char *a, *b;
	bool same, same_site;
} networks[] = {
	{ "192.0.2.1", "192.0.2.1", true, true },
	{ "192.0.2.1", "192.0.2.2", false, true },
	{ "192.0.2.1", "192.0.3.1", false, false },
	{ "192.0.2.1", "::ffff:192.0.2.1", true, true },
	{ "2001:db8::1", "2001:db8::2", true, true },
	{ "2001:db8::1", "2001:db8:0:0:ffff:ffff:ffff:ffff", true, true },
	{ "2001:db8::1", "2001:db8:0:1::1", false, true },
	{ "2001:db8::1", "2001:db8:0:ffff::1", false, true },
	{ "2001:db8::1", "2001:db8:1::1", false, false },
	{ "2001:DB8::1", "2001:db8::", true, true },
	{ "unknown", "", false, false },
};

static void
test_network_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(networks); i++) {
		uint64_t a = budget_network_key(networks[i].a, 1);

		assert_int_equal(a == budget_network_key(networks[i].b, 1),
		    networks[i].same);
		assert_true(a != budget_network_key(networks[i].a, 2));
		a = budget_site_key(networks[i].a, 1);
		assert_int_equal(a == budget_site_key(networks[i].b, 1),
		    networks[i].same_site);
		assert_true(a != budget_site_key(networks[i].a, 2));
	}
	assert_true(budget_text_key(slice_str("a"), 1) !=
	    budget_text_key(slice_str("b"), 1));
	assert_true(budget_text_key(slice_str("a"), 1) ==
	    budget_text_key(slice_str("a"), 1));
}

/* What doesn't count needn't be noted. */
static void
test_what_still_counts(void **state)
{
	enum { DAY = 86400, NOW = 100 * DAY };
	static const struct {
		const char *limit;
		int64_t age;
		bool counts;
	} cases[] = {
		{ "1/10m", 0, true },
		{ "1/10m", 599, true },
		{ "1/10m", 600, false },
		{ "1/1d, 9/30d", 30 * DAY - 1, true },
		{ "1/1d, 9/30d", 30 * DAY, false },
		{ "9/30d, 1/1d", 30 * DAY - 1, true },
		{ "1/10m", -DAY, true },
		{ "off", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct budget *b = make(cases[i].limit, 1);
		uint32_t room = budget_room(b, 1, NOW);

		assert_int_equal(budget_counts(b, NOW - cases[i].age, NOW),
		    cases[i].counts);
		budget_note(b, 1, NOW - cases[i].age);
		if (!cases[i].counts)
			assert_int_equal(budget_room(b, 1, NOW), room);
		budget_free(b);
	}
}

static void
test_forget(void **state)
{
	struct limit limit;
	struct budget *b;
	uint32_t later;

	(void)state;
	assert_int_equal(limit_parse(slice_str("1/1h, 2/1d"), &limit), 0);
	b = budget_new(&limit, 8);
	assert_true(budget_take(b, 1, 1000, &later));
	assert_true(budget_take(b, 2, 1000, &later));
	assert_false(budget_take(b, 1, 1001, &later));
	budget_forget(b, 1);
	budget_forget(b, 3);
	assert_true(budget_take(b, 1, 1002, &later));
	assert_false(budget_take(b, 1, 1003, &later));
	assert_false(budget_take(b, 2, 1003, &later));
	budget_free(b);
}

/* What is left and what is used up, after so many events at 1000. */
static const struct {
	const char *limit;
	uint32_t events;
	int64_t at;
	uint32_t room;
	unsigned percent;
} levels[] = {
	{ "10/1m", 0, 1000, 10, 0 },
	{ "10/1m", 5, 1000, 5, 50 },
	{ "10/1m", 6, 1059, 4, 60 },
	{ "10/1m", 6, 1060, 10, 0 },
	{ "10/1m", 12, 1000, 0, 120 },
	{ "200/1h", 100, 1000, 100, 50 },
	{ "200/1h", 101, 1000, 99, 51 },
	{ "200/1h", 201, 1000, 0, 101 },
	{ "10/1m, 12/1h", 10, 1000, 0, 100 },
	{ "10/1m, 12/1h", 10, 1060, 2, 84 },
	{ "off", 10, 1000, UINT32_MAX, 0 },
	/* The clock was a year ahead. */
	{ "10/1m", 4, 1000 - 31536000, 6, 40 },
};

static void
test_levels(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(levels); i++) {
		struct budget *b = make(levels[i].limit, 4);
		uint32_t wait;

		for (uint32_t n = 0; n < levels[i].events; n++)
			budget_note(b, 1, 1000);
		budget_note(b, 2, 1000);
		assert_int_equal(budget_percent(b, 1, levels[i].at),
		    levels[i].percent);
		assert_int_equal(budget_room(b, 1, levels[i].at),
		    levels[i].room);
		assert_int_equal(budget_peek(b, 1, levels[i].at, &wait),
		    levels[i].room > 0);
		budget_free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lives),
		cmocka_unit_test(test_never_more),
		cmocka_unit_test(test_waiting_helps),
		cmocka_unit_test(test_keys_are_apart),
		cmocka_unit_test(test_eviction),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_note_coarse),
		cmocka_unit_test(test_what_still_counts),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_network_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
