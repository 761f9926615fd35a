/* SPDX-License-Identifier: ISC */
/*
 * What outlives a life of the engine, how one begins, and how it ends.
 */
#include "app/engine/engine_world_admin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <signal.h>

#include <event2/event.h>

#include "app/engine/engine.h"
#include "app/engine/op_accept.h"
#include "app/engine/op_admin.h"
#include "app/engine/op_work.h"
#include "app/engine/rows.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/ipc.h"

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static void
budgets(struct child *c)
{
	for (int i = 0; i < 20; i++)
		assert_int_equal(world_subscribe(c, "jo@example.org", "daily",
		    false), ACCEPTED);
	world_take_mail(c, "confirm");
	assert_null(world_next_mail(c));
	/* Other lists and other spellings count against the same mailbox. */
	world_subscribe(c, "jo+x@example.org", "weekly", false);
	world_take_mail(c, "confirm");
	world_pass(700 * CLOCK_SECOND);
	world_subscribe(c, "jo@example.org", "daily", false);
	world_take_mail(c, "confirm");
	world_pass(700 * CLOCK_SECOND);
	world_subscribe(c, "jo@example.org", "daily", false);
	assert_null(world_next_mail(c));
}

static void
budgets_later(struct child *c)
{
	world_subscribe(c, "jo@example.org", "daily", false);
	assert_null(world_next_mail(c));
	world_pass(DAY);
	world_subscribe(c, "jo@example.org", "daily", false);
	world_take_mail(c, "confirm");
}

static void
test_budgets_outlive_the_process(void **state)
{
	assert_int_equal(world_live(*state, budgets), 0);
	assert_int_equal(world_live(*state, budgets_later), 0);
}

static void
come_and_go(struct child *c)
{
	for (int i = 0; i < 5; i++) {
		struct world_mail mail;

		world_subscribe(c, "jo@example.org", "weekly", false);
		mail = world_take_mail(c, "confirm");
		assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
		mail = world_take_mail(c, "welcome");
		world_visit(c, (struct world_visit){
		    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe,
		    NULL, true, false });
	}
}

/* Budgets are for mail that nobody acts on, in this life and the next. */
static void
test_who_acts_may_come_back_at_once(void **state)
{
	assert_int_equal(world_live(*state, come_and_go), 0);
	assert_int_equal(world_live(*state, come_and_go), 0);
}

/* Ends the life when the post is on disk and before it was worked on. */
static void
post_and_die(struct child *c)
{
	struct engine *e = c->arg;

	world_queue(c, &op_accept, ROLE_WEB, world_simple_post(c));
	turn_run(e);
	assert_int_equal(e->stats.subscribes, 1);
	assert_ptr_equal(e->first->class, &op_work);
}

/* Else its answer waits for it, and takes as long as that. */
static void
answer_comes_first(struct child *c)
{
	struct engine *e = c->arg;

	assert_int_equal(wire_send(c->web, world_simple_post(c)), 0);
	while (e->stats.subscribes == 0)
		event_base_loop(c->base, EVLOOP_ONCE);
	assert_non_null(e->first);
	assert_ptr_equal(e->first->class, &op_work);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
	world_settle(c);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 1);
}

static void
test_the_answer_leaves_before_the_work(void **state)
{
	assert_int_equal(world_live(*state, answer_comes_first), 0);
}

static void
mail_comes(struct child *c)
{
	world_settle(c);
	world_take_mail(c, "confirm");
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=pending | subscribe mailed");
}

static void
test_what_was_answered_outlives_the_process(void **state)
{
	assert_int_equal(world_live(*state, post_and_die), 0);
	assert_int_equal(world_live(*state, mail_comes), 0);
}

/* Asks to be shown an address in the very turn that works on its request. */
static void
show_at_once(struct child *c)
{
	static char jo[] = "jo@example.org";
	struct engine *e = c->arg;
	struct ipc *admin = world_connect(c, ROLE_ADMIN);
	Message__Envelope question;
	Message__ShowQuery query;

	post_and_die(c);
	message__envelope__init(&question);
	message__show_query__init(&query);
	query.address = jo;
	question.body_case = MESSAGE__ENVELOPE__BODY_SHOW_QUERY;
	question.show_query = &query;
	world_queue(c, &op_show, ROLE_ADMIN, &question);
	turn_run(e);
	world_settle(c);
	assert_int_equal(c->reply->body_case,
	    MESSAGE__ENVELOPE__BODY_CONTACT);
	assert_true(c->reply->contact->found);
	assert_int_equal(c->reply->contact->n_events, 1);
	assert_string_equal(c->reply->contact->events[0]->consents[0],
	    c->lists[WORLD_DAILY].consent);
	ipc_free(admin);
	world_settle(c);
}

static void
test_what_another_changed_is_gathered_anew(void **state)
{
	assert_int_equal(world_live(*state, show_at_once), 0);
}

static void
hand_and_die(struct child *c)
{
	world_subscribe(c, "jo@example.org", "daily", false);
	assert_non_null(world_next_mail(c));
}

static void
test_a_claim_ends_with_the_process(void **state)
{
	assert_int_equal(world_live(*state, hand_and_die), 0);
	assert_int_equal(world_live(*state, mail_comes), 0);
}

