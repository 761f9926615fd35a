/* SPDX-License-Identifier: ISC */
/*
 * The link to one's own data: who gets it, what it shows to whom, what can be
 * changed with it, and when it ends.
 */
#include "app/engine/engine_world_admin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/engine/engine.h"
#include "app/engine/rows.h"
#include "app/engine/store.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#define OUTCOME(name) MESSAGE__MANAGED__OUTCOME__##name
#define ACTION(name) MESSAGE__MANAGE__ACTION__##name
#define JO "jo@example.org"
#define MINUTE (60 * CLOCK_SECOND)

static char country[] = "country", size[] = "size", large[] = "large",
    none[] = "", other_name[] = "Joan", at[] = "at", usa[] = "usa";

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static void
ask_for_link(struct child *c, const char *address)
{
	Message__Envelope *question = world_simple_post(c);
	char *text = mem_strdup(address);

	question->subscribe->address = text;
	question->subscribe->address_key = text;
	question->subscribe->n_lists = 0;
	question->subscribe->manage = true;
	assert_int_equal(world_post(c, question), ACCEPTED);
	free(text);
}

struct link {
	char token[64], code[16], unsubscribe[64];
};

static struct link
take_link(struct child *c)
{
	const Message__Mail *mail = world_next_mail(c);
	struct link link;

	assert_non_null(mail);
	assert_string_equal(mail->kind, "manage");
	snprintf(link.token, sizeof(link.token), "%s", mail->manage_token);
	snprintf(link.code, sizeof(link.code), "%s", mail->code);
	snprintf(link.unsubscribe, sizeof(link.unsubscribe), "%s",
	    mail->unsubscribe_token);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	return link;
}

static struct link
get_link(struct child *c)
{
	ask_for_link(c, JO);
	return take_link(c);
}

/* Borrowed until the next question. */
static const Message__Managed *
send(struct child *c, Message__Manage *ask)
{
	Message__Envelope question;

	message__envelope__init(&question);
	question.body_case = MESSAGE__ENVELOPE__BODY_MANAGE;
	question.manage = ask;
	world_ask(c, c->web, &question, MESSAGE__ENVELOPE__BODY_MANAGED);
	return c->reply->managed;
}

/* With a press. */
static const Message__Managed *
act(struct child *c, struct link *link, Message__Manage__Action action)
{
	Message__Manage ask;

	message__manage__init(&ask);
	ask.action = action;
	ask.token = link->token;
	ask.pressed = true;
	return send(c, &ask);
}

static struct world_mail
join(struct child *c, const char *list)
{
	struct world_mail mail;

	world_subscribe(c, JO, list, false);
	mail = world_take_mail(c, "confirm");
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	return mail;
}

/* ---- who gets it ---- */

static void
who_gets_it(struct child *c)
{
	struct engine *e = c->arg;
	struct link link;

	ask_for_link(c, JO);
	assert_null(world_next_mail(c));
	world_subscribe(c, JO, "daily", false);
	world_take_mail(c, "confirm");
	ask_for_link(c, JO);
	assert_null(world_next_mail(c));
	assert_string_equal(world_show(c, JO),
	    "daily=pending | subscribe mailed");
	world_pass(DAY);
	join(c, "daily");
	ask_for_link(c, "jo2@example.org");
	assert_null(world_next_mail(c));
	link = get_link(c);
	assert_true(link.unsubscribe[0] != '\0');
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
	/* A stranger asked: nothing of the contact changed. */
	assert_string_equal(world_show(c, JO), "daily=confirmed "
	    "| subscribe mailed subscribe mailed confirm");
	act(c, &link, ACTION(LEAVE));
	world_pass(DAY);
	get_link(c);
}

static void
test_only_a_contact_is_mailed(void **state)
{
	assert_int_equal(world_live(*state, who_gets_it), 0);
}

static void
lists_with_it(struct child *c)
{
	Message__Envelope *question = world_simple_post(c);

	question->subscribe->manage = true;
	assert_int_equal(world_post(c, question),
	    MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE);
}

static void
test_it_is_about_no_list(void **state)
{
	assert_int_equal(world_live(*state, lists_with_it), 0);
}

static void
budgets(struct child *c)
{
	struct link link;

	join(c, "daily");
	get_link(c);
	ask_for_link(c, JO);
	assert_null(world_next_mail(c));
	for (int i = 0; i < 2; i++) {
		world_pass(10 * MINUTE);
		link = get_link(c);
	}
	world_pass(10 * MINUTE);
	ask_for_link(c, JO);
	assert_null(world_next_mail(c));
	/* Once opened, they are their owner's. */
	assert_int_equal(act(c, &link, ACTION(OPEN))->outcome, OUTCOME(DONE));
	get_link(c);
}

