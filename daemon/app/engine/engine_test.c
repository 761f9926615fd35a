/* SPDX-License-Identifier: ISC */
/*
 * The way of a subscription through the whole engine.
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

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static void
whole_way(struct child *c)
{
	struct world_mail mail, welcome;

	assert_int_equal(world_subscribe(c, "jo@example.org", "weekly", false),
	    ACCEPTED);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "weekly=pending | subscribe");
	mail = world_take_mail(c, "confirm");
	assert_string_equal(world_show(c, "jo@example.org"),
	    "weekly=pending | subscribe mailed");
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__LOOK_CONFIRM, mail.confirm, NULL, true,
	    true })->state, MESSAGE__VISITED__STATE__PENDING);
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "weekly=confirmed | subscribe mailed confirm");
	welcome = world_take_mail(c, "welcome");
	assert_null(world_next_mail(c));
	for (int i = 0; i < 3; i++)
		assert_int_equal(world_visit(c, (struct world_visit){
		    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, welcome.unsubscribe,
		    NULL, true, false })->outcome, DONE);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "weekly=unsubscribed "
	    "| subscribe mailed confirm mailed unsubscribe");
}

static void
test_the_whole_way(void **state)
{
	assert_int_equal(world_live(*state, whole_way), 0);
}

static void
proofs(struct child *c)
{
	struct world_mail mail;
	struct world_visit nothing = { MESSAGE__VISIT__ACTION__CONFIRM, NULL,
		NULL, false, false }, code, wrong;

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	nothing.token = mail.confirm;
	assert_int_equal(world_visit(c, nothing)->outcome,
	    MESSAGE__VISITED__OUTCOME__NEEDS_PROOF);
	wrong = (struct world_visit){ MESSAGE__VISIT__ACTION__CONFIRM_CODE,
		NULL, "AAAA-AAAA", false, true };
	for (int i = 0; i < 5; i++)
		assert_int_equal(world_visit(c, wrong)->outcome,
		    MESSAGE__VISITED__OUTCOME__WRONG_CODE);
	/* Five tries a cookie: now even the right one is no use there. */
	code = wrong;
	code.code = mail.code;
	assert_int_equal(world_visit(c, code)->outcome,
	    MESSAGE__VISITED__OUTCOME__WRONG_CODE);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=pending | subscribe mailed");
	/* The link never dies of it. */
	nothing.cookie = true;
	assert_int_equal(world_visit(c, nothing)->outcome, DONE);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=confirmed | subscribe mailed confirm");
}

static void
test_proofs(void **state)
{
	assert_int_equal(world_live(*state, proofs), 0);
}

static void
right_code(struct child *c)
{
	struct world_mail mail;
	struct world_visit code = { MESSAGE__VISIT__ACTION__CONFIRM_CODE, NULL,
		NULL, false, true };

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	code.code = mail.code;
	code.cookie = false;
	assert_int_equal(world_visit(c, code)->outcome,
	    MESSAGE__VISITED__OUTCOME__WRONG_CODE);
	code.cookie = true;
	assert_int_equal(world_visit(c, code)->outcome, DONE);
	/* A second click on the button says so again, until it would have
	 * expired. */
	assert_int_equal(world_visit(c, code)->outcome, DONE);
	world_pass(4 * DAY);
	world_settle_due(c);
	assert_int_equal(world_visit(c, code)->outcome,
	    MESSAGE__VISITED__OUTCOME__WRONG_CODE);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=confirmed | subscribe mailed confirm");
}

static void
test_the_right_code_and_cookie(void **state)
{
	assert_int_equal(world_live(*state, right_code), 0);
}

/* As typed it is mailed; whoever types it differently is the same person. */
static void
spell(struct child *c)
{
	struct world_mail mail;

	world_subscribe(c, "Jo@example.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	assert_string_equal(c->mail->mail->address, "Jo@example.org");
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	world_subscribe(c, "jo@example.org", "daily", false);
	world_take_mail(c, "already");
	assert_string_equal(world_show(c, "JO@example.org"),
	    "daily=confirmed | subscribe mailed confirm");
	world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe, NULL, true,
	    false });
	assert_string_equal(world_show(c, "Jo@example.org"),
	    "daily=unsubscribed | subscribe mailed confirm unsubscribe");
}

