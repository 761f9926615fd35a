/* SPDX-License-Identifier: ISC */
/*
 * Recorded shapes of good and bad days, through the whole engine with the
 * limits as shipped: who gets mail, who has to show more, who waits how long,
 * and when an attack is seen and over.  Figures are printed, promises asserted.
 */
#include "app/engine/engine_flood.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/engine/engine_world.h"
#include "base/log.h"
#include "base/mem.h"

enum { MINUTE = 60, HOUR = 3600, DAY_SECONDS = 86400 };
/* Every day has had a day before it: from then on it is told. */
enum { BEFORE = 25 * HOUR };

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static int
setup(void **state)
{
	static char site[] = "https://www.example.org";
	static char *sites[] = { site };
	struct child *c;
	int error = world_setup(state);

	c = *state;
	c->config.map_size = 1 << 30;
	c->config.limits.challenge = CONFIG_CHALLENGE_AUTO;
	limit_parse(slice_str("30/1m"), &c->config.limits.per_network);
	limit_parse(slice_str("3/1d, 5/30d"), &c->config.limits.per_address);
	limit_parse(slice_str("6000/1h"), &c->config.limits.per_domain);
	limit_parse(slice_str("60000/1h"), &c->config.limits.total);
	c->lists[WORLD_DAILY].origins = (struct config_strings){ sites, 1 };
	return error;
}

/* ---- crowds ---- */

struct crowd {
	struct flood_actor *actor;
	size_t count, room;
	int64_t end, step;
	const char *name;
	struct flood_result result;
};