static void
budgets_after_a_restart(struct child *c)
{
	ask_for_link(c, JO);
	assert_null(world_next_mail(c));
	world_pass(10 * MINUTE);
	get_link(c);
	world_pass(10 * MINUTE);
	get_link(c);
	world_pass(10 * MINUTE);
	ask_for_link(c, JO);
	assert_null(world_next_mail(c));
}

static void
test_it_counts_as_any_mail(void **state)
{
	assert_int_equal(world_live(*state, budgets), 0);
	assert_int_equal(world_live(*state, budgets_after_a_restart), 0);
}

static void
one_at_a_time(struct child *c)
{
	struct engine *e = c->arg;
	const Message__Mail *mail;

	join(c, "daily");
	ask_for_link(c, JO);
	mail = world_next_mail(c);
	assert_non_null(mail);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	world_pass(15 * MINUTE);
	/* It waits already; the one that waits will be good for an hour. */
	ask_for_link(c, JO);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 1);
	take_link(c);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
}

static void
test_one_mail_at_a_time(void **state)
{
	assert_int_equal(world_live(*state, one_at_a_time), 0);
}

/* ---- what it shows ---- */

static void
masked(struct child *c)
{
	const Message__Managed *managed;
	struct link link;
	Message__Manage ask;
	char wrong[] = "AAAA-AAAA";

	join(c, "daily");
	link = get_link(c);
	message__manage__init(&ask);
	ask.token = link.token;
	for (int action = ACTION(LOOK); action <= (int)ACTION(ERASE);
	    action++) {
		for (int i = 0; i < 2; i++) {
			ask.action = (Message__Manage__Action)action;
			ask.code = i == 0 ? ask.name : wrong;
			managed = send(c, &ask);
			assert_int_equal(managed->outcome,
			    action == ACTION(LOOK) ? OUTCOME(DONE) :
			    OUTCOME(NEEDS_PROOF));
			assert_null(managed->contact);
			assert_string_equal(managed->code, "");
			assert_int_equal(managed->n_may_join, 0);
		}
	}
	assert_string_equal(world_show(c, JO),
	    "daily=confirmed | subscribe mailed confirm");
	ask.action = ACTION(OPEN);
	ask.code = link.code;
	managed = send(c, &ask);
	assert_int_equal(managed->outcome, OUTCOME(DONE));
	assert_string_equal(managed->code, link.code);
	assert_string_equal(managed->contact->address, JO);
	assert_int_equal(managed->contact->n_events, 4);
	assert_string_equal(managed->contact->events[3]->event, "open");
	/* Seen again, it is the same visit. */
	assert_int_equal(act(c, &link, ACTION(OPEN))->contact->n_events, 4);
}

static void
test_nothing_is_told_before_a_press(void **state)
{
	assert_int_equal(world_live(*state, masked), 0);
}

static void
an_hour(struct child *c)
{
	struct link link;
	Message__Manage ask;

	join(c, "daily");
	link = get_link(c);
	message__manage__init(&ask);
	ask.token = link.token;
	world_pass(60 * MINUTE - 1);
	assert_int_equal(send(c, &ask)->outcome, OUTCOME(DONE));
	world_pass(5 * MINUTE + 1);
	assert_int_equal(send(c, &ask)->outcome, OUTCOME(EXPIRED));
	assert_int_equal(act(c, &link, ACTION(ERASE))->outcome,
	    OUTCOME(EXPIRED));
	assert_string_equal(world_show(c, JO),
	    "daily=confirmed | subscribe mailed confirm");
}

static void
test_it_is_good_for_an_hour(void **state)
{
	assert_int_equal(world_live(*state, an_hour), 0);
}

/* Each link in each place where another one belongs. */
static void
crossed(struct child *c)
{
	struct world_mail mail;
	struct link link;
	char *links[5];
	Message__Manage ask;

	join(c, "daily");
	world_subscribe(c, JO, "weekly", false);
	mail = world_take_mail(c, "confirm");
	link = get_link(c);
	links[0] = mail.confirm;
	links[1] = mail.notme;
	links[2] = mail.unsubscribe;
	links[3] = link.unsubscribe;
	links[4] = none;
	message__manage__init(&ask);
	ask.pressed = true;
	for (int action = ACTION(LOOK); action <= (int)ACTION(ERASE);
	    action++) {
		for (size_t i = 0; i < 5; i++) {
			ask.action = (Message__Manage__Action)action;
			ask.token = links[i];
			assert_int_equal(send(c, &ask)->outcome,
			    OUTCOME(NOT_FOUND));
		}
	}
	for (int action = MESSAGE__VISIT__ACTION__LOOK_CONFIRM;
	    action <= MESSAGE__VISIT__ACTION__NOTME_UNDO; action++) {
		if (action == MESSAGE__VISIT__ACTION__CONFIRM_CODE)
			continue;
		assert_int_equal(world_visit(c, (struct world_visit){
		    (Message__Visit__Action)action, link.token, link.code,
		    true, true })->outcome,
		    MESSAGE__VISITED__OUTCOME__NOT_FOUND);
	}
	/* Nor is its code one to confirm with. */
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__CONFIRM_CODE, NULL, link.code, true,
	    true })->outcome, MESSAGE__VISITED__OUTCOME__WRONG_CODE);
	assert_string_equal(world_show(c, JO), "daily=confirmed "
	    "weekly=pending | subscribe mailed confirm subscribe mailed");
}

