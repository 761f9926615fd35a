/* SPDX-License-Identifier: ISC */
/*
 * In which order goes what the limits hold back, in lives that end.
 */
#include "app/engine/engine_world_held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"

#define HOUR (3600 * CLOCK_SECOND)
#define OWN "https://news.example.org"

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static void
three_networks(struct child *c)
{
	char address[32];

	world_post_one(c, "first@ex.org");
	for (int i = 1; i <= 4; i++) {
		snprintf(address, sizeof(address), "f%d@ex.org", i);
		world_post_from(c, address, i % 2 != 0 ? "192.0.2.1" :
		    "192.0.2.99", "");
	}
	world_post_from(c, "p1@ex.org", "2001:db8:1:2::3", "");
	world_post_from(c, "p2@ex.org", "2001:db8:1:ffff::3", "");
	world_post_from(c, "q1@ex.org", "198.51.100.1", "");
	world_post_from(c, "s1@ex.org", "192.0.2.1", OWN);
}

static void
in_order(struct child *c)
{
	static const char *const order[] = { "s1", "f1", "p1", "q1", "f2",
		"p2", "f3", "f4", "" };

	three_networks(c);
	assert_string_equal(world_all_mail(c), "first");
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		assert_string_equal(world_mail_after(c, HOUR), order[i]);
}

static void
test_best_proved_then_networks_then_oldest(void **state)
{
	world_limit(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, in_order), 0);
}

/* Whoever keeps no IP addresses can be fair all the same. */
static void
test_the_order_needs_no_kept_address(void **state)
{
	struct child *c = *state;

	c->config.retain.log_ip = CONFIG_IP_NONE;
	world_limit(c, "off", "1/1h");
	assert_int_equal(world_live(c, in_order), 0);
}

static void
hold_and_die(struct child *c)
{
	three_networks(c);
	assert_string_equal(world_all_mail(c), "first");
	assert_string_equal(world_mail_after(c, HOUR), "s1");
	assert_string_equal(world_mail_after(c, HOUR), "f1");
}

static void
all_at_once(struct child *c)
{
	assert_string_equal(world_all_mail(c), "p1 q1 f2 p2 f3 f4");
	world_expect_held(c, 0, 0);
}

static void
test_the_order_is_kept_when_many_go(void **state)
{
	world_limit(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, hold_and_die), 0);
	world_limit(*state, "off", "off");
	assert_int_equal(world_live(*state, all_at_once), 0);
}

static void
go_on(struct child *c)
{
	static const char *const order[] = { "p1", "q1", "f2", "p2", "n1",
		"f3", "f4", "f5", "" };

	world_expect_held(c, 6, 0);
	/* What went in the last life counts in this one. */
	assert_string_equal(world_all_mail(c), "");
	world_post_from(c, "f5@ex.org", "192.0.2.50", "");
	assert_string_equal(world_mail_after(c, HOUR), order[0]);
	assert_string_equal(world_mail_after(c, HOUR), order[1]);
	assert_string_equal(world_mail_after(c, HOUR), order[2]);
	world_post_from(c, "n1@ex.org", "203.0.113.1", "");
	for (size_t i = 3; i < sizeof(order) / sizeof(order[0]); i++)
		assert_string_equal(world_mail_after(c, HOUR), order[i]);
}

static void
test_the_order_outlives_the_process(void **state)
{
	world_limit(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, hold_and_die), 0);
	assert_int_equal(world_live(*state, go_on), 0);
}

static void
die_with_one_out(struct child *c)
{
	world_post_one(c, "a@one.example");
	world_post_one(c, "b@one.example");
	assert_non_null(world_next_mail(c));
	world_expect_held(c, 0, 1);
}

static void
one_is_out(struct child *c)
{
	world_expect_held(c, 0, 1);
	world_post_one(c, "c@one.example");
	world_post_one(c, "d@two.example");
	assert_string_equal(world_all_mail(c), "a d");
	assert_string_equal(world_mail_after(c, HOUR), "b");
	assert_string_equal(world_mail_after(c, HOUR), "c");
}

static void
no_limit_any_more(struct child *c)
{
	assert_string_equal(world_all_mail(c), "a b");
	world_expect_held(c, 0, 0);
}

static void
test_a_mail_on_its_way_counts_in_the_next_life(void **state)
{
	world_limit(*state, "1/1h", "off");
	assert_int_equal(world_live(*state, die_with_one_out), 0);
	assert_int_equal(world_live(*state, one_is_out), 0);
}

static void
test_a_limit_that_was_lifted_holds_nothing(void **state)
{
	world_limit(*state, "1/1h", "off");
	assert_int_equal(world_live(*state, die_with_one_out), 0);
	world_limit(*state, "off", "off");
	assert_int_equal(world_live(*state, no_limit_any_more), 0);
}

/* Lines take turns when the total has room again; better proof goes first
 * whatever its line. */
static void
several_lines(struct child *c)
{
	world_post_one(c, "a1@a.example");
	world_post_one(c, "b1@b.example");
	world_post_one(c, "a2@a.example");
	world_post_one(c, "a3@a.example");
	world_post_one(c, "b2@b.example");
	world_post_from(c, "b3@b.example", "192.0.2.7", OWN);
	world_post_one(c, "c1@c.example");
	world_post_one(c, "c2@c.example");
	world_expect_held(c, 2, 4);
	assert_string_equal(world_all_mail(c), "a1 b1");
	assert_string_equal(world_mail_after(c, HOUR), "b3 a2");
	assert_string_equal(world_mail_after(c, HOUR), "c1 b2");
	assert_string_equal(world_mail_after(c, HOUR), "a3 c2");
	world_expect_held(c, 0, 0);
}

static void
test_lines_take_turns(void **state)
{
	world_limit(*state, "1/1h", "2/1h");
	assert_int_equal(world_live(*state, several_lines), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_best_proved_then_networks_then_oldest),
		LIFE(test_the_order_needs_no_kept_address),
		LIFE(test_the_order_is_kept_when_many_go),
		LIFE(test_the_order_outlives_the_process),
		LIFE(test_a_mail_on_its_way_counts_in_the_next_life),
		LIFE(test_a_limit_that_was_lifted_holds_nothing),
		LIFE(test_lines_take_turns),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_held_order", tests, NULL,
	    NULL);
}