static uint32_t
some(size_t i, uint32_t below)
{
	uint64_t n = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	n = (n ^ n >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	return (uint32_t)((n ^ n >> 32) % below);
}

static struct flood_actor *
add(struct crowd *c, int64_t at)
{
	struct flood_actor *a;

	/* It grows by halves: a sanitizer copies it each time. */
	if (c->count == c->room) {
		c->room += c->room / 2 + 64;
		c->actor = mem_resize(c->actor, c->room, sizeof(*c->actor));
	}
	a = &c->actor[c->count];
	*a = (struct flood_actor){ .at = at, .mailed_at = -1, .confirm_at = -1,
		.mailbox = (unsigned)c->count };
	snprintf(a->address, sizeof(a->address), "u%zu@d%u.example.org",
	    c->count, some(c->count, 50));
	c->count++;
	return a;
}

/* People who come one by one, each from a network of their own. */
static void
add_people(struct crowd *c, size_t n, int64_t from, int64_t to)
{
	for (size_t i = 0; i < n; i++) {
		struct flood_actor *a = add(c, from +
		    (to - from) * (int64_t)i / (int64_t)n);

		a->is_person = true;
		a->ip = 0x0a000000 + some(c->count, 1 << 24);
	}
}

static void
add_robots(struct crowd *c, size_t n, int64_t from, int64_t to,
    uint32_t networks, bool waits)
{
	for (size_t i = 0; i < n; i++) {
		struct flood_actor *a = add(c, from +
		    (to - from) * (int64_t)i / (int64_t)n);

		a->is_forged = true;
		a->waits = waits;
		a->ip = 0xc0000000 + some(i, networks) * 256 + some(i, 200);
	}
}

static int
by_time(const void *a, const void *b)
{
	const struct flood_actor *x = a, *y = b;

	return x->at != y->at ? (x->at < y->at ? -1 : 1) :
	    (x->mailbox > y->mailbox) - (x->mailbox < y->mailbox);
}

/* ---- figures ---- */

struct figures {
	unsigned posted, challenged, mailed, mails, confirmed;
	int64_t longest;	/* from the post to its mail, seconds */
};

static struct figures
figures_of(const struct crowd *c, bool people)
{
	struct figures f = { 0 };

	for (size_t i = 0; i < c->count; i++) {
		const struct flood_actor *a = &c->actor[i];

		if (a->is_person != people)
			continue;
		f.posted++;
		f.challenged += a->challenged > 0;
		f.mailed += a->mails > 0;
		f.mails += a->mails;
		f.confirmed += a->has_confirmed;
		if (a->mailed_at - a->posted_at > f.longest)
			f.longest = a->mailed_at - a->posted_at;
	}
	return f;
}

static void
print_time(const char *what, int64_t from, int64_t to)
{
	if (from < 0)
		printf(", no %s", what);
	else
		printf(", %s from %+.1f h to %+.1f h", what,
		    (double)(from - BEFORE) / HOUR,
		    (double)(to - BEFORE) / HOUR);
}

static void
print_result(const struct crowd *c)
{
	printf("# %s\n", c->name);
	for (int people = 1; people >= 0; people--) {
		struct figures f = figures_of(c, people);

		printf("#   %-7s %6u posted, %6u had to show more, %6u got "
		    "%u mails, %u confirmed, longest wait %" PRId64 " s\n",
		    people ? "people" : "robots", f.posted, f.challenged,
		    f.mailed, f.mails, f.confirmed, f.longest);
	}
	for (int d = 0; d < ATTACK_DIMENSIONS; d++) {
		const struct flood_seen *seen = &c->result.seen[d];

		printf("#   %-7s", attack_dimension_name(
		    (enum attack_dimension)d));
		print_time("rush or attack", seen->rush, seen->calm);
		print_time("attack", seen->on, seen->off);
		putchar('\n');
	}
	fflush(stdout);
}

static struct crowd *running;

static void
run(struct child *c)
{
	flood_run(c, running->actor, running->count, running->end,
	    running->step, &running->result);
}

static void
run_crowd(struct child *c, struct crowd *crowd)
{
	qsort(crowd->actor, crowd->count, sizeof(*crowd->actor), by_time);
	running = crowd;
	assert_int_equal(world_live(c, run), 0);
	print_result(crowd);
}

/* Whatever happens: people get their mail, and soon. */
static void
assert_people_are_served(const struct crowd *c)
{
	struct figures f = figures_of(c, true);

	assert_int_equal(f.mailed, f.posted);
	assert_in_range(f.longest, 0, 10 * MINUTE);
	assert_in_range(f.confirmed * 100, f.posted * 60, f.posted * 71 - 1);
}

/* ---- the shapes ---- */

/* 18,099 posts within a day (vince.ca), each for another mailbox. */
static void
test_a_wave(void **state)
{
	struct crowd c = { .name = "a wave of 18,099 in a day, 6,000 networks, "
		"a listed page's Origin", .end = BEFORE + 2 * DAY_SECONDS,
		.step = 10 * MINUTE };
	struct figures robots;

	add_people(&c, 10 * 73, 0, BEFORE + 2 * DAY_SECONDS);
	add_robots(&c, 18099, BEFORE, BEFORE + DAY_SECONDS, 6000, false);
	run_crowd(*state, &c);
	assert_people_are_served(&c);
	robots = figures_of(&c, false);
	assert_in_range(robots.mails, 0, 18099 / 50);
	assert_in_range(c.result.seen[ATTACK_LIST].on - BEFORE, 0, 3 * HOUR);
	assert_in_range(c.result.seen[ATTACK_LIST].off - BEFORE, 23 * HOUR,
	    36 * HOUR);
	free(c.actor);
}

/* The same, and each of them waits when it is asked to. */
static void
test_a_patient_wave(void **state)
{
	struct crowd c = { .name = "the same, and they wait instead of "
		"solving anything", .end = BEFORE + 2 * DAY_SECONDS,
		.step = 10 * MINUTE };

	add_people(&c, 10 * 73, 0, BEFORE + 2 * DAY_SECONDS);
	add_robots(&c, 18099, BEFORE, BEFORE + DAY_SECONDS, 6000, true);
	run_crowd(*state, &c);
	assert_people_are_served(&c);
	assert_in_range(figures_of(&c, false).mails, 0, 18099 / 4);
	assert_in_range(c.result.seen[ATTACK_LIST].on - BEFORE, 0, 3 * HOUR);
	assert_in_range(c.result.seen[ATTACK_TOTAL].off - BEFORE, 23 * HOUR,
	    36 * HOUR);
	free(c.actor);
}

/* A mailbox in as many spellings as there are. */
static void
spell(struct flood_actor *a, unsigned mailbox, size_t i)
{
	static const char *const domains[] = { "gmail.com", "googlemail.com",
		"GMail.com" };
	bool dots = mailbox % 3 == 0;

	a->mailbox = mailbox;
	if (dots)
		snprintf(a->address, sizeof(a->address), "vi%sct%sim%u%s@%s",
		    i & 1 ? "." : "", i & 2 ? "." : "", mailbox,
		    i & 4 ? "+x" : "", domains[i % 2]);
	else
		snprintf(a->address, sizeof(a->address),
		    "victim%u%s%.0u@example.net", mailbox,
		    i % 5 == 0 ? "" : "+", i % 5 == 0 ? 0 :
		    (unsigned)(i % 1000));
}

/* As many as were recorded only in the long run: it takes a minute. */
static void
test_nine_are_bombed(void **state)
{
	bool is_long = getenv("ASSENT_LONG") != NULL;
	struct crowd c = { .name = is_long ?
		"9 mailboxes bombed with 81,000 posts in a day" :
		"9 mailboxes bombed with 9,000 posts in a day",
		.end = BEFORE + 2 * DAY_SECONDS, .step = 10 * MINUTE };
	size_t first = 10 * 73;

	add_people(&c, first, 0, BEFORE + 2 * DAY_SECONDS);
	add_robots(&c, is_long ? 81000 : 9000, BEFORE, BEFORE + DAY_SECONDS,
	    2000, true);
	for (size_t i = first; i < c.count; i++)
		spell(&c.actor[i], (unsigned)(first + i % 9), i / 9);
	run_crowd(*state, &c);
	assert_people_are_served(&c);
	assert_in_range(c.result.max_per_mailbox, 1, 3);
	assert_in_range(figures_of(&c, false).mails, 9, 27);
	free(c.actor);
}

/* A spot on television: everybody at once, and they mean it. */
static void
test_a_spike(void **state)
{
	struct crowd c = { .name = "a spot on television: 5,000 people in "
		"3 minutes", .end = BEFORE + 8 * HOUR, .step = MINUTE };

	add_people(&c, 25 * 20, 0, BEFORE);
	add_people(&c, 5000, BEFORE, BEFORE + 3 * MINUTE);
	add_people(&c, 7 * 20, BEFORE + HOUR, BEFORE + 8 * HOUR);
	run_crowd(*state, &c);
	assert_people_are_served(&c);
	for (int d = 0; d < ATTACK_DIMENSIONS; d++) {
		assert_int_equal(c.result.seen[d].on, -1);
		assert_true(c.result.seen[d].calm < BEFORE + 3 * HOUR);
	}
	assert_true(c.result.seen[ATTACK_LIST].rush >= BEFORE);
	free(c.actor);
}

/* So slow that no hour is unusual. */
static void
test_a_drip(void **state)
{
	struct crowd c = { .name = "a drip: 40 an hour for 2 days, each from "
		"another network, a listed page's Origin",
		.end = BEFORE + 3 * DAY_SECONDS, .step = 10 * MINUTE };

	add_people(&c, 10 * 97, 0, BEFORE + 3 * DAY_SECONDS);
	add_robots(&c, 40 * 48, BEFORE, BEFORE + 2 * DAY_SECONDS, 50000,
	    false);
	run_crowd(*state, &c);
	assert_people_are_served(&c);
	assert_in_range(c.result.seen[ATTACK_LIST].on - BEFORE, 0, 6 * HOUR);
	assert_in_range(figures_of(&c, false).mails, 0, 40 * 12);
	free(c.actor);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_a_wave),
		LIFE(test_a_patient_wave),
		LIFE(test_nine_are_bombed),
		LIFE(test_a_spike),
		LIFE(test_a_drip),
	};

	signal(SIGPIPE, SIG_IGN);	/* as assentd does */
	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_flood", tests, NULL, NULL);
}
