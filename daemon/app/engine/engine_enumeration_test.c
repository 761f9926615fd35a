/* SPDX-License-Identifier: ISC */
/*
 * What a post has written before it is answered: the same rows of the same
 * sizes, whatever is known of the address.  The answer and its time can't tell
 * what nothing was done differently for.
 */
#include "app/engine/engine_world_held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "app/engine/store.h"
#include "base/clock.h"
#include "base/log.h"

#define SITE "https://www.example.org"

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

/* ---- what a turn wants, puts and deletes, in words ---- */

static struct {
	char text[512];
	size_t len;
	bool is_on;		/* until the first commit */
} trace;

static void
note(const char *what, enum store_table table, size_t key, size_t value)
{
	if (trace.is_on && trace.len < sizeof(trace.text))
		trace.len += (size_t)snprintf(trace.text + trace.len,
		    sizeof(trace.text) - trace.len, "%s %d %zu %zu; ", what,
		    table, key, value);
}

void __real_store_turn_want(struct store_turn *, enum store_table,
    struct slice);
void __real_store_turn_put(struct store_turn *, enum store_table,
    struct slice, struct slice);
void __real_store_turn_delete(struct store_turn *, enum store_table,
    struct slice);
void __real_store_turn_commit(struct store_turn *, store_callback, void *);
void __wrap_store_turn_want(struct store_turn *, enum store_table,
    struct slice);
void __wrap_store_turn_put(struct store_turn *, enum store_table,
    struct slice, struct slice);
void __wrap_store_turn_delete(struct store_turn *, enum store_table,
    struct slice);
void __wrap_store_turn_commit(struct store_turn *, store_callback, void *);

void
__wrap_store_turn_want(struct store_turn *t, enum store_table table,
    struct slice key)
{
	note("want", table, key.len, 0);
	__real_store_turn_want(t, table, key);
}

void
__wrap_store_turn_put(struct store_turn *t, enum store_table table,
    struct slice key, struct slice value)
{
	note("put", table, key.len, value.len);
	__real_store_turn_put(t, table, key, value);
}

void
__wrap_store_turn_delete(struct store_turn *t, enum store_table table,
    struct slice key)
{
	note("delete", table, key.len, 0);
	__real_store_turn_delete(t, table, key);
}

void
__wrap_store_turn_commit(struct store_turn *t, store_callback callback,
    void *arg)
{
	note("commit", 0, 0, 0);
	trace.is_on = false;
	__real_store_turn_commit(t, callback, arg);
}

/* ---- addresses of all kinds, each as long as the others ---- */

static struct world_mail
ask(struct child *c, const char *address)
{
	world_post_from(c, address, "192.0.2.7", SITE);
	return world_take_mail(c, "confirm");
}

static void
make_known(struct child *c)
{
	struct world_mail mail;

	(void)ask(c, "pend@ex.org");
	mail = ask(c, "conf@ex.org");
	world_press_confirm(c, mail.confirm);
	mail = ask(c, "left@ex.org");
	world_press_confirm(c, mail.confirm);
	world_visit(c, (struct world_visit){
	    .action = MESSAGE__VISIT__ACTION__UNSUBSCRIBE,
	    .token = mail.unsubscribe, .pressed = true });
	mail = ask(c, "notm@ex.org");
	world_visit(c, (struct world_visit){
	    .action = MESSAGE__VISIT__ACTION__NOTME, .token = mail.notme,
	    .pressed = true });
	world_post_from(c, "gone@ex.org", "192.0.2.7", SITE);
	world_tell_reply(c, world_next_mail(c),
	    MESSAGE__MAIL_RESULT__OUTCOME__REFUSED, "550 5.1.1 no such user");
	for (int i = 0; i < 5; i++) {
		world_post_from(c, "over@ex.org", "192.0.2.7", SITE);
		world_pass(700 * CLOCK_SECOND);
		(void)world_all_mail(c);
	}
}

static void
trace_post(struct child *c, const char *address, bool manage,
    char ret_text[512])
{
	Message__Envelope *question = world_simple_post(c);
	char text[32];

	snprintf(text, sizeof(text), "%s", address);
	question->subscribe->address = text;
	question->subscribe->address_key = text;
	question->subscribe->manage = manage;
	if (manage)
		question->subscribe->n_lists = 0;
	trace.len = 0;
	trace.is_on = true;
	assert_int_equal(world_post(c, question), ACCEPTED);
	assert_false(trace.is_on);
	snprintf(ret_text, 512, "%s", trace.text);
}

static void
the_same_for_all(struct child *c)
{
	static const char *const known[] = { "pend@ex.org", "conf@ex.org",
		"left@ex.org", "notm@ex.org", "gone@ex.org", "over@ex.org" };
	char one[512], other[512], word[16];

	make_known(c);
	for (int manage = 0; manage < 2; manage++) {
		trace_post(c, manage ? "newb@ex.org" : "newa@ex.org", manage,
		    one);
		snprintf(word, sizeof(word), "put %d ", STORE_REQUEST);
		assert_memory_equal(one, word, strlen(word));
		assert_int_equal(strcspn(one, ";") + 2,
		    strlen(one) - strlen("commit 0 0 0; "));
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			trace_post(c, known[i], manage, other);
			assert_string_equal(one, other);
		}
	}
}

static void
test_a_post_writes_one_row_for_whomever(void **state)
{
	assert_int_equal(world_live(*state, the_same_for_all), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_a_post_writes_one_row_for_whomever),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_enumeration", tests, NULL,
	    NULL);
}