/* As many posts as fit in a turn, each of which becomes many rows: two turns,
 * and those that settle the store. */
static void
post_a_thousand(struct child *c)
{
	struct engine *e = c->arg;
	Message__Envelope *question = world_simple_post(c);
	char address[32];
	int turns = 0;

	for (int i = 0; i < TURN_OPS_MAX; i++) {
		snprintf(address, sizeof(address), "jo%d@example.org", i);
		question->subscribe->address = address;
		question->subscribe->address_key = address;
		world_queue(c, &op_accept, ROLE_WEB, question);
	}
	turn_run(e);
	assert_int_equal(e->stats.subscribes, TURN_OPS_MAX);
	assert_int_equal(store_count(e->store, STORE_REQUEST), TURN_OPS_MAX);
	for (; e->first != NULL; turns++)
		turn_run(e);
	assert_in_range(turns, 2, 4);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), TURN_OPS_MAX);
	world_settle(c);
}

static void
test_a_turn_is_bounded(void **state)
{
	assert_int_equal(world_live(*state, post_a_thousand), 0);
}

static void
nothing(struct child *c)
{
	(void)c;
}

static void
test_another_secret_is_refused(void **state)
{
	struct child *c = *state;

	assert_int_equal(world_live(c, nothing), 0);
	close(c->secret_fd);
	c->secret_fd = world_make_secret(c, "another");
	assert_int_equal(world_live(c, nothing), 1);
	assert_false(c->ready);
}

static void
ignore_error(int error, void *arg)
{
	(void)arg;
	assert_int_equal(error, 0);
}

static void
test_a_newer_schema_is_refused(void **state)
{
	struct child *c = *state;
	struct store *store;
	struct turn turn = { .arena = arena_new() };
	Record__Schema schema;

	record__schema__init(&schema);
	schema.version = ENGINE_SCHEMA + 1;
	assert_int_equal(store_open(c->folder, 1 << 26, &store), 0);
	turn.store = store_turn_begin(store);
	rows_put(&turn, STORE_META, rows_key_meta("schema"), &schema.base);
	store_turn_commit(turn.store, ignore_error, NULL);
	store_close(store);
	arena_free(turn.arena);
	assert_int_equal(world_live(c, nothing), 1);
	assert_false(c->ready);
}

/* The mailer is gone, and the engine stopped, before the engine has read what
 * the mailer said last. */
static void
stop_with_a_result_unread(struct child *c)
{
	struct engine *e = c->arg;
	Message__Envelope envelope;
	Message__MailResult result;
	const Message__Mail *mail;

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_next_mail(c);
	assert_non_null(mail);
	message__envelope__init(&envelope);
	message__mail_result__init(&result);
	result.due = mail->due;
	result.sequence = mail->sequence;
	envelope.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RESULT;
	envelope.mail_result = &result;
	assert_int_equal(wire_send(c->mailer, &envelope), 0);
	c->callbacks->on_stop(c, c->arg);
	for (int i = 0; i < 40 && !c->ended; i++)
		event_base_loop(c->base, EVLOOP_NONBLOCK);
	assert_false(c->ended);
	ipc_free(c->mailer);
	ipc_free(c->web);
	c->mailer = c->web = NULL;
	while (!c->ended)
		event_base_loop(c->base, EVLOOP_ONCE);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
}

static void
test_what_was_said_last_is_heard(void **state)
{
	assert_int_equal(world_live(*state, stop_with_a_result_unread), 0);
}

static void
many_webs(struct child *c)
{
	enum { LAST_WEB = 255 };
	struct engine *e = c->arg;
	int fds[2];

	for (unsigned i = 1; i <= LAST_WEB; i++) {
		assert_int_equal(ipc_pair(fds), 0);
		c->callbacks->on_peer(c, ROLE_WEB, i, fds[0], c->arg);
		assert_non_null(engine_peer(e, ROLE_WEB, i));
		close(fds[1]);
	}
	world_settle(c);
}

static void
test_as_many_webs_as_may_be_configured(void **state)
{
	assert_int_equal(world_live(*state, many_webs), 0);
}

static void
test_stopping_hides_no_failure(void **state)
{
	struct child *c = *state;

	assert_int_equal(world_live(c, nothing), 0);
	close(c->secret_fd);
	c->secret_fd = world_make_secret(c, "another");
	c->stop_early = true;
	assert_int_equal(world_live(c, nothing), 1);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_budgets_outlive_the_process),
		LIFE(test_who_acts_may_come_back_at_once),
		LIFE(test_the_answer_leaves_before_the_work),
		LIFE(test_what_was_answered_outlives_the_process),
		LIFE(test_what_another_changed_is_gathered_anew),
		LIFE(test_a_turn_is_bounded),
		LIFE(test_a_claim_ends_with_the_process),
		LIFE(test_another_secret_is_refused),
		LIFE(test_a_newer_schema_is_refused),
		LIFE(test_as_many_webs_as_may_be_configured),
		LIFE(test_what_was_said_last_is_heard),
		LIFE(test_stopping_hides_no_failure),
	};

	signal(SIGPIPE, SIG_IGN);	/* as assentd does */
	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_start", tests, NULL, NULL);
}
