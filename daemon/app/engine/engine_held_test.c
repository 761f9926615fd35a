/* SPDX-License-Identifier: ISC */
/*
 * What limits.per_domain and limits.total hold back, and in which order it
 * goes: through the whole engine, in lives that end.
 */
#include "app/engine/engine_world_admin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/held_private.h"
#include "app/engine/store.h"
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
set_limits(struct child *c, const char *per_domain, const char *total)
{
	assert_int_equal(limit_parse(slice_str(per_domain),
	    &c->config.limits.per_domain), 0);
	assert_int_equal(limit_parse(slice_str(total),
	    &c->config.limits.total), 0);
}

/* Asks for "daily" from there; `origin` is own or "". */
static void
post_from(struct child *c, const char *address, const char *ip,
    const char *origin)
{
	Message__Envelope *question = world_simple_post(c);
	Message__Subscribe *s = question->subscribe;
	char texts[3][64];

	snprintf(texts[0], sizeof(texts[0]), "%s", address);
	snprintf(texts[1], sizeof(texts[1]), "%s", ip);
	snprintf(texts[2], sizeof(texts[2]), "%s", origin);
	s->address = s->address_key = texts[0];
	s->evidence->ip = texts[1];
	s->evidence->origin = texts[2];
	assert_int_equal(world_post(c, question), ACCEPTED);
}

static void
post(struct child *c, const char *address)
{
	post_from(c, address, "192.0.2.7", "");
}

/* All that comes now, each delivered: their names before the @. */
static const char *
all_mail(struct child *c)
{
	static char names[512];
	const Message__Mail *mail;
	size_t n = 0;

	names[0] = '\0';
	while ((mail = world_next_mail(c)) != NULL) {
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%.*s",
		    n > 0 ? " " : "", (int)strcspn(mail->address, "@"),
		    mail->address);
		world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	}
	return names;
}

static const char *
mail_after(struct child *c, int64_t us)
{
	world_pass(us);
	return all_mail(c);
}

static void
assert_held(struct child *c, uint64_t by_total, uint64_t by_domain)
{
	const struct engine *e = c->arg;
	struct held_figures f = held_figures(e);

	assert_int_equal(f.by_total, by_total);
	assert_int_equal(f.by_domain, by_domain);
}

/* ---- holding back and letting go ---- */

static void
over_the_total(struct child *c)
{
	const Message__Mail *mail;

	for (int i = 0; i < 3; i++) {
		char address[] = { (char)('a' + i), '@', 'e', 'x', '.', 'o',
			'r', 'g', '\0' };

		post(c, address);
	}
	assert_held(c, 1, 0);
	assert_string_equal(all_mail(c), "a b");
	assert_string_equal(world_show(c, "c@ex.org"),
	    "daily=pending | subscribe");
	assert_string_equal(mail_after(c, HOUR - CLOCK_SECOND), "");
	world_pass(CLOCK_SECOND);
	mail = world_next_mail(c);
	assert_non_null(mail);
	assert_string_equal(mail->address, "c@ex.org");
	/* Its Date is today's, its time to be confirmed in starts now. */
	assert_int_equal(mail->queued_at, world_now());
	assert_int_equal(world_press_confirm(c, mail->confirm_token), DONE);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	assert_held(c, 0, 0);
	post(c, "d@ex.org");
	assert_string_equal(all_mail(c), "d");
}

static void
test_over_the_total_goes_later(void **state)
{
	set_limits(*state, "off", "2/1h");
	assert_int_equal(world_live(*state, over_the_total), 0);
}

/* There is room again, and somebody asks before anybody has looked. */
static void
newcomer(struct child *c)
{
	post(c, "a@ex.org");
	post(c, "b@ex.org");
	assert_string_equal(all_mail(c), "a");
	world_pass(HOUR);
	post(c, "c@ex.org");
	assert_string_equal(all_mail(c), "b");
	assert_string_equal(mail_after(c, HOUR), "c");
}

static void
test_nobody_jumps_a_line(void **state)
{
	set_limits(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, newcomer), 0);
	set_limits(*state, "1/1h", "off");
	world_pass(DAY);
	assert_int_equal(world_live(*state, newcomer), 0);
}

