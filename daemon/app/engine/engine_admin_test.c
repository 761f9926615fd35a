/* SPDX-License-Identifier: ISC */
/*
 * What an administrator does for somebody whose confirmation doesn't come
 * about: the mail once more, or their own word in its place.
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
#include "base/mem.h"

#define OUTCOME(name) MESSAGE__ACTED__OUTCOME__##name
#define JO "jo@example.org"
#define HOUR (3600 * CLOCK_SECOND)

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static Message__Acted__Outcome
resend(struct child *c, bool force)
{
	static char jo[] = JO;
	Message__Envelope question;
	Message__Resend order;

	message__envelope__init(&question);
	message__resend__init(&order);
	order.address = jo;
	order.force = force;
	order.uid = 42;
	question.body_case = MESSAGE__ENVELOPE__BODY_RESEND;
	question.resend = &order;
	return world_ask_admin(c, &question, MESSAGE__ENVELOPE__BODY_ACTED)
	    ->acted->outcome;
}

static Message__Acted__Outcome
admit(struct child *c, const char *address, const char *list,
    const char *reason)
{
	Message__Envelope question;
	Message__Admit order;
	char *texts[] = { mem_strdup(address), mem_strdup(list),
		mem_strdup(reason) };

	message__envelope__init(&question);
	message__admit__init(&order);
	order.address = texts[0];
	order.list = texts[1];
	order.reason = texts[2];
	order.uid = 42;
	question.body_case = MESSAGE__ENVELOPE__BODY_ADMIT;
	question.admit = &order;
	world_ask_admin(c, &question, MESSAGE__ENVELOPE__BODY_ACTED);
	for (size_t i = 0; i < 3; i++)
		free(texts[i]);
	return c->reply->acted->outcome;
}

/* ---- resend ---- */

static void
once_more(struct child *c)
{
	struct world_mail first, second;

	assert_int_equal(resend(c, false), OUTCOME(NOT_FOUND));
	world_subscribe(c, JO, "daily", false);
	assert_int_equal(resend(c, true), OUTCOME(NOTHING));
	first = world_take_mail(c, "confirm");
	assert_int_equal(resend(c, false), OUTCOME(OVER_BUDGET));
	assert_null(world_next_mail(c));
	world_pass(HOUR);
	assert_int_equal(resend(c, false), OUTCOME(DONE));
	second = world_take_mail(c, "confirm");
	assert_string_equal(second.confirm, first.confirm);
	assert_string_equal(second.notme, first.notme);
	assert_string_equal(second.code, first.code);
	assert_int_equal(resend(c, true), OUTCOME(DONE));
	second = world_take_mail(c, "confirm");
	assert_string_equal(second.confirm, first.confirm);
	assert_int_equal(world_press_confirm(c, first.confirm), DONE);
	assert_int_equal(resend(c, true), OUTCOME(NOT_FOUND));
	assert_string_equal(world_show(c, JO), "daily=confirmed | subscribe "
	    "mailed resend mailed resend mailed confirm");
}

static void
test_the_same_link_once_more(void **state)
{
	assert_int_equal(world_live(*state, once_more), 0);
}

static void
budget(struct child *c)
{
	world_subscribe(c, JO, "daily", false);
	world_take_mail(c, "confirm");
	for (int i = 0; i < 2; i++) {
		world_pass(HOUR);
		assert_int_equal(resend(c, false), OUTCOME(DONE));
		world_take_mail(c, "confirm");
	}
	world_pass(HOUR);
	assert_int_equal(resend(c, false), OUTCOME(OVER_BUDGET));
	/* What it used up nobody else has, not even after a restart. */
	world_subscribe(c, JO, "weekly", false);
	assert_null(world_next_mail(c));
}

static void
budget_after_a_restart(struct child *c)
{
	assert_int_equal(resend(c, false), OUTCOME(OVER_BUDGET));
	assert_int_equal(resend(c, true), OUTCOME(DONE));
	world_take_mail(c, "confirm");
	world_pass(2 * DAY);
	assert_int_equal(resend(c, false), OUTCOME(DONE));
	world_take_mail(c, "confirm");
}

static void
test_it_counts_as_any_mail(void **state)
{
	assert_int_equal(world_live(*state, budget), 0);
	assert_int_equal(world_live(*state, budget_after_a_restart), 0);
}

static void
not_for_ever(struct child *c)
{
	struct world_mail mail;

	world_subscribe(c, JO, "daily", false);
	mail = world_take_mail(c, "confirm");
	/* Each is good for 72 hours, all of them for 14 days. */
	for (int day = 2; day < 14; day += 2) {
		world_pass(2 * DAY);
		assert_int_equal(resend(c, true), OUTCOME(DONE));
		world_take_mail(c, "confirm");
	}
	world_pass(2 * DAY - HOUR);
	world_settle_due(c);
	assert_int_equal(resend(c, true), OUTCOME(DONE));
	world_take_mail(c, "confirm");
	world_pass(HOUR);
	world_settle_due(c);
	assert_int_equal(world_press_confirm(c, mail.confirm),
	    MESSAGE__VISITED__OUTCOME__EXPIRED);
	assert_int_equal(resend(c, true), OUTCOME(NOT_FOUND));
	assert_string_equal(world_show(c, JO), "unknown");
}

static void
test_no_request_lives_for_ever(void **state)
{
	assert_int_equal(world_live(*state, not_for_ever), 0);
}

