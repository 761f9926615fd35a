/* SPDX-License-Identifier: ISC */
/*
 * The mails of the whole engine: which there are, and what becomes of them.
 */
#include "app/engine/engine_world_admin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/engine/engine.h"
#include "app/engine/mail_text.h"
#include "app/engine/op_hand.h"
#include "app/engine/op_result.h"
#include "app/engine/op_visit.h"
#include "app/engine/store.h"
#include "app/mail_kind.h"
#include "app/templates/templates.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static void
robots(struct child *c)
{
	assert_int_equal(world_subscribe(c, "jo@example.org", "daily", true),
	    ACCEPTED);
	assert_null(world_next_mail(c));
	assert_string_equal(world_show(c, "jo@example.org"), "unknown");
	/* It used up nothing of the mailbox's budget. */
	world_subscribe(c, "jo@example.org", "daily", false);
	world_take_mail(c, "confirm");
}

static void
test_robots_get_the_same_answer_and_no_mail(void **state)
{
	assert_int_equal(world_live(*state, robots), 0);
}

static void
retries(struct child *c)
{
	const Message__Mail *mail;
	char id[128];

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_next_mail(c);
	assert_non_null(mail);
	snprintf(id, sizeof(id), "%s", mail->message_id);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	assert_null(world_next_mail(c));
	world_pass(599 * CLOCK_SECOND);
	assert_null(world_next_mail(c));
	world_pass(2 * CLOCK_SECOND);
	mail = world_next_mail(c);
	assert_non_null(mail);
	assert_string_equal(mail->message_id, id);
	assert_int_equal(mail->queued_at, NOON);
	assert_int_equal(mail->attempts, 1);
	/* After the list of times its last one repeats, until it is too old. */
	for (int i = 0; i < 200 && mail != NULL; i++) {
		world_tell_result(c, mail,
		    MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
		world_pass(1801 * CLOCK_SECOND);
		mail = world_next_mail(c);
	}
	assert_null(mail);
	assert_true(world_now() - NOON > 3 * DAY - 3602 * CLOCK_SECOND);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=pending | subscribe refused");
}

static void
test_retries(void **state)
{
	assert_int_equal(world_live(*state, retries), 0);
}

static void
fast_click(struct child *c)
{
	const Message__Mail *mail;
	struct world_mail t;

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_next_mail(c);
	assert_non_null(mail);
	snprintf(t.confirm, sizeof(t.confirm), "%s", mail->confirm_token);
	world_press_confirm(c, t.confirm);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=confirmed | subscribe confirm mailed");
	assert_null(world_next_mail(c));
}

static void
test_a_click_before_the_result(void **state)
{
	assert_int_equal(world_live(*state, fast_click), 0);
}

/* A confirmation, and the result of the very mail it came from. */
static void
meet_in_one_turn(struct child *c)
{
	struct engine *e = c->arg;
	Message__Envelope first, second;
	Message__Visit click;
	Message__MailResult result;
	const Message__Mail *mail;

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_next_mail(c);
	assert_non_null(mail);
	message__envelope__init(&first);
	message__visit__init(&click);
	first.body_case = MESSAGE__ENVELOPE__BODY_VISIT;
	first.visit = &click;
	click.action = MESSAGE__VISIT__ACTION__CONFIRM;
	click.token = mail->confirm_token;
	click.pressed = true;
	message__envelope__init(&second);
	message__mail_result__init(&result);
	second.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RESULT;
	second.mail_result = &result;
	result.due = mail->due;
	result.sequence = mail->sequence;
	world_queue(c, &op_visit, ROLE_WEB, &first);
	world_queue(c, &op_result, ROLE_MAILER, &second);
	turn_run(e);
	world_settle(c);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=confirmed | subscribe confirm mailed");
}

static void
test_a_click_and_the_result_in_one_turn(void **state)
{
	assert_int_equal(world_live(*state, meet_in_one_turn), 0);
}

static void
must_work(int error, void *arg)
{
	(void)arg;
	assert_int_equal(error, 0);
}

/* Puts (or takes away) rows of a table until so much is in use. */
static void
fill_up(struct engine *e, unsigned percent)
{
	enum { SIZE = 100000 };
	static char big[SIZE];
	static uint8_t n;
	bool put = !store_is_above(e->store, percent);

	while (store_is_above(e->store, percent) != put) {
		struct store_turn *turn = store_turn_begin(e->store);
		struct slice key;

		n = put ? n : (uint8_t)(n - 1);
		key = slice_of(&n, 1);
		if (put)
			store_turn_put(turn, STORE_TEXT, key,
			    slice_of(big, SIZE));
		else
			store_turn_delete(turn, STORE_TEXT, key);
		n = put ? (uint8_t)(n + 1) : n;
		store_turn_commit(turn, must_work, NULL);
	}
}

static void
go_on_when_full(struct child *c)
{
	struct engine *e = c->arg;
	struct world_mail jo;

	world_subscribe(c, "jo@example.org", "daily", false);
	jo = world_take_mail(c, "confirm");
	world_subscribe(c, "al@example.org", "daily", false);
	world_subscribe(c, "bo@example.org", "daily", false);
	fill_up(e, ENGINE_POSTS_PERCENT);
	assert_int_equal(world_subscribe(c, "cy@example.org", "daily", false),
	    MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE);
	world_take_mail(c, "confirm");
	fill_up(e, ENGINE_MAILS_PERCENT);
	assert_null(world_next_mail(c));
	assert_int_equal(world_press_confirm(c, jo.confirm), DONE);
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, jo.unsubscribe, NULL, true,
	    false })->outcome, DONE);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=unsubscribed | subscribe mailed confirm unsubscribe");
	fill_up(e, ENGINE_POSTS_PERCENT / 2);
	world_take_mail(c, "confirm");
	assert_int_equal(world_subscribe(c, "cy@example.org", "daily", false),
	    ACCEPTED);
}