static void
over_a_domain(struct child *c)
{
	post(c, "a@one.example");
	post(c, "b@one.example");
	post(c, "c@one.example");
	post(c, "d@two.example");
	post(c, "e@sub.one.example");
	assert_held(c, 0, 2);
	assert_string_equal(held_figures(c->arg).top, "one.example");
	assert_int_equal(held_figures(c->arg).by_top, 2);
	assert_string_equal(all_mail(c), "a d e");
	assert_string_equal(mail_after(c, HOUR), "b");
	post(c, "f@two.example");
	assert_string_equal(all_mail(c), "f");
	assert_string_equal(mail_after(c, HOUR), "c");
	assert_int_equal(held_figures(c->arg).domains, 0);
}

static void
test_a_full_domain_holds_up_no_other(void **state)
{
	set_limits(*state, "1/1h", "off");
	assert_int_equal(world_live(*state, over_a_domain), 0);
}

/* A domain that gets full only while its mails wait for the total. */
static void
full_within_the_line(struct child *c)
{
	post(c, "a@a.example");
	post(c, "b@b.example");
	post(c, "x@x.example");
	post(c, "xx@x.example");
	post(c, "xxx@x.example");
	post(c, "y@y.example");
	assert_held(c, 4, 0);
	assert_string_equal(all_mail(c), "a b");
	assert_string_equal(mail_after(c, HOUR), "x y");
	assert_held(c, 0, 2);
	assert_string_equal(mail_after(c, HOUR), "xx");
	assert_string_equal(mail_after(c, HOUR), "xxx");
}

static void
test_nobody_waits_behind_a_full_domain(void **state)
{
	set_limits(*state, "1/1h", "2/1h");
	assert_int_equal(world_live(*state, full_within_the_line), 0);
}

static void
not_for_who_acts(struct child *c)
{
	const Message__Mail *mail;
	struct world_mail t;

	world_subscribe(c, "a@ex.org", "weekly", false);
	post(c, "b@ex.org");
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
	assert_held(c, 1, 0);
	assert_string_equal(mail_after(c, HOUR - 600 * CLOCK_SECOND), "b");
	/* But telling a subscriber so is. */
	world_subscribe(c, "a@ex.org", "weekly", false);
	assert_held(c, 1, 0);
	world_pass(HOUR);
	world_take_mail(c, "already");
}

static void
test_retries_and_welcomes_pass(void **state)
{
	set_limits(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, not_for_who_acts), 0);
}

/* ---- the order ---- */

static void
three_networks(struct child *c)
{
	char address[32];

	post(c, "first@ex.org");
	for (int i = 1; i <= 4; i++) {
		snprintf(address, sizeof(address), "f%d@ex.org", i);
		post_from(c, address, i % 2 != 0 ? "192.0.2.1" : "192.0.2.99",
		    "");
	}
	post_from(c, "p1@ex.org", "2001:db8:1:2::3", "");
	post_from(c, "p2@ex.org", "2001:db8:1:ffff::3", "");
	post_from(c, "q1@ex.org", "198.51.100.1", "");
	post_from(c, "s1@ex.org", "192.0.2.1", OWN);
}

static void
in_order(struct child *c)
{
	static const char *const order[] = { "s1", "f1", "p1", "q1", "f2",
		"p2", "f3", "f4", "" };

	three_networks(c);
	assert_string_equal(all_mail(c), "first");
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		assert_string_equal(mail_after(c, HOUR), order[i]);
}

static void
test_best_proved_then_networks_then_oldest(void **state)
{
	set_limits(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, in_order), 0);
}

/* Whoever keeps no IP addresses can be fair all the same. */
static void
test_the_order_needs_no_kept_address(void **state)
{
	struct child *c = *state;

	c->config.retain.log_ip = CONFIG_IP_NONE;
	set_limits(c, "off", "1/1h");
	assert_int_equal(world_live(c, in_order), 0);
}

static void
hold_and_die(struct child *c)
{
	three_networks(c);
	assert_string_equal(all_mail(c), "first");
	assert_string_equal(mail_after(c, HOUR), "s1");
	assert_string_equal(mail_after(c, HOUR), "f1");
}

static void
all_at_once(struct child *c)
{
	assert_string_equal(all_mail(c), "p1 q1 f2 p2 f3 f4");
	assert_held(c, 0, 0);
}

static void
test_the_order_is_kept_when_many_go(void **state)
{
	set_limits(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, hold_and_die), 0);
	set_limits(*state, "off", "off");
	assert_int_equal(world_live(*state, all_at_once), 0);
}

