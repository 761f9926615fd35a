/* SPDX-License-Identifier: ISC */
/*
 * What limits.per_domain and limits.total hold back and let go, through the
 * whole engine.
 */
#include "app/engine/engine_world_admin.h"
#include "app/engine/engine_world_held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/held_private.h"
#include "base/clock.h"
#include "base/log.h"

#define HOUR (3600 * CLOCK_SECOND)

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static void
over_the_total(struct child *c)
{
	const Message__Mail *mail;

	for (int i = 0; i < 3; i++) {
		char address[] = { (char)('a' + i), '@', 'e', 'x', '.', 'o',
			'r', 'g', '\0' };

		world_post_one(c, address);
	}
	world_expect_held(c, 1, 0);
	assert_string_equal(world_all_mail(c), "a b");
	assert_string_equal(world_show(c, "c@ex.org"),
	    "daily=pending | subscribe");
	assert_string_equal(world_mail_after(c, HOUR - CLOCK_SECOND), "");
	world_pass(CLOCK_SECOND);
	mail = world_next_mail(c);
	assert_non_null(mail);
	assert_string_equal(mail->address, "c@ex.org");
	/* Its Date is today's, its time to be confirmed in starts now. */
	assert_int_equal(mail->queued_at, world_now());
	assert_int_equal(world_press_confirm(c, mail->confirm_token), DONE);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	world_expect_held(c, 0, 0);
	world_post_one(c, "d@ex.org");
	assert_string_equal(world_all_mail(c), "d");
}

static void
test_over_the_total_goes_later(void **state)
{
	world_limit(*state, "off", "2/1h");
	assert_int_equal(world_live(*state, over_the_total), 0);
}

/* There is room again, and somebody asks before anybody has looked. */
static void
newcomer(struct child *c)
{
	world_post_one(c, "a@ex.org");
	world_post_one(c, "b@ex.org");
	assert_string_equal(world_all_mail(c), "a");
	world_pass(HOUR);
	world_post_one(c, "c@ex.org");
	assert_string_equal(world_all_mail(c), "b");
	assert_string_equal(world_mail_after(c, HOUR), "c");
}

static void
test_nobody_jumps_a_line(void **state)
{
	world_limit(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, newcomer), 0);
	world_limit(*state, "1/1h", "off");
	world_pass(DAY);
	assert_int_equal(world_live(*state, newcomer), 0);
}

static void
over_a_domain(struct child *c)
{
	world_post_one(c, "a@one.example");
	world_post_one(c, "b@one.example");
	world_post_one(c, "c@one.example");
	world_post_one(c, "d@two.example");
	world_post_one(c, "e@sub.one.example");
	world_expect_held(c, 0, 2);
	assert_string_equal(held_figures(c->arg).top, "one.example");
	assert_int_equal(held_figures(c->arg).by_top, 2);
	assert_string_equal(world_all_mail(c), "a d e");
	assert_string_equal(world_mail_after(c, HOUR), "b");
	world_post_one(c, "f@two.example");
	assert_string_equal(world_all_mail(c), "f");
	assert_string_equal(world_mail_after(c, HOUR), "c");
	assert_int_equal(held_figures(c->arg).domains, 0);
}

static void
test_a_full_domain_holds_up_no_other(void **state)
{
	world_limit(*state, "1/1h", "off");
	assert_int_equal(world_live(*state, over_a_domain), 0);
}

/* A domain that gets full only while its mails wait for the total. */
static void
full_within_the_line(struct child *c)
{
	world_post_one(c, "a@a.example");
	world_post_one(c, "b@b.example");
	world_post_one(c, "x@x.example");
	world_post_one(c, "xx@x.example");
	world_post_one(c, "xxx@x.example");
	world_post_one(c, "y@y.example");
	world_expect_held(c, 4, 0);
	assert_string_equal(world_all_mail(c), "a b");
	assert_string_equal(world_mail_after(c, HOUR), "x y");
	world_expect_held(c, 0, 2);
	assert_string_equal(world_mail_after(c, HOUR), "xx");
	assert_string_equal(world_mail_after(c, HOUR), "xxx");
}

static void
test_nobody_waits_behind_a_full_domain(void **state)
{
	world_limit(*state, "1/1h", "2/1h");
	assert_int_equal(world_live(*state, full_within_the_line), 0);
}

static void
not_for_who_acts(struct child *c)
{
	const Message__Mail *mail;
	struct world_mail t;

	world_subscribe(c, "a@ex.org", "weekly", false);
	world_post_one(c, "b@ex.org");
	mail = world_next_mail(c);
	assert_non_null(mail);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	assert_null(world_next_mail(c));
	/* A retry was counted before, a welcome is none of the budget's. */
	world_pass(600 * CLOCK_SECOND);
	t = world_take_mail(c, "confirm");
	world_press_confirm(c, t.confirm);
	world_take_mail(c, "welcome");
	assert_null(world_next_mail(c));
	world_expect_held(c, 1, 0);
	assert_string_equal(world_mail_after(c, HOUR - 600 * CLOCK_SECOND),
	    "b");
	/* But telling a subscriber so is. */
	world_subscribe(c, "a@ex.org", "weekly", false);
	world_expect_held(c, 1, 0);
	world_pass(HOUR);
	world_take_mail(c, "already");
}