static void
test_spellings_of_an_address_are_one(void **state)
{
	assert_int_equal(world_live(*state, spell), 0);
}

static void
tokens_are_for_one_purpose(struct child *c)
{
	struct world_mail mail;
	static const Message__Visit__Action actions[] = {
		MESSAGE__VISIT__ACTION__CONFIRM,
		MESSAGE__VISIT__ACTION__NOTME,
		MESSAGE__VISIT__ACTION__UNSUBSCRIBE };

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	const char *tokens[] = { mail.confirm, mail.notme,
		mail.unsubscribe };
	for (int a = 0; a < 3; a++) {
		for (int t = 0; t < 3; t++) {
			struct world_visit v = { actions[a], tokens[t], NULL,
				true, false };

			if (a != t)
				assert_int_equal(world_visit(c, v)->outcome,
				    MESSAGE__VISITED__OUTCOME__NOT_FOUND);
		}
	}
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=pending | subscribe mailed");
}

static void
test_tokens_are_for_one_purpose(void **state)
{
	assert_int_equal(world_live(*state, tokens_are_for_one_purpose), 0);
}

static void
expiry(struct child *c)
{
	struct world_mail mail;

	world_subscribe(c, "jo@example.org", "daily", false);
	world_pass(DAY);	/* in the queue: the time hasn't begun */
	mail = world_take_mail(c, "confirm");
	world_pass(3 * DAY - CLOCK_SECOND);
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__LOOK_CONFIRM, mail.confirm, NULL, false,
	    false })->outcome, DONE);
	world_pass(2 * CLOCK_SECOND);
	assert_int_equal(world_press_confirm(c, mail.confirm),
	    MESSAGE__VISITED__OUTCOME__EXPIRED);
	world_settle(c);
	assert_string_equal(world_show(c, "jo@example.org"), "unknown");
	assert_int_equal(world_press_confirm(c, mail.confirm),
	    MESSAGE__VISITED__OUTCOME__EXPIRED);
	/* Leaving what is gone is done. */
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe, NULL,
	    true, false })->outcome, DONE);
}

static void
test_expiry(void **state)
{
	assert_int_equal(world_live(*state, expiry), 0);
}

static void
old_links(struct child *c)
{
	struct world_mail mail;

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	world_press_confirm(c, mail.confirm);
	world_pass(100 * DAY);
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__LOOK_CONFIRM, mail.confirm, NULL, false,
	    false })->state, MESSAGE__VISITED__STATE__CONFIRMED);
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	/* Until the contact has left, and each way to leave is as old as the
	 * first mail: it doesn't bring them back. */
	world_pass(1000 * DAY);
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe, NULL, true,
	    false })->outcome, DONE);
	for (int i = 0; i < 2; i++) {
		Message__Visit__Action action = i == 0 ?
		    MESSAGE__VISIT__ACTION__LOOK_CONFIRM :
		    MESSAGE__VISIT__ACTION__CONFIRM;

		assert_int_equal(world_visit(c, (struct world_visit){ action,
		    mail.confirm, NULL, true, false })->state,
		    MESSAGE__VISITED__STATE__UNSUBSCRIBED);
	}
}

static void
test_a_confirmed_link_says_so_for_ever(void **state)
{
	assert_int_equal(world_live(*state, old_links), 0);
}

/* It is told, but as what it is. */
static void
known_address(struct child *c)
{
	static const char waits[] = "daily=confirmed weekly=pending "
	    "| subscribe mailed confirm subscribe mailed";
	struct world_mail mail;

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	world_press_confirm(c, mail.confirm);
	world_pass(DAY);
	world_subscribe(c, "jo@example.org", "weekly", false);
	mail = world_take_mail(c, "confirm");
	assert_string_equal(world_show(c, "jo@example.org"), waits);
	world_subscribe(c, "jo@example.org", "daily", false);
	world_take_mail(c, "already");
	assert_string_equal(world_show(c, "jo@example.org"), waits);
	/* That is told once in a week. */
	world_pass(2 * DAY);
	world_subscribe(c, "jo@example.org", "daily", false);
	assert_null(world_next_mail(c));
	world_press_confirm(c, mail.confirm);
	assert_string_equal(world_show(c, "jo@example.org"), "daily=confirmed "
	    "weekly=confirmed | subscribe mailed confirm subscribe mailed "
	    "confirm");
}