static void
go_on(struct child *c)
{
	static const char *const order[] = { "p1", "q1", "f2", "p2", "n1",
		"f3", "f4", "f5", "" };

	assert_held(c, 6, 0);
	/* What went in the last life counts in this one. */
	assert_string_equal(all_mail(c), "");
	post_from(c, "f5@ex.org", "192.0.2.50", "");
	assert_string_equal(mail_after(c, HOUR), order[0]);
	assert_string_equal(mail_after(c, HOUR), order[1]);
	assert_string_equal(mail_after(c, HOUR), order[2]);
	post_from(c, "n1@ex.org", "203.0.113.1", "");
	for (size_t i = 3; i < sizeof(order) / sizeof(order[0]); i++)
		assert_string_equal(mail_after(c, HOUR), order[i]);
}

static void
test_the_order_outlives_the_process(void **state)
{
	set_limits(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, hold_and_die), 0);
	assert_int_equal(world_live(*state, go_on), 0);
}

static void
die_with_one_out(struct child *c)
{
	post(c, "a@one.example");
	post(c, "b@one.example");
	assert_non_null(world_next_mail(c));
	assert_held(c, 0, 1);
}

static void
one_is_out(struct child *c)
{
	assert_held(c, 0, 1);
	post(c, "c@one.example");
	post(c, "d@two.example");
	assert_string_equal(all_mail(c), "a d");
	assert_string_equal(mail_after(c, HOUR), "b");
	assert_string_equal(mail_after(c, HOUR), "c");
}

static void
no_limit_any_more(struct child *c)
{
	assert_string_equal(all_mail(c), "a b");
	assert_held(c, 0, 0);
}

static void
test_a_mail_on_its_way_counts_in_the_next_life(void **state)
{
	set_limits(*state, "1/1h", "off");
	assert_int_equal(world_live(*state, die_with_one_out), 0);
	assert_int_equal(world_live(*state, one_is_out), 0);
}

static void
test_a_limit_that_was_lifted_holds_nothing(void **state)
{
	set_limits(*state, "1/1h", "off");
	assert_int_equal(world_live(*state, die_with_one_out), 0);
	set_limits(*state, "off", "off");
	assert_int_equal(world_live(*state, no_limit_any_more), 0);
}

/* Lines take turns when the total has room again; better proof goes first
 * whatever its line. */
static void
several_lines(struct child *c)
{
	post(c, "a1@a.example");
	post(c, "b1@b.example");
	post(c, "a2@a.example");
	post(c, "a3@a.example");
	post(c, "b2@b.example");
	post_from(c, "b3@b.example", "192.0.2.7", OWN);
	post(c, "c1@c.example");
	post(c, "c2@c.example");
	assert_held(c, 2, 4);
	assert_string_equal(all_mail(c), "a1 b1");
	assert_string_equal(mail_after(c, HOUR), "b3 a2");
	assert_string_equal(mail_after(c, HOUR), "c1 b2");
	assert_string_equal(mail_after(c, HOUR), "a3 c2");
	assert_held(c, 0, 0);
}

static void
test_lines_take_turns(void **state)
{
	set_limits(*state, "1/1h", "2/1h");
	assert_int_equal(world_live(*state, several_lines), 0);
}

/* ---- not going after all ---- */

static void
not_any_more(struct child *c)
{
	struct engine *e = c->arg;
	struct world_mail jo;

	world_subscribe(c, "jo@ex.org", "daily", false);
	jo = world_take_mail(c, "confirm");
	world_pass(700 * CLOCK_SECOND);
	world_subscribe(c, "jo@ex.org", "daily", false);
	post(c, "al@ex.org");
	assert_held(c, 2, 0);
	/* Not-me forbids it; the budget isn't touched by what doesn't go. */
	world_visit(c, (struct world_visit){ MESSAGE__VISIT__ACTION__NOTME,
	    jo.notme, NULL, true, false });
	assert_string_equal(mail_after(c, HOUR), "al");
	assert_held(c, 0, 0);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
}

static void
test_not_me_keeps_it_back_for_good(void **state)
{
	set_limits(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, not_any_more), 0);
}

static void
too_late(struct child *c)
{
	struct engine *e = c->arg;

	post(c, "a@ex.org");
	post(c, "b@ex.org");
	post(c, "c@ex.org");
	assert_string_equal(all_mail(c), "a");
	/* It could go, but is older than a mail may get. */
	assert_string_equal(mail_after(c, 3 * DAY), "");
	world_settle_due(c);
	assert_held(c, 0, 0);
	assert_string_equal(world_show(c, "b@ex.org"), "unknown");
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
}