static void
test_retries_and_welcomes_pass(void **state)
{
	world_limit(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, not_for_who_acts), 0);
}

static void
ask_for_data(struct child *c, const char *address)
{
	Message__Envelope *question = world_simple_post(c);
	Message__Subscribe *s = question->subscribe;
	char text[32];

	snprintf(text, sizeof(text), "%s", address);
	s->address = s->address_key = text;
	s->n_lists = 0;
	s->manage = true;
	assert_int_equal(world_post(c, question), ACCEPTED);
}

static void
own_data(struct child *c)
{
	struct world_mail mail;

	world_subscribe(c, "a@ex.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	world_press_confirm(c, mail.confirm);
	ask_for_data(c, "a@ex.org");
	world_expect_held(c, 1, 0);
	ask_for_data(c, "a@ex.org");
	world_expect_held(c, 1, 0);
	world_pass(HOUR);
	world_take_mail(c, "manage");
	assert_null(world_next_mail(c));
}

static void
test_the_link_to_ones_own_data_waits_too(void **state)
{
	world_limit(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, own_data), 0);
}

/* ---- the bounds ---- */

/* The n-th of the domains whose line would be that one. */
static void
find_domain(struct child *c, unsigned line, int n, char ret_address[64])
{
	struct held *nobody = held_new();

	for (unsigned i = 0; n >= 0; i++) {
		snprintf(ret_address, 64, "a@d%u.example", i);
		if (held_line_for(nobody, budgets_domain_key(c->arg,
		    ret_address)) == line)
			n--;
	}
	held_free(nobody);
}

static void
post_four(struct child *c, int n, const char *ip)
{
	enum { LINE = 100 };
	char address[64];

	find_domain(c, LINE, n, address);
	for (int i = 0; i < 4; i++) {
		address[0] = (char)('a' + i);
		world_post_from(c, address, ip, "");
	}
}

/* One domain has eight lines to choose from; here a ninth wants the first. */
static void
more_than_lines(struct child *c)
{
	enum { LINES = 8, DOMAINS = 9 };
	const struct engine *e = c->arg;

	for (int n = 0; n < LINES; n++)
		post_four(c, n, "192.0.2.7");
	assert_string_equal(world_all_mail(c), "a a a a a a a a");
	world_pass(HOUR / 2);
	post_four(c, LINES, "198.51.100.9");
	assert_string_equal(world_all_mail(c), "a");
	world_expect_held(c, 0, 3 * DOMAINS);
	assert_int_equal(held_figures(c->arg).domains, LINES);
	/* Whose turn it is in the line they share, whose budget decides. */
	assert_string_equal(world_mail_after(c, HOUR / 2), "b b b b b b b b");
	assert_string_equal(world_mail_after(c, HOUR / 2), "b");
	assert_string_equal(world_mail_after(c, HOUR / 2), "c c c c c c c c");
	assert_string_equal(world_mail_after(c, HOUR / 2), "c");
	assert_string_equal(world_mail_after(c, HOUR / 2), "d d d d d d d d");
	assert_string_equal(world_mail_after(c, HOUR / 2), "d");
	world_expect_held(c, 0, 0);
	assert_int_equal(e->stats.mailed, 4 * DOMAINS);
}

static void
test_domains_may_share_a_line(void **state)
{
	world_limit(*state, "1/1h", "off");
	assert_int_equal(world_live(*state, more_than_lines), 0);
}

static void
half_full(struct child *c)
{
	uint64_t one = budgets_domain_key(c->arg, "x@one.example");
	uint64_t two = budgets_domain_key(c->arg, "x@two.example");

	world_post_one(c, "a@one.example");
	assert_false(budgets_are_strained(c->arg, one, world_now()));
	world_post_one(c, "b@one.example");
	assert_true(budgets_are_strained(c->arg, one, world_now()));
	assert_false(budgets_are_strained(c->arg, two, world_now()));
	assert_int_equal(budgets_total_percent(c->arg, world_now()), 34);
	world_post_one(c, "a@three.example");
	world_post_one(c, "b@three.example");
	assert_true(budgets_are_strained(c->arg, two, world_now()));
	assert_false(budgets_are_strained(c->arg, two, world_now() + HOUR));
}

static void
test_half_a_budget_is_told(void **state)
{
	world_limit(*state, "3/1h", "6/1h");
	assert_int_equal(world_live(*state, half_full), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_over_the_total_goes_later),
		LIFE(test_nobody_jumps_a_line),
		LIFE(test_a_full_domain_holds_up_no_other),
		LIFE(test_nobody_waits_behind_a_full_domain),
		LIFE(test_retries_and_welcomes_pass),
		LIFE(test_the_link_to_ones_own_data_waits_too),
		LIFE(test_domains_may_share_a_line),
		LIFE(test_half_a_budget_is_told),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_held", tests, NULL, NULL);
}