static void
test_a_post_changes_nothing_of_a_known_address(void **state)
{
	assert_int_equal(world_live(*state, known_address), 0);
}

static void
not_me(struct child *c)
{
	struct world_mail mail;
	struct world_visit v = { MESSAGE__VISIT__ACTION__NOTME, NULL, NULL,
		true, false };

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	v.token = mail.notme;
	assert_int_equal(world_visit(c, v)->state,
	    MESSAGE__VISITED__STATE__WITHDRAWN);
	assert_int_equal(world_press_confirm(c, mail.confirm),
	    MESSAGE__VISITED__OUTCOME__EXPIRED);
	world_pass(DAY);
	world_subscribe(c, "jo@example.org", "daily", false);
	assert_null(world_next_mail(c));
	/* Undo: the first link is good again. */
	v.action = MESSAGE__VISIT__ACTION__NOTME_UNDO;
	assert_int_equal(world_visit(c, v)->state,
	    MESSAGE__VISITED__STATE__PENDING);
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	/* Of a confirmed one, not-me means leaving. */
	v.action = MESSAGE__VISIT__ACTION__NOTME;
	assert_int_equal(world_visit(c, v)->state,
	    MESSAGE__VISITED__STATE__UNSUBSCRIBED);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=unsubscribed "
	    "| subscribe mailed not-me undo confirm not-me");
}

static void
test_not_me(void **state)
{
	assert_int_equal(world_live(*state, not_me), 0);
}

static void
ask_for_both_lists(struct child *c)
{
	Message__Envelope *question = world_simple_post(c);
	char *lists[] = { c->lists[WORLD_DAILY].name,
		c->lists[WORLD_WEEKLY].name };

	question->subscribe->lists = lists;
	question->subscribe->n_lists = 2;
	assert_int_equal(world_post(c, question), ACCEPTED);
}

/* One was mailed, one is queued, and one is about another list as well. */
static void
not_me_of_several(struct child *c)
{
	struct engine *e = c->arg;
	struct world_visit v = { MESSAGE__VISIT__ACTION__NOTME, NULL, NULL,
		true, false };
	struct world_mail first;

	world_subscribe(c, "jo@example.org", "daily", false);
	first = world_take_mail(c, "confirm");
	v.token = first.notme;
	world_pass(DAY / 2);
	ask_for_both_lists(c);
	world_take_mail(c, "confirm");
	world_pass(DAY / 2);
	world_subscribe(c, "jo@example.org", "daily", false);
	world_tell_result(c, world_next_mail(c),
	    MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	world_visit(c, v);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "weekly=pending "
	    "| subscribe mailed subscribe mailed subscribe not-me not-me");
	/* What was taken out of the queue comes back with the others. */
	v.action = MESSAGE__VISIT__ACTION__NOTME_UNDO;
	world_visit(c, v);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=pending daily=pending weekly=pending daily=pending "
	    "| subscribe mailed subscribe mailed subscribe not-me not-me "
	    "undo undo");
	world_take_mail(c, "confirm");
	assert_null(world_next_mail(c));
}

static void
test_not_me_is_about_all_that_was_asked(void **state)
{
	assert_int_equal(world_live(*state, not_me_of_several), 0);
}

static void
not_me_ends(struct child *c)
{
	struct world_mail mail;

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	world_visit(c, (struct world_visit){ MESSAGE__VISIT__ACTION__NOTME,
	    mail.notme, NULL, true, false });
	world_pass(29 * DAY);
	world_subscribe(c, "jo@example.org", "daily", false);
	assert_null(world_next_mail(c));
	world_pass(2 * DAY);
	world_subscribe(c, "jo@example.org", "daily", false);
	world_take_mail(c, "confirm");
}

static void
test_not_me_lasts_thirty_days(void **state)
{
	assert_int_equal(world_live(*state, not_me_ends), 0);
}