static void
test_links_are_for_one_purpose(void **state)
{
	assert_int_equal(world_live(*state, crossed), 0);
}

static void
of_the_suppressed(struct child *c)
{
	struct link link;

	join(c, "daily");
	link = get_link(c);
	world_erase(c, JO, true, true);
	assert_int_equal(act(c, &link, ACTION(OPEN))->outcome,
	    OUTCOME(EXPIRED));
	world_pass(DAY);
	ask_for_link(c, JO);
	assert_null(world_next_mail(c));
}

static void
test_not_to_who_must_not_be_mailed(void **state)
{
	assert_int_equal(world_live(*state, of_the_suppressed), 0);
}

/* ---- what can be changed ---- */

static struct config_field fields[] = {
	{ .name = country, .label = country, .type = CONFIG_FIELD_TEXT,
	    .max = 2 },
	{ .name = size, .label = size, .type = CONFIG_FIELD_TEXT,
	    .max = 40 },
};

static void
change_data(struct child *c)
{
	Fact__Pair pairs[3], *list[] = { &pairs[0], &pairs[1], &pairs[2] };
	const Message__Contact *contact;
	struct link link;
	Message__Manage ask;

	c->lists[WORLD_DAILY].fields = fields;
	c->lists[WORLD_DAILY].field_count = 2;
	join(c, "daily");
	link = get_link(c);
	for (size_t i = 0; i < 3; i++)
		fact__pair__init(&pairs[i]);
	message__manage__init(&ask);
	ask.action = ACTION(CHANGE);
	ask.token = link.token;
	ask.pressed = true;
	ask.name = other_name;
	ask.fields = list;
	ask.n_fields = 3;
	pairs[0] = (Fact__Pair){ pairs[0].base, country, at };
	pairs[1] = (Fact__Pair){ pairs[1].base, size, large };
	pairs[2] = (Fact__Pair){ pairs[2].base, large, at };
	contact = send(c, &ask)->contact;
	assert_string_equal(contact->name, other_name);
	/* What no list declares is not taken. */
	assert_int_equal(contact->n_fields, 2);
	assert_string_equal(contact->fields[0]->value, at);
	assert_string_equal(contact->events[3]->event, "change");
	assert_string_equal(contact->events[3]->reason,
	    "name, country, size");
	assert_string_equal(contact->events[3]->evidence->way, "manage");
	/* The same again is no change; too long is none either. */
	pairs[0].value = usa;
	contact = send(c, &ask)->contact;
	assert_int_equal(contact->n_events, 4);
	pairs[0].value = at;
	pairs[1].value = none;
	ask.name = none;
	contact = send(c, &ask)->contact;
	assert_string_equal(contact->name, "");
	assert_int_equal(contact->n_fields, 1);
	assert_string_equal(contact->events[4]->reason, "name, size");
}

static void
test_name_and_fields(void **state)
{
	assert_int_equal(world_live(*state, change_data), 0);
}

static void
leave_and_join(struct child *c)
{
	char *daily = c->lists[WORLD_DAILY].name,
	    *weekly = c->lists[WORLD_WEEKLY].name, *leave[] = { daily };
	uint8_t consent[CRYPTO_HASH_SIZE], wrong[CRYPTO_HASH_SIZE] = { 0 };
	Message__Manage__Join one, *joins[] = { &one };
	const Message__Managed *managed;
	struct link link;
	Message__Manage ask;

	join(c, "daily");
	link = get_link(c);
	message__manage__init(&ask);
	message__manage__join__init(&one);
	ask.action = ACTION(CHANGE);
	ask.token = link.token;
	ask.pressed = true;
	ask.name = c->lists[0].name;
	ask.leave = leave;
	ask.n_leave = 1;
	managed = send(c, &ask);
	assert_string_equal(managed->contact->subscriptions[0]->state,
	    "unsubscribed");
	assert_int_equal(managed->n_may_join, 1);
	assert_string_equal(managed->may_join[0], "daily");
	/* Neither a text that wasn't shown nor a list never asked for. */
	crypto_hash(slice_str(c->lists[0].consent), consent);
	ask.n_leave = 0;
	ask.join = joins;
	ask.n_join = 1;
	one.list = daily;
	one.consent = (ProtobufCBinaryData){ sizeof(wrong), wrong };
	assert_int_equal(send(c, &ask)->n_may_join, 1);
	one.list = weekly;
	one.consent.data = consent;
	managed = send(c, &ask);
	assert_int_equal(managed->contact->n_subscriptions, 1);
	assert_int_equal(managed->n_may_join, 1);
	one.list = daily;
	managed = send(c, &ask);
	assert_int_equal(managed->n_may_join, 0);
	assert_string_equal(managed->contact->subscriptions[0]->state,
	    "confirmed");
	assert_string_equal(managed->contact->subscriptions[0]->source,
	    "manage");
	assert_string_equal(world_show(c, JO), "daily=confirmed | subscribe "
	    "mailed confirm unsubscribe change confirm");
	assert_string_equal(world_ask_show(c, JO)->events[5]->consents[0],
	    c->lists[0].consent);
}

