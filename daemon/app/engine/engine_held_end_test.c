/* SPDX-License-Identifier: ISC */
/*
 * What is held back and ends otherwise: nobody wants it any more, it is too
 * old, or the administrator says so.
 */
#include "app/engine/engine_world_admin.h"
#include "app/engine/engine_world_held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "app/engine/engine.h"
#include "app/engine/store.h"
#include "base/clock.h"
#include "base/log.h"

#define HOUR (3600 * CLOCK_SECOND)

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static void
not_any_more(struct child *c)
{
	struct engine *e = c->arg;
	struct world_mail jo;

	world_subscribe(c, "jo@ex.org", "daily", false);
	jo = world_take_mail(c, "confirm");
	world_pass(700 * CLOCK_SECOND);
	world_subscribe(c, "jo@ex.org", "daily", false);
	world_post_one(c, "al@ex.org");
	world_expect_held(c, 2, 0);
	/* Not-me forbids it; the budget isn't touched by what doesn't go. */
	world_visit(c, (struct world_visit){ MESSAGE__VISIT__ACTION__NOTME,
	    jo.notme, NULL, true, false });
	assert_string_equal(world_mail_after(c, HOUR), "al");
	world_expect_held(c, 0, 0);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
}

static void
test_not_me_keeps_it_back_for_good(void **state)
{
	world_limit(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, not_any_more), 0);
}

static void
too_late(struct child *c)
{
	struct engine *e = c->arg;

	world_post_one(c, "a@ex.org");
	world_post_one(c, "b@ex.org");
	world_post_one(c, "c@ex.org");
	assert_string_equal(world_all_mail(c), "a");
	/* It could go, but is older than a mail may get. */
	assert_string_equal(world_mail_after(c, 3 * DAY), "");
	world_settle_due(c);
	world_expect_held(c, 0, 0);
	assert_string_equal(world_show(c, "b@ex.org"), "unknown");
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
}

static void
test_what_waits_too_long_is_dropped(void **state)
{
	world_limit(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, too_late), 0);
}

static void
never_its_turn(struct child *c)
{
	world_post_one(c, "a@ex.org");
	world_post_one(c, "b@ex.org");
	assert_string_equal(world_all_mail(c), "a");
	world_pass(6 * DAY + CLOCK_SECOND);
	world_settle_due(c);
	world_expect_held(c, 0, 0);
	assert_string_equal(world_show(c, "b@ex.org"), "unknown");
}

static void
test_a_request_ends_while_it_waits(void **state)
{
	world_limit(*state, "off", "1/30d");
	assert_int_equal(world_live(*state, never_its_turn), 0);
}

/* ---- the administrator ---- */

static uint64_t
number_of(struct child *c, const char *address)
{
	const Message__Queue *queue = world_ask_queue(c,
	    MESSAGE__QUEUE_QUERY__ACTION__LIST, 0);

	for (size_t i = 0; i < queue->n_rows; i++) {
		const Message__Queue__Row *row = queue->rows[i];

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
	world_post_one(c, "a@ex.org");
	world_post_one(c, "b@ex.org");
	world_post_one(c, "c@ex.org");
	world_post_one(c, "d@ex.org");
	assert_string_equal(world_all_mail(c), "a");
	/* "All" are those that wait for the mail server. */
	assert_int_equal(world_ask_queue(c, MESSAGE__QUEUE_QUERY__ACTION__RETRY,
	    0)->changed, 0);
	assert_string_equal(world_all_mail(c), "");
	assert_int_equal(world_ask_queue(c, MESSAGE__QUEUE_QUERY__ACTION__RETRY,
	    number_of(c, "c@ex.org"))->changed, 1);
	assert_string_equal(world_all_mail(c), "c");
	assert_int_equal(world_ask_queue(c, MESSAGE__QUEUE_QUERY__ACTION__DROP,
	    number_of(c, "b@ex.org"))->changed, 1);
	world_expect_held(c, 1, 0);
	/* Not twice: the request knows that its mail is gone. */
	world_pass(1800 * CLOCK_SECOND);
	world_expect_held(c, 1, 0);
	assert_string_equal(world_mail_after(c, HOUR - 1800 * CLOCK_SECOND),
	    "d");
	world_expect_held(c, 0, 0);
}

static void
test_the_administrator_lets_one_go(void **state)
{
	world_limit(*state, "off", "1/1h");
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
	world_post_one(c, "a@ex.org");
	assert_string_equal(world_all_mail(c), "a");
	world_pass(HOUR / 2);
	assert_int_equal(resend(c, false), MESSAGE__ACTED__OUTCOME__DONE);
	world_expect_held(c, 1, 0);
	assert_string_equal(world_mail_after(c, HOUR / 2), "a");
	world_pass(HOUR / 2);
	assert_int_equal(resend(c, true), MESSAGE__ACTED__OUTCOME__DONE);
	world_expect_held(c, 0, 0);
	assert_string_equal(world_all_mail(c), "a");
}

static void
at_last(struct child *c)
{
	world_post_one(c, "b@ex.org");
	world_post_one(c, "a@ex.org");
	assert_string_equal(world_all_mail(c), "b");
	world_expect_held(c, 1, 0);
	assert_int_equal(resend(c, false), MESSAGE__ACTED__OUTCOME__NOTHING);
	world_expect_held(c, 1, 0);
	assert_int_equal(resend(c, true), MESSAGE__ACTED__OUTCOME__DONE);
	world_expect_held(c, 0, 0);
	assert_string_equal(world_all_mail(c), "a");
	/* It was mailed once, and that is what its story says. */
	assert_string_equal(world_show(c, "a@ex.org"),
	    "daily=pending | subscribe mailed");
}

static void
test_forced_is_what_was_held_back(void **state)
{
	world_limit(*state, "off", "1/1h");
	assert_int_equal(world_live(*state, at_last), 0);
}

static void
test_a_mail_once_more_is_a_mail(void **state)
{
	struct child *c = *state;

	limit_parse(slice_str("off"), &c->config.limits.per_address);
	world_limit(c, "off", "1/1h");
	assert_int_equal(world_live(c, once_more), 0);
}

/* Its link is in somebody's mailbox. */
static void
once_more_too_late(struct child *c)
{
	world_post_one(c, "a@ex.org");
	assert_string_equal(world_all_mail(c), "a");
	world_pass(HOUR);
	assert_int_equal(resend(c, false), MESSAGE__ACTED__OUTCOME__DONE);
	world_expect_held(c, 1, 0);
	assert_string_equal(world_mail_after(c, 9 * HOUR), "");
	world_expect_held(c, 0, 0);
	assert_string_equal(world_show(c, "a@ex.org"),
	    "daily=pending | subscribe mailed resend");
}

static void
test_a_request_that_was_mailed_goes_on(void **state)
{
	struct child *c = *state;

	c->config.mail.lifetime = 3600;
	world_limit(c, "off", "1/10h");
	assert_int_equal(world_live(c, once_more_too_late), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_not_me_keeps_it_back_for_good),
		LIFE(test_what_waits_too_long_is_dropped),
		LIFE(test_a_request_ends_while_it_waits),
		LIFE(test_the_administrator_lets_one_go),
		LIFE(test_a_mail_once_more_is_a_mail),
		LIFE(test_forced_is_what_was_held_back),
		LIFE(test_a_request_that_was_mailed_goes_on),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_held_end", tests, NULL,
	    NULL);
}
