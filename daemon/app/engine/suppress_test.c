/* SPDX-License-Identifier: ISC */
/*
 * Who must not be mailed: each reason, how long it holds and what ends it.
 */
#include "app/engine/engine_world_admin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/engine/engine.h"
#include "app/engine/store.h"
#include "base/clock.h"
#include "base/log.h"

#define OUTCOME(name) MESSAGE__ACTED__OUTCOME__##name
#define JO "jo@example.org"

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static void
assert_suppressed(struct child *c, const char *how)
{
	const Message__Contact *contact = world_ask_show(c, JO);

	assert_true(contact->found);
	assert_int_equal(contact->n_suppressions, how != NULL);
	if (how != NULL &&
	    strncmp(contact->suppressions[0], how, strlen(how)) != 0)
		fail_msg("%s", contact->suppressions[0]);
}

static bool
asks_and_is_mailed(struct child *c)
{
	assert_int_equal(world_subscribe(c, JO, "daily", false), ACCEPTED);
	return world_next_mail(c) != NULL;
}

static void
of_nobody(struct child *c)
{
	assert_int_equal(world_suppress(c, JO, "complaint")->outcome,
	    OUTCOME(DONE));
	assert_suppressed(c, "all lists: complaint since 2027-01-15T08:00:00Z"
	    " (admin uid 42)");
	assert_false(asks_and_is_mailed(c));
	world_pass(400 * DAY);
	assert_false(asks_and_is_mailed(c));
	/* A weaker reason changes nothing, the same neither. */
	assert_int_equal(world_suppress(c, JO, "admin")->outcome,
	    OUTCOME(NOTHING));
	assert_int_equal(world_suppress(c, JO, "complaint")->outcome,
	    OUTCOME(NOTHING));
	assert_int_equal(world_suppress(c, JO, NULL)->outcome, OUTCOME(DONE));
	assert_int_equal(world_suppress(c, JO, NULL)->outcome,
	    OUTCOME(NOTHING));
	assert_true(asks_and_is_mailed(c));
}

static void
test_until_an_administrator_lifts_it(void **state)
{
	assert_int_equal(world_live(*state, of_nobody), 0);
}

static void
nonsense(struct child *c)
{
	static const char *const reasons[] = { "", "notme", "not-me",
		"erase", "Admin", "mood" };

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		assert_int_equal(world_suppress(c, JO, reasons[i])->outcome,
		    OUTCOME(INVALID));
	assert_int_equal(world_suppress(c, "jo", "admin")->outcome,
	    OUTCOME(INVALID));
	assert_int_equal(world_suppress(c, "jo", NULL)->outcome,
	    OUTCOME(INVALID));
}

static void
test_reasons_are_checked(void **state)
{
	assert_int_equal(world_live(*state, nonsense), 0);
}

static void
of_a_subscriber(struct child *c)
{
	struct engine *e = c->arg;
	struct world_mail mail;

	world_subscribe(c, JO, "weekly", false);
	mail = world_take_mail(c, "confirm");
	world_press_confirm(c, mail.confirm);
	world_subscribe(c, JO, "daily", false);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 2);
	/* One subscription, one request that waits, the row itself. */
	assert_int_equal(world_suppress(c, JO, "admin")->changed, 3);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
	assert_null(world_next_mail(c));
	assert_string_equal(world_show(c, JO), "weekly=unsubscribed "
	    "| subscribe mailed confirm unsubscribe suppress");
	assert_suppressed(c, "all lists: admin since ");
	assert_false(asks_and_is_mailed(c));
	world_suppress(c, JO, NULL);
	assert_string_equal(world_show(c, JO), "weekly=unsubscribed "
	    "| subscribe mailed confirm unsubscribe suppress unsuppress");
	assert_suppressed(c, NULL);
}

static void
test_a_subscriber_is_on_no_list_any_more(void **state)
{
	assert_int_equal(world_live(*state, of_a_subscriber), 0);
}

/* A mail that no pointer leads to: it goes when it would be sent. */
static void
just_before(struct child *c)
{
	struct engine *e = c->arg;
	struct world_mail mail;

	world_subscribe(c, JO, "daily", false);
	mail = world_take_mail(c, "confirm");
	world_press_confirm(c, mail.confirm);
	world_pass(DAY);
	world_subscribe(c, JO, "daily", false);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 1);
	world_suppress(c, JO, "complaint");
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 1);
	assert_null(world_next_mail(c));
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
}