static void
test_what_waits_too_long_is_dropped(void **state)
{
	set_limits(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, too_late), 0);
}

static void
never_its_turn(struct child *c)
{
	post(c, "a@ex.org");
	post(c, "b@ex.org");
	assert_string_equal(all_mail(c), "a");
	world_pass(6 * DAY + CLOCK_SECOND);
	world_settle_due(c);
	assert_held(c, 0, 0);
	assert_string_equal(world_show(c, "b@ex.org"), "unknown");
}

static void
test_a_request_ends_while_it_waits(void **state)
{
	set_limits(*state, "off", "1/30d");
	assert_int_equal(world_live(*state, never_its_turn), 0);
}

/* ---- the administrator ---- */

static uint32_t
order(struct child *c, Message__QueueQuery__Action action, uint64_t sequence)
{
	Message__Envelope question;
	Message__QueueQuery query;

	message__envelope__init(&question);
	message__queue_query__init(&query);
	query.action = action;
	query.sequence = sequence;
	question.body_case = MESSAGE__ENVELOPE__BODY_QUEUE_QUERY;
	question.queue_query = &query;
	return world_ask_admin(c, &question, MESSAGE__ENVELOPE__BODY_QUEUE)
	    ->queue->changed;
}

static uint64_t
number_of(struct child *c, const char *address)
{
	order(c, MESSAGE__QUEUE_QUERY__ACTION__LIST, 0);
	for (size_t i = 0; i < c->reply->queue->n_rows; i++) {
		const Message__Queue__Row *row = c->reply->queue->rows[i];

		if (strcmp(row->address, address) == 0) {
			assert_string_equal(row->held, "total");
			return row->sequence;
		}
	}
	fail_msg("%s isn't queued", address);
	return 0;
}

static void
by_hand(struct child *c)
{
	post(c, "a@ex.org");
	post(c, "b@ex.org");
	post(c, "c@ex.org");
	post(c, "d@ex.org");
	assert_string_equal(all_mail(c), "a");
	/* "All" are those that wait for the mail server. */
	assert_int_equal(order(c, MESSAGE__QUEUE_QUERY__ACTION__RETRY, 0), 0);
	assert_string_equal(all_mail(c), "");
	assert_int_equal(order(c, MESSAGE__QUEUE_QUERY__ACTION__RETRY,
	    number_of(c, "c@ex.org")), 1);
	assert_string_equal(all_mail(c), "c");
	assert_int_equal(order(c, MESSAGE__QUEUE_QUERY__ACTION__DROP,
	    number_of(c, "b@ex.org")), 1);
	assert_held(c, 1, 0);
	/* Not twice: the request knows that its mail is gone. */
	world_pass(1800 * CLOCK_SECOND);
	assert_held(c, 1, 0);
	assert_string_equal(mail_after(c, HOUR - 1800 * CLOCK_SECOND), "d");
	assert_held(c, 0, 0);
}

static void
test_the_administrator_lets_one_go(void **state)
{
	set_limits(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, by_hand), 0);
}

static Message__Acted__Outcome
resend(struct child *c, bool force)
{
	static char a[] = "a@ex.org";
	Message__Envelope question;
	Message__Resend ask;

	message__envelope__init(&question);
	message__resend__init(&ask);
	ask.address = a;
	ask.force = force;
	question.body_case = MESSAGE__ENVELOPE__BODY_RESEND;
	question.resend = &ask;
	return world_ask_admin(c, &question, MESSAGE__ENVELOPE__BODY_ACTED)
	    ->acted->outcome;
}

static void
once_more(struct child *c)
{
	post(c, "a@ex.org");
	assert_string_equal(all_mail(c), "a");
	world_pass(HOUR / 2);
	assert_int_equal(resend(c, false), MESSAGE__ACTED__OUTCOME__DONE);
	assert_held(c, 1, 0);
	assert_string_equal(mail_after(c, HOUR / 2), "a");
	world_pass(HOUR / 2);
	assert_int_equal(resend(c, true), MESSAGE__ACTED__OUTCOME__DONE);
	assert_held(c, 0, 0);
	assert_string_equal(all_mail(c), "a");
}

static void
test_a_mail_once_more_is_a_mail(void **state)
{
	struct child *c = *state;

	limit_parse(slice_str("off"), &c->config.limits.per_address);
	set_limits(c, "off", "1/1h");
	assert_int_equal(world_live(c, once_more), 0);
}