static void
doubled_lists(struct child *c)
{
	Message__Envelope *question = world_simple_post(c);
	char *daily = c->lists[WORLD_DAILY].name,
	    *weekly = c->lists[WORLD_WEEKLY].name,
	    *twice[] = { daily, daily }, *thrice[] = { daily, weekly, daily };

	question->subscribe->lists = twice;
	question->subscribe->n_lists = 2;
	assert_int_equal(world_post(c, question),
	    MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE);
	question->subscribe->lists = thrice;
	question->subscribe->n_lists = 3;
	assert_int_equal(world_post(c, question),
	    MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE);
	assert_string_equal(world_show(c, "jo@example.org"), "unknown");
}

static void
test_a_list_asked_for_twice_is_refused(void **state)
{
	assert_int_equal(world_live(*state, doubled_lists), 0);
}

/* As web would never ask for it. */
static void
another_form(struct child *c)
{
	static char address[] = "Jo@Example.org", key[] = "jo@example.org";
	Message__Envelope *question = world_simple_post(c);

	question->subscribe->address = address;
	question->subscribe->address_key = key;
	assert_int_equal(world_post(c, question),
	    MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE);
	memcpy(strchr(address, '@'), strchr(key, '@'), sizeof("@example.org"));
	assert_int_equal(world_post(c, question), ACCEPTED);
}

static void
test_a_domain_has_one_form(void **state)
{
	assert_int_equal(world_live(*state, another_form), 0);
}

static struct world_mail
subscribe_with(struct child *c, char *list, char *name, char *value)
{
	Message__Envelope *question = world_simple_post(c);
	Fact__Pair pair, *pairs[] = { &pair };
	char *lists[] = { list };
	struct world_mail mail;

	fact__pair__init(&pair);
	pair.name = name;
	pair.value = value;
	question->subscribe->lists = lists;
	question->subscribe->n_fields = 1;
	question->subscribe->fields = pairs;
	assert_int_equal(world_post(c, question), ACCEPTED);
	mail = world_take_mail(c, "confirm");
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	return mail;
}

static void
fields_of_two_lists(struct child *c)
{
	static char country[] = "country", city[] = "city", at[] = "at",
	    de[] = "de", graz[] = "Graz";
	char *daily = c->lists[WORLD_DAILY].name,
	    *weekly = c->lists[WORLD_WEEKLY].name;
	const Message__Contact *contact;
	struct world_mail withdraw = subscribe_with(c, daily, country, at);

	(void)subscribe_with(c, weekly, city, graz);
	world_take_mail(c, "welcome");
	contact = world_ask_show(c, "jo@example.org");
	assert_int_equal(contact->n_fields, 2);
	assert_string_equal(contact->fields[0]->value, at);
	assert_string_equal(contact->fields[1]->name, city);
	assert_string_equal(contact->fields[1]->value, graz);
	world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE,
	    withdraw.unsubscribe, NULL, true, false });
	(void)subscribe_with(c, daily, country, de);
	contact = world_ask_show(c, "jo@example.org");
	assert_int_equal(contact->n_fields, 2);
	assert_string_equal(contact->fields[0]->value, de);
}

static void
test_a_list_keeps_the_fields_of_another(void **state)
{
	assert_int_equal(world_live(*state, fields_of_two_lists), 0);
}

static void
change_mind_for_ever(struct child *c)
{
	struct engine *e = c->arg;
	struct world_visit notme = { MESSAGE__VISIT__ACTION__NOTME, NULL, NULL,
		true, false }, undo = notme;
	struct world_mail mail;

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	undo.action = MESSAGE__VISIT__ACTION__NOTME_UNDO;
	notme.token = undo.token = mail.notme;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(world_visit(c, notme)->state,
		    MESSAGE__VISITED__STATE__WITHDRAWN);
		assert_int_equal(world_visit(c, undo)->state,
		    MESSAGE__VISITED__STATE__PENDING);
	}
	for (int i = 0; i < 50; i++) {
		world_visit(c, notme);
		world_visit(c, undo);
	}
	assert_int_equal(world_visit(c, undo)->state,
	    MESSAGE__VISITED__STATE__WITHDRAWN);
	assert_true(e->progress.next_event < 40);
}