static void
test_a_queued_mail_is_dropped(void **state)
{
	assert_int_equal(world_live(*state, just_before), 0);
}

static void
links_afterwards(struct child *c)
{
	struct world_mail mail;

	world_subscribe(c, JO, "daily", false);
	mail = world_take_mail(c, "confirm");
	world_suppress(c, JO, "admin");
	/* As any link that is no longer good. */
	assert_int_equal(world_press_confirm(c, mail.confirm),
	    MESSAGE__VISITED__OUTCOME__EXPIRED);
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__NOTME, mail.notme, NULL, true, false })
	    ->outcome, MESSAGE__VISITED__OUTCOME__EXPIRED);
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe, NULL,
	    true, false })->outcome, DONE);
	assert_suppressed(c, "all lists: admin since ");
}

static void
test_links_tell_nothing_of_it(void **state)
{
	assert_int_equal(world_live(*state, links_afterwards), 0);
}

/* Told by the administrator: the next request is tried, once in 7 days. */
static void
bounced(struct child *c)
{
	struct world_mail mail;

	world_suppress(c, JO, "bounce");
	assert_suppressed(c, "all lists: bounce since ");
	world_subscribe(c, JO, "daily", false);
	world_take_mail(c, "confirm");
	world_pass(DAY);
	assert_false(asks_and_is_mailed(c));
	world_pass(6 * DAY);
	world_subscribe(c, JO, "daily", false);
	mail = world_take_mail(c, "confirm");
	assert_suppressed(c, "all lists: bounce since ");
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	assert_suppressed(c, NULL);
}

static void
test_a_bounce_ends_with_an_own_request(void **state)
{
	assert_int_equal(world_live(*state, bounced), 0);
}

static void
told_by_the_server(struct child *c)
{
	const Message__Mail *mail;

	assert_true(asks_and_is_mailed(c));
	mail = world_next_mail(c);
	world_tell_reply(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__REFUSED,
	    "550 5.7.1 we don't like you");
	assert_suppressed(c, NULL);
	world_pass(DAY);
	assert_true(asks_and_is_mailed(c));
	mail = world_next_mail(c);
	world_tell_reply(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__REFUSED,
	    "550 5.1.1 no such user");
	assert_suppressed(c, "all lists: bounce since ");
	world_pass(DAY);
	/* That mail was the try of these 7 days. */
	assert_false(asks_and_is_mailed(c));
	world_pass(6 * DAY);
	world_subscribe(c, JO, "daily", false);
	world_take_mail(c, "confirm");
	world_pass(DAY);
	assert_false(asks_and_is_mailed(c));
}

static void
test_a_server_says_that_it_bounces(void **state)
{
	assert_int_equal(world_live(*state, told_by_the_server), 0);
}

static void
lift_not_me(struct child *c)
{
	struct world_mail mail;

	world_subscribe(c, JO, "daily", false);
	mail = world_take_mail(c, "confirm");
	world_visit(c, (struct world_visit){ MESSAGE__VISIT__ACTION__NOTME,
	    mail.notme, NULL, true, false });
	assert_suppressed(c, "daily: not-me since 2027-01-15T08:00:00Z "
	    "until 2027-02-14T08:00:00Z");
	assert_int_equal(world_suppress(c, JO, NULL)->outcome, OUTCOME(DONE));
	world_pass(DAY);
	assert_true(asks_and_is_mailed(c));
}

static void
test_not_me_can_be_lifted(void **state)
{
	assert_int_equal(world_live(*state, lift_not_me), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_until_an_administrator_lifts_it),
		LIFE(test_reasons_are_checked),
		LIFE(test_a_subscriber_is_on_no_list_any_more),
		LIFE(test_a_queued_mail_is_dropped),
		LIFE(test_links_tell_nothing_of_it),
		LIFE(test_a_bounce_ends_with_an_own_request),
		LIFE(test_a_server_says_that_it_bounces),
		LIFE(test_not_me_can_be_lifted),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("suppress", tests, NULL, NULL);
}