/* Its link is in somebody's mailbox. */
static void
once_more_too_late(struct child *c)
{
	post(c, "a@ex.org");
	assert_string_equal(all_mail(c), "a");
	world_pass(HOUR);
	assert_int_equal(resend(c, false), MESSAGE__ACTED__OUTCOME__DONE);
	assert_held(c, 1, 0);
	assert_string_equal(mail_after(c, 9 * HOUR), "");
	assert_held(c, 0, 0);
	assert_string_equal(world_show(c, "a@ex.org"),
	    "daily=pending | subscribe mailed resend");
}

static void
test_a_request_that_was_mailed_goes_on(void **state)
{
	struct child *c = *state;

	c->config.mail.lifetime = 3600;
	set_limits(c, "off", "1/10h");
	assert_int_equal(world_live(c, once_more_too_late), 0);
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
	assert_held(c, 1, 0);
	ask_for_data(c, "a@ex.org");
	assert_held(c, 1, 0);
	world_pass(HOUR);
	world_take_mail(c, "manage");
	assert_null(world_next_mail(c));
}

static void
test_the_link_to_ones_own_data_waits_too(void **state)
{
	set_limits(*state, "off", "1/1h");
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
		post_from(c, address, ip, "");
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
	assert_string_equal(all_mail(c), "a a a a a a a a");
	world_pass(HOUR / 2);
	post_four(c, LINES, "198.51.100.9");
	assert_string_equal(all_mail(c), "a");
	assert_held(c, 0, 3 * DOMAINS);
	assert_int_equal(held_figures(c->arg).domains, LINES);
	/* Whose turn it is in the line they share, whose budget decides. */
	assert_string_equal(mail_after(c, HOUR / 2), "b b b b b b b b");
	assert_string_equal(mail_after(c, HOUR / 2), "b");
	assert_string_equal(mail_after(c, HOUR / 2), "c c c c c c c c");
	assert_string_equal(mail_after(c, HOUR / 2), "c");
	assert_string_equal(mail_after(c, HOUR / 2), "d d d d d d d d");
	assert_string_equal(mail_after(c, HOUR / 2), "d");
	assert_held(c, 0, 0);
	assert_int_equal(e->stats.mailed, 4 * DOMAINS);
}

static void
test_domains_may_share_a_line(void **state)
{
	set_limits(*state, "1/1h", "off");
	assert_int_equal(world_live(*state, more_than_lines), 0);
}

static void
half_full(struct child *c)
{
	uint64_t one = budgets_domain_key(c->arg, "x@one.example");
	uint64_t two = budgets_domain_key(c->arg, "x@two.example");

	post(c, "a@one.example");
	assert_false(budgets_are_strained(c->arg, one, world_now()));
	post(c, "b@one.example");
	assert_true(budgets_are_strained(c->arg, one, world_now()));
	assert_false(budgets_are_strained(c->arg, two, world_now()));
	assert_int_equal(budgets_total_percent(c->arg, world_now()), 34);
	post(c, "a@three.example");
	post(c, "b@three.example");
	assert_true(budgets_are_strained(c->arg, two, world_now()));
	assert_false(budgets_are_strained(c->arg, two, world_now() + HOUR));
}

static void
test_half_a_budget_is_told(void **state)
{
	set_limits(*state, "3/1h", "6/1h");
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
		LIFE(test_best_proved_then_networks_then_oldest),
		LIFE(test_the_order_needs_no_kept_address),
		LIFE(test_the_order_outlives_the_process),
		LIFE(test_the_order_is_kept_when_many_go),
		LIFE(test_a_mail_on_its_way_counts_in_the_next_life),
		LIFE(test_a_limit_that_was_lifted_holds_nothing),
		LIFE(test_lines_take_turns),
		LIFE(test_not_me_keeps_it_back_for_good),
		LIFE(test_what_waits_too_long_is_dropped),
		LIFE(test_a_request_ends_while_it_waits),
		LIFE(test_the_administrator_lets_one_go),
		LIFE(test_a_mail_once_more_is_a_mail),
		LIFE(test_a_request_that_was_mailed_goes_on),
		LIFE(test_the_link_to_ones_own_data_waits_too),
		LIFE(test_domains_may_share_a_line),
		LIFE(test_half_a_budget_is_told),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_held", tests, NULL, NULL);
}