static void
test_a_full_database_still_serves(void **state)
{
	struct child *c = *state;

	c->config.map_size = 1 << 22;
	assert_int_equal(world_live(*state, go_on_when_full), 0);
}

/* More mails than a turn changes, each of which was deferred once. */
static void
retry_all(struct child *c)
{
	enum { MAILS = 1200 };
	char address[32];

	for (int i = 0; i < MAILS; i++) {
		snprintf(address, sizeof(address), "jo%d@example.org", i);
		world_subscribe(c, address, "daily", false);
		world_tell_result(c, world_next_mail(c),
		    MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	}
	assert_null(world_next_mail(c));
	assert_int_equal(world_ask_queue(c, MESSAGE__QUEUE_QUERY__ACTION__RETRY,
	    0)->changed, MAILS);
	assert_non_null(world_next_mail(c));
}

static void
test_a_retry_of_all_is_of_all(void **state)
{
	assert_int_equal(world_live(*state, retry_all), 0);
}

/* The server's last word may name the address, which nobody may keep. */
static void
withdraw_before_the_result(struct child *c)
{
	struct engine *e = c->arg;
	const Message__Mail *mail;
	uint64_t next_event;

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_next_mail(c);
	assert_non_null(mail);
	world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail->unsubscribe_token,
	    NULL, true, false });
	assert_int_equal(store_count(e->store, STORE_REQUEST), 0);
	next_event = e->progress.next_event;
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__REFUSED);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
	assert_int_equal(e->progress.next_event, next_event);
}

static void
test_what_was_forgotten_gets_no_event(void **state)
{
	assert_int_equal(world_live(*state, withdraw_before_the_result), 0);
}

/*
 * A mail that is to be tried again at once, in a turn that also finds another
 * one gone: the room which that leaves isn't filled before the turn has ended.
 */
static void
retry_at_once(struct child *c)
{
	static uint64_t at_once[] = { 0 };
	struct engine *e = c->arg;
	Message__Envelope question;
	Message__MailResult result;
	const Message__Mail *mail;
	struct op *gone;

	c->config.mail.retry = (struct config_times){ at_once, 1 };
	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_next_mail(c);
	assert_non_null(mail);
	gone = turn_queue(e, &op_hand, 4711);
	gone->peer = engine_peer(e, ROLE_MAILER, 0);
	gone->generation = gone->peer->generation;
	message__envelope__init(&question);
	message__mail_result__init(&result);
	question.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RESULT;
	question.mail_result = &result;
	result.due = mail->due;
	result.sequence = mail->sequence;
	result.outcome = MESSAGE__MAIL_RESULT__OUTCOME__RETRY;
	world_queue(c, &op_result, ROLE_MAILER, &question);
	c->taken = true;
	c->credits = 1;
	world_pass(CLOCK_SECOND);
	turn_run(e);
	world_settle(c);
	assert_false(c->taken);
	assert_int_equal(c->mail->mail->attempts, 1);
}

static void
test_a_retry_is_not_passed_by(void **state)
{
	assert_int_equal(world_live(*state, retry_at_once), 0);
}

static void
leave_while_it_retries(struct child *c)
{
	struct engine *e = c->arg;
	const Message__Mail *mail;
	struct world_mail confirm;
	char unsubscribe[64];

	world_subscribe(c, "jo@example.org", "weekly", false);
	confirm = world_take_mail(c, "confirm");
	world_press_confirm(c, confirm.confirm);
	mail = world_next_mail(c);
	assert_non_null(mail);
	assert_string_equal(mail->kind, "welcome");
	snprintf(unsubscribe, sizeof(unsubscribe), "%s",
	    mail->unsubscribe_token);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 1);
	world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE,
	    unsubscribe, NULL, true, false });
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
}