static void
test_lists(void **state)
{
	assert_int_equal(world_live(*state, leave_and_join), 0);
}

static void
leave_everything(struct child *c)
{
	struct world_mail mail;
	struct link link;

	join(c, "daily");
	join(c, "weekly");
	world_take_mail(c, "welcome");
	world_pass(DAY);
	link = get_link(c);
	act(c, &link, ACTION(LEAVE));
	world_subscribe(c, JO, "daily", false);
	mail = world_take_mail(c, "confirm");
	assert_int_equal(act(c, &link, ACTION(LEAVE))->outcome,
	    OUTCOME(DONE));
	assert_int_equal(world_press_confirm(c, mail.confirm),
	    MESSAGE__VISITED__OUTCOME__EXPIRED);
	assert_string_equal(world_show(c, JO), "daily=unsubscribed "
	    "weekly=unsubscribed | subscribe mailed confirm subscribe mailed "
	    "confirm mailed unsubscribe unsubscribe");
}

static void
test_leaving_everything(void **state)
{
	assert_int_equal(world_live(*state, leave_everything), 0);
}

static void
erased(struct child *c)
{
	struct link link;
	Message__Manage ask;
	const Message__Contact *contact;

	c->config.retain.proof = 7 * 86400;
	join(c, "daily");
	world_pass(DAY);
	ask_for_link(c, JO);
	link = take_link(c);
	message__manage__init(&ask);
	ask.action = ACTION(ERASE);
	ask.token = link.token;
	ask.code = link.code;
	ask.never_again = true;
	assert_int_equal(send(c, &ask)->outcome, OUTCOME(DONE));
	assert_int_equal(send(c, &ask)->outcome, OUTCOME(EXPIRED));
	contact = world_ask_show(c, JO);
	assert_true(contact->proof_until > 0);
	assert_int_equal(contact->n_events, 0);
	assert_int_equal(contact->n_suppressions, 1);
	assert_memory_equal(contact->suppressions[0],
	    "all lists: erase since ", 23);
	assert_int_equal(world_ask_proof(c, JO)->n_events, 3);
}

static void
test_erasing(void **state)
{
	assert_int_equal(world_live(*state, erased), 0);
}

static void
over_and_over(struct child *c)
{
	char *names[] = { other_name, at };
	struct engine *e = c->arg;
	char *daily = c->lists[WORLD_DAILY].name, *leave[] = { daily };
	struct link link;
	Message__Manage ask;

	join(c, "daily");
	link = get_link(c);
	message__manage__init(&ask);
	ask.action = ACTION(CHANGE);
	ask.token = link.token;
	ask.pressed = true;
	for (int i = 0; i < 100; i++) {
		ask.name = names[i % 2];
		send(c, &ask);
	}
	assert_int_equal(send(c, &ask)->outcome, OUTCOME(TOO_MANY));
	assert_true(e->progress.next_event < 80);
	/* Nobody is stopped on the way out. */
	ask.leave = leave;
	ask.n_leave = 1;
	assert_string_equal(send(c, &ask)->contact->subscriptions[0]->state,
	    "unsubscribed");
	assert_int_equal(act(c, &link, ACTION(ERASE))->outcome,
	    OUTCOME(DONE));
}

static void
test_nobody_fills_the_ledger(void **state)
{
	assert_int_equal(world_live(*state, over_and_over), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_only_a_contact_is_mailed),
		LIFE(test_it_is_about_no_list),
		LIFE(test_it_counts_as_any_mail),
		LIFE(test_one_mail_at_a_time),
		LIFE(test_nothing_is_told_before_a_press),
		LIFE(test_it_is_good_for_an_hour),
		LIFE(test_links_are_for_one_purpose),
		LIFE(test_not_to_who_must_not_be_mailed),
		LIFE(test_name_and_fields),
		LIFE(test_lists),
		LIFE(test_leaving_everything),
		LIFE(test_erasing),
		LIFE(test_nobody_fills_the_ledger),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("manage", tests, NULL, NULL);
}