static void
not_to_who_said_no(struct child *c)
{
	struct world_mail mail;

	world_subscribe(c, JO, "daily", false);
	mail = world_take_mail(c, "confirm");
	world_visit(c, (struct world_visit){ MESSAGE__VISIT__ACTION__NOTME,
	    mail.notme, NULL, true, false });
	assert_int_equal(resend(c, true), OUTCOME(NOT_FOUND));
	world_subscribe(c, JO, "weekly", false);
	world_take_mail(c, "confirm");
	world_erase(c, JO, true, true);
	assert_int_equal(resend(c, true), OUTCOME(NOT_FOUND));
	assert_null(world_next_mail(c));
}

static void
test_it_is_not_for_who_said_no(void **state)
{
	assert_int_equal(world_live(*state, not_to_who_said_no), 0);
}

/* ---- confirm ---- */

static void
instead_of_a_click(struct child *c)
{
	const Message__Event *event;
	struct world_mail mail;

	assert_int_equal(admit(c, JO, "weekly", "x"), OUTCOME(NOT_FOUND));
	world_subscribe(c, JO, "weekly", false);
	mail = world_take_mail(c, "confirm");
	assert_int_equal(admit(c, JO, "daily", "x"), OUTCOME(NOT_FOUND));
	assert_int_equal(admit(c, "JO@example.org", "weekly", "by phone"),
	    OUTCOME(DONE));
	assert_string_equal(world_show(c, JO),
	    "weekly=confirmed | subscribe mailed confirm");
	event = world_ask_show(c, JO)->events[2];
	assert_string_equal(event->evidence->way, "admin");
	assert_string_equal(event->detail, "admin uid 42");
	assert_string_equal(event->reason, "by phone");
	assert_string_equal(event->consents[0], c->lists[0].consent);
	world_take_mail(c, "welcome");
	/* The link says so as well. */
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__LOOK_CONFIRM, mail.confirm, NULL, true,
	    true })->state, MESSAGE__VISITED__STATE__CONFIRMED);
	assert_int_equal(admit(c, JO, "weekly", "x"), OUTCOME(NOTHING));
}

static void
test_a_word_instead_of_a_click(void **state)
{
	assert_int_equal(world_live(*state, instead_of_a_click), 0);
}

static void
of_two_lists(struct child *c)
{
	Message__Envelope *question = world_simple_post(c);
	char *both[] = { c->lists[WORLD_DAILY].name,
		c->lists[WORLD_WEEKLY].name };
	struct world_mail mail;

	question->subscribe->lists = both;
	question->subscribe->n_lists = 2;
	assert_int_equal(world_post(c, question), ACCEPTED);
	mail = world_take_mail(c, "confirm");
	assert_int_equal(admit(c, JO, "daily", "by phone"), OUTCOME(DONE));
	assert_string_equal(world_show(c, JO), "daily=confirmed "
	    "weekly=pending | subscribe mailed confirm");
	/* The other one still waits for its owner. */
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	assert_string_equal(world_show(c, JO), "daily=confirmed "
	    "weekly=confirmed | subscribe mailed confirm confirm");
}

static void
test_one_of_two_lists(void **state)
{
	assert_int_equal(world_live(*state, of_two_lists), 0);
}

static void
of_a_contact(struct child *c)
{
	struct world_mail mail;

	world_subscribe(c, JO, "daily", false);
	mail = world_take_mail(c, "confirm");
	world_press_confirm(c, mail.confirm);
	assert_int_equal(admit(c, JO, "weekly", "by phone"), OUTCOME(DONE));
	world_take_mail(c, "welcome");
	world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe, NULL,
	    true, false });
	assert_int_equal(admit(c, JO, "daily", "changed his mind"),
	    OUTCOME(DONE));
	assert_string_equal(world_show(c, JO), "daily=confirmed "
	    "weekly=confirmed | subscribe mailed confirm confirm mailed "
	    "unsubscribe confirm");
	world_erase(c, JO, true, true);
	world_subscribe(c, JO, "daily", false);
	assert_int_equal(admit(c, JO, "daily", "x"), OUTCOME(NOT_FOUND));
}

static void
test_a_known_address(void **state)
{
	assert_int_equal(world_live(*state, of_a_contact), 0);
}

static void
nonsense(struct child *c)
{
	char *longer = mem_new(1, 502);

	world_subscribe(c, JO, "daily", false);
	world_take_mail(c, "confirm");
	memset(longer, 'x', 501);
	assert_int_equal(admit(c, JO, "daily", ""), OUTCOME(INVALID));
	assert_int_equal(admit(c, JO, "daily", longer), OUTCOME(INVALID));
	assert_int_equal(admit(c, JO, "daily", "a\nb"), OUTCOME(INVALID));
	assert_int_equal(admit(c, JO, "none", "x"), OUTCOME(INVALID));
	assert_int_equal(admit(c, "jo", "daily", "x"), OUTCOME(INVALID));
	longer[500] = '\0';
	assert_int_equal(admit(c, JO, "daily", longer), OUTCOME(DONE));
	free(longer);
}

static void
test_confirm_is_checked(void **state)
{
	assert_int_equal(world_live(*state, nonsense), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_the_same_link_once_more),
		LIFE(test_it_counts_as_any_mail),
		LIFE(test_no_request_lives_for_ever),
		LIFE(test_it_is_not_for_who_said_no),
		LIFE(test_a_word_instead_of_a_click),
		LIFE(test_one_of_two_lists),
		LIFE(test_a_known_address),
		LIFE(test_confirm_is_checked),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_admin", tests, NULL, NULL);
}