static void
test_leaving_cancels_a_mail_that_retries(void **state)
{
	assert_int_equal(world_live(*state, leave_while_it_retries), 0);
}

static void
drop_one(struct child *c)
{
	const Message__Mail *mail;
	const Message__Queue *told;
	uint64_t sequence;

	world_subscribe(c, "jo@example.org", "weekly", false);
	mail = world_next_mail(c);
	assert_non_null(mail);
	sequence = mail->sequence;
	told = world_ask_queue(c, MESSAGE__QUEUE_QUERY__ACTION__DROP, sequence);
	assert_int_equal(told->changed, 0);
	assert_true(told->is_tried);
	told = world_ask_queue(c, MESSAGE__QUEUE_QUERY__ACTION__DROP,
	    sequence + 1);
	assert_int_equal(told->changed, 0);
	assert_false(told->is_tried);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	told = world_ask_queue(c, MESSAGE__QUEUE_QUERY__ACTION__DROP, sequence);
	assert_int_equal(told->changed, 1);
	assert_false(told->is_tried);
}

static void
test_what_is_tried_can_not_be_dropped(void **state)
{
	assert_int_equal(world_live(*state, drop_one), 0);
}

/* Given back by a mailer whose server is away: due as it was, and dropped
 * when it is left meanwhile. */
static void
give_back(struct child *c)
{
	struct engine *e = c->arg;
	const Message__Mail *mail;
	struct world_mail confirm;
	char unsubscribe[64];

	world_subscribe(c, "jo@example.org", "weekly", false);
	confirm = world_take_mail(c, "confirm");
	world_press_confirm(c, confirm.confirm);
	for (int i = 0; i < 3; i++) {
		mail = world_next_mail(c);
		assert_non_null(mail);
		assert_string_equal(mail->kind, "welcome");
		assert_int_equal(mail->attempts, 0);
		snprintf(unsubscribe, sizeof(unsubscribe), "%s",
		    mail->unsubscribe_token);
		world_tell_result(c, mail,
		    MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED);
	}
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 1);
	world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE,
	    unsubscribe, NULL, true, false });
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
}

static void
test_a_mail_given_back_is_due_and_can_be_cancelled(void **state)
{
	assert_int_equal(world_live(*state, give_back), 0);
}

