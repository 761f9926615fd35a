/* SPDX-License-Identifier: ISC */
/*
 * Many posts at once: the engine settles by itself, and nobody's answer waits
 * for that.
 */
#include "app/engine/engine_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <event2/event.h>

#include "app/engine/engine.h"
#include "app/engine/op_accept.h"
#include "app/engine/store_sync.h"
#include "base/log.h"
#include "io/ipc.h"

enum { POSTS = TURN_OPS_MAX };

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static struct {
	unsigned count;
	bool someone_waits;	/* for an answer that is made, or hasn't left */
} settled;

void __real_store_turn_settle(struct store_turn *, store_callback, void *);
void __wrap_store_turn_settle(struct store_turn *, store_callback, void *);

void
__wrap_store_turn_settle(struct store_turn *t, store_callback callback,
    void *arg)
{
	const struct turn *turn = arg;

	settled.count++;
	settled.someone_waits |= turn->ops != NULL || ipc_backlog(engine_peer(
	    turn->engine, ROLE_WEB, 0)->ipc) > 0;
	__real_store_turn_settle(t, callback, arg);
}

/* All in one turn. */
static void
queue_posts(struct child *c)
{
	Message__Envelope *question = world_simple_post(c);
	char address[32];

	question->subscribe->address = address;
	question->subscribe->address_key = address;
	for (int i = 0; i < POSTS; i++) {
		snprintf(address, sizeof(address), "p%d@example.org", i);
		question->serial = ++c->serial;
		world_queue(c, &op_accept, ROLE_WEB, question);
	}
}

/* Nothing here lasts as long as what is in the journal may stay there. */
static void
post_script(struct child *c)
{
	struct store *store = ((struct engine *)c->arg)->store;

	queue_posts(c);
	while (c->reply == NULL || c->reply->serial != c->serial)
		event_base_loop(c->base, EVLOOP_ONCE);
	assert_int_equal(c->reply->subscribed->outcome, ACCEPTED);
	world_settle(c);
	assert_int_equal(store_count(store, STORE_OUTBOX), POSTS);
	assert_true(settled.count > 0);
	assert_false(settled.someone_waits);
	assert_false(store_wants_settling(store));
}

static void
test_no_answer_waits(void **state)
{
	assert_int_equal(world_live(*state, post_script), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_no_answer_waits),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_settle", tests, NULL,
	    NULL);
}