static void
test_a_mind_is_not_changed_for_ever(void **state)
{
	assert_int_equal(world_live(*state, change_mind_for_ever), 0);
}

/* Comes and goes, each time telling a long story of itself. */
struct search {
	const char *text;
	size_t found;
};

static bool
on_event(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct search *search = arg;

	(void)key;
	assert_int_equal(found, STORE_FOUND);
	search->found += memmem(value.p, value.len, search->text,
	    strlen(search->text)) != NULL;
	return true;
}

static size_t
events_with(struct child *c, const char *text)
{
	struct engine *e = c->arg;
	struct search search = { text, 0 };

	store_scan(e->store, &(struct store_scan){ .table = STORE_LEDGER,
	    .limit = SIZE_MAX, .on_row = on_event, .arg = &search });
	return search.found;
}

static void
assert_said(struct child *c, const Message__Event *event, const char *agent)
{
	if (event->evidence != NULL)
		assert_string_equal(event->evidence->user_agent, agent);
	assert_int_equal(event->n_consents, 1);
	assert_string_equal(event->consents[0],
	    c->lists[WORLD_DAILY].consent);
}

static void
say_once(struct child *c)
{
	static char at_work[] = "Browser/7.1", at_home[] = "Robot/0.9";
	const Message__Contact *contact;
	struct world_mail mail;

	c->agent = at_work;
	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	world_visit(c, (struct world_visit){ MESSAGE__VISIT__ACTION__NOTME,
	    mail.notme, NULL, true, false });
	c->agent = at_home;
	world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__NOTME_UNDO, mail.notme, NULL, true,
	    false });
	c->agent = at_work;
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	assert_int_equal(events_with(c, at_work), 1);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=confirmed | subscribe mailed not-me undo confirm");
	contact = world_ask_show(c, "jo@example.org");
	for (size_t i = 0; i < contact->n_events; i++)
		assert_said(c, contact->events[i], i == 3 ? at_home :
		    at_work);
}

static void
test_what_is_kept_once_is_shown_each_time(void **state)
{
	assert_int_equal(world_live(*state, say_once), 0);
}

static void
talk_much(struct child *c)
{
	enum { STORY = 20000, TIMES = 60 };
	char *story = mem_new(1, STORY + 1);
	const Message__Contact *contact;
	struct world_mail mail;

	memset(story, 'x', STORY);
	for (int i = 0; i < TIMES; i++) {
		Message__Envelope *question = world_simple_post(c);

		question->subscribe->evidence->user_agent = story;
		assert_int_equal(world_post(c, question), ACCEPTED);
		mail = world_take_mail(c, "confirm");
		assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
		world_visit(c, (struct world_visit){
		    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe,
		    NULL, true, false });
		world_pass(CLOCK_SECOND);
	}
	free(story);
	contact = world_ask_show(c, "jo@example.org");
	assert_true(contact->n_events > TIMES);
	assert_string_equal(contact->events[contact->n_events - 1]->event,
	    "unsubscribe");
}

static void
test_a_long_story_is_shown_from_its_end(void **state)
{
	assert_int_equal(world_live(*state, talk_much), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_the_whole_way),
		LIFE(test_proofs),
		LIFE(test_the_right_code_and_cookie),
		LIFE(test_spellings_of_an_address_are_one),
		LIFE(test_tokens_are_for_one_purpose),
		LIFE(test_expiry),
		LIFE(test_a_confirmed_link_says_so_for_ever),
		LIFE(test_a_post_changes_nothing_of_a_known_address),
		LIFE(test_not_me),
		LIFE(test_not_me_is_about_all_that_was_asked),
		LIFE(test_not_me_lasts_thirty_days),
		LIFE(test_a_list_asked_for_twice_is_refused),
		LIFE(test_a_domain_has_one_form),
		LIFE(test_a_list_keeps_the_fields_of_another),
		LIFE(test_a_mind_is_not_changed_for_ever),
		LIFE(test_what_is_kept_once_is_shown_each_time),
		LIFE(test_a_long_story_is_shown_from_its_end),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