/* An outage leaves many to try again; a new one doesn't wait for them. */
static void
fresh_ones_first(struct child *c)
{
	const Message__Mail *mail;
	char address[32];

	for (int i = 0; i < 30; i++) {
		(void)snprintf(address, sizeof(address), "%d@example.org", i);
		world_subscribe(c, address, "daily", false);
		world_tell_result(c, world_next_mail(c),
		    MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	}
	world_pass(3600 * CLOCK_SECOND);
	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_next_mail(c);
	assert_string_equal(mail->address, "jo@example.org");
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	for (int i = 0; i < 30; i++) {
		mail = world_next_mail(c);
		assert_non_null(mail);
		assert_int_equal(mail->attempts, 1);
		world_tell_result(c, mail,
		    MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	}
	assert_null(world_next_mail(c));
}

static void
test_a_fresh_mail_waits_for_no_retry(void **state)
{
	assert_int_equal(world_live(*state, fresh_ones_first), 0);
}

/* Something is wrong with us: no request ends by that. */
static void
our_fault(struct child *c)
{
	const Message__Mail *mail;

	world_subscribe(c, "jo@example.org", "daily", false);
	for (int64_t age = 0; age < 4 * DAY; age += 1801 * CLOCK_SECOND) {
		mail = world_next_mail(c);
		assert_non_null(mail);
		world_tell_result(c, mail,
		    MESSAGE__MAIL_RESULT__OUTCOME__OURS);
		world_pass(1801 * CLOCK_SECOND);
	}
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=pending | subscribe");
	mail = world_next_mail(c);
	assert_non_null(mail);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=pending | subscribe mailed");
}

static void
test_our_own_fault_ends_no_mail(void **state)
{
	assert_int_equal(world_live(*state, our_fault), 0);
}

static void
clock_goes_back(struct child *c)
{
	const Message__Contact *contact;
	struct world_mail mail;

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_take_mail(c, "confirm");
	world_pass(-5 * CLOCK_SECOND);
	world_press_confirm(c, mail.confirm);
	contact = world_ask_show(c, "jo@example.org");
	assert_int_equal(contact->n_events, 3);
	assert_string_equal(contact->events[2]->event, "confirm");
	assert_int_equal(contact->events[2]->evidence->seconds_since_mail,
	    0);
}

static void
test_a_clock_that_went_back_is_no_age(void **state)
{
	assert_int_equal(world_live(*state, clock_goes_back), 0);
}

static void
goodbye(struct child *c)
{
	struct engine *e = c->arg;
	struct world_mail mail;
	struct world_visit leave = { MESSAGE__VISIT__ACTION__UNSUBSCRIBE,
		NULL, NULL, true, false };

	c->lists[WORLD_DAILY].goodbye = true;
	for (int i = 0; i < 2; i++) {
		world_subscribe(c, "jo@example.org", "daily", false);
		mail = world_take_mail(c, "confirm");
		world_press_confirm(c, mail.confirm);
		/* Whoever is back needs no goodbye. */
		assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
		leave.token = mail.unsubscribe;
		world_visit(c, leave);
		world_visit(c, leave);
		if (i == 0)
			world_take_mail(c, "goodbye");
	}
	world_subscribe(c, "jo@example.org", "daily", false);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 2);
	world_take_mail(c, "goodbye");
	mail = world_take_mail(c, "confirm");
	world_press_confirm(c, mail.confirm);
	leave.action = MESSAGE__VISIT__ACTION__NOTME;
	leave.token = mail.notme;
	world_visit(c, leave);
	assert_null(world_next_mail(c));
}

static void
test_goodbye(void **state)
{
	assert_int_equal(world_live(*state, goodbye), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

/* What the ledger says of a mail of that list, in that language. */
static const uint8_t *
text_of(const struct engine *e, const char *list, const char *language)
{
	static char lang[8];
	uint32_t id = engine_list_by_name(e, list)->id;
	Record__Outbox row;

	snprintf(lang, sizeof(lang), "%s", language);
	record__outbox__init(&row);
	row.kind = RECORD__OUTBOX__KIND__CONFIRM;
	row.n_lists = 1;
	row.lists = &id;
	row.lang = lang;
	return mail_text_hash(e, &row);
}

static void
compare_texts(struct child *c)
{
	/* The lists agree in their consent and in all languages but one. */
	enum { CONSENTS = 1, LANGUAGES = 4 + 1 };
	const struct engine *e = c->arg;

	assert_memory_not_equal(text_of(e, "daily", "en"),
	    text_of(e, "weekly", "en"), 32);
	assert_memory_equal(text_of(e, "daily", "de"),
	    text_of(e, "weekly", "de"), 32);
	assert_memory_equal(text_of(e, "daily", "de-AT"),
	    text_of(e, "daily", "de"), 32);
	assert_memory_not_equal(text_of(e, "weekly", "de"),
	    text_of(e, "weekly", "en"), 32);
	assert_int_equal(store_count(e->store, STORE_TEXT),
	    CONSENTS + LANGUAGES * mail_kind_count());
}

/* A list's own words are texts of their own, kept once. */
static void
test_texts_of_mails(void **state)
{
	struct child *c = *state;
	const char *source = getenv("ASSENT_SRCDIR");
	char *folder = mem_printf("%s/templates", c->folder);
	char *command = mem_printf("cp -R '%s/templates' '%s' && chmod -R u+w "
	    "'%s' && mkdir -p '%s/list/daily/lang' && echo 'mail_hello = Hi,' "
	    ">'%s/list/daily/lang/en'", source != NULL ? source : ".",
	    c->folder, folder, folder, folder);
	struct buf errors = { 0 };

	/* A test's own shell: all its words are ours. */
	assert_int_equal(system(command), 0);	/* NOLINT */
	templates_free(c->templates);
	c->templates = templates_load(folder, &errors);
	assert_non_null(c->templates);
	for (int life = 0; life < 2; life++)
		assert_int_equal(world_live(c, compare_texts), 0);
	free(command);
	free(folder);
}

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_robots_get_the_same_answer_and_no_mail),
		LIFE(test_retries),
		LIFE(test_a_click_before_the_result),
		LIFE(test_a_click_and_the_result_in_one_turn),
		LIFE(test_a_full_database_still_serves),
		LIFE(test_a_retry_of_all_is_of_all),
		LIFE(test_what_was_forgotten_gets_no_event),
		LIFE(test_a_retry_is_not_passed_by),
		LIFE(test_leaving_cancels_a_mail_that_retries),
		LIFE(test_what_is_tried_can_not_be_dropped),
		LIFE(test_a_mail_given_back_is_due_and_can_be_cancelled),
		LIFE(test_a_fresh_mail_waits_for_no_retry),
		LIFE(test_our_own_fault_ends_no_mail),
		LIFE(test_a_clock_that_went_back_is_no_age),
		LIFE(test_texts_of_mails),
		LIFE(test_goodbye),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_mail", tests, NULL, NULL);
}
