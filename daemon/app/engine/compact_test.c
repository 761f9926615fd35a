/* SPDX-License-Identifier: ISC */
/*
 * When the engine has its database compacted, and what becomes of it when that
 * doesn't work out.
 */
#include "app/engine/compact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/engine/engine.h"
#include "app/engine/engine_world_admin.h"
#include "app/engine/engine_world_copy.h"
#include "app/engine/store.h"
#include "app/engine/turn.h"
#include "app/wire.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/ipc.h"

#define JO "jo@example.org"
#define HOUR (3600 * CLOCK_SECOND)
#define MINUTE (60 * CLOCK_SECOND)

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static int
setup(void **state)
{
	int error = world_setup(state);
	struct child *c = *state;

	c->config.compact = 86400;
	return error;
}

/* As if the clock were looked at. */
static void
pass(struct child *c, int64_t us)
{
	world_pass(us);
	world_settle_due(c);
}

static const Fact__Compaction *
last(const struct child *c)
{
	return compact_last(c->arg);
}

static bool
has_bytes(struct child *c, struct slice bytes)
{
	char *path = mem_printf("%s/data.mdb", c->folder), block[1 << 14];
	struct buf all = { 0 };
	FILE *file;
	bool found;
	size_t n;

	turn_settle(c->arg);
	world_settle(c);
	file = fopen(path, "rb");
	free(path);
	assert_non_null(file);
	while ((n = fread(block, 1, sizeof(block), file)) > 0)
		buf_add(&all, block, n);
	fclose(file);
	found = memmem(buf_str(&all), all.len, bytes.p, bytes.len) != NULL;
	buf_fini(&all);
	return found;
}

static bool
is_in_file(struct child *c, const char *text)
{
	return has_bytes(c, slice_str(text));
}

/* Then all that is erased goes at once, and nothing of it later. */
static void
limit_nothing(struct child *c)
{
	c->config.limits.per_address.count = 0;
	c->config.limits.interval = 0;
}

/* ---- by time ---- */

static void
on_time(struct child *c)
{
	pass(c, 3 * DAY);
	assert_false(world_copy_is_wanted(c));
	assert_int_equal(last(c)->since, 0);
	world_subscribe(c, JO, "daily", false);
	(void)world_take_mail(c, "confirm");
	(void)world_erase(c, JO, true, false);
	assert_int_equal(last(c)->since, world_now());
	assert_true(is_in_file(c, JO));
	pass(c, DAY - 1);
	assert_false(world_copy_is_wanted(c));
	pass(c, 1);
	assert_true(world_copy_is_wanted(c));
	assert_true(compact_is_on(c->arg));
	/* Done meanwhile, and deleted: not by this one. */
	pass(c, MINUTE);
	world_subscribe(c, "new@example.org", "daily", false);
	world_subscribe(c, "gone@example.org", "daily", false);
	world_settle(c);
	(void)world_erase(c, "gone@example.org", true, false);
	world_copy_ends(c, COPY_DONE);
	assert_false(compact_is_on(c->arg));
	assert_false(is_in_file(c, JO));
	assert_true(is_in_file(c, "new@example.org"));
	assert_int_equal(last(c)->since, world_now());
	assert_int_equal(last(c)->ended_at, world_now());
	assert_int_equal(last(c)->failed_at, 0);
	assert_true(last(c)->bytes_after > 0);
	pass(c, DAY);
	assert_true(world_copy_is_wanted(c));
	world_copy_ends(c, COPY_DONE);
	assert_false(is_in_file(c, "gone@example.org"));
	assert_int_equal(last(c)->since, 0);
}

/* What it writes down itself is nothing to be compacted for. */
static void
and_no_more(struct child *c)
{
	assert_int_equal(last(c)->since, 0);
	assert_true(last(c)->ended_at > NOON);
	world_settle(c);
	assert_false(world_copy_is_wanted(c));
	assert_int_equal(world_ask_show(c, "new@example.org")->found, true);
}

static void
test_on_time(void **state)
{
	struct child *c = *state;

	limit_nothing(c);
	assert_int_equal(world_live(c, on_time), 0);
	assert_int_equal(world_live(c, and_no_more), 0);
}

static void
never(struct child *c)
{
	world_subscribe(c, JO, "daily", false);
	world_settle(c);
	(void)world_erase(c, JO, true, false);
	pass(c, 300 * DAY);
	assert_false(world_copy_is_wanted(c));
	assert_true(last(c)->since != 0);
}

static void
test_switched_off(void **state)
{
	struct child *c = *state;

	c->config.compact = 0;
	assert_int_equal(world_live(c, never), 0);
}

static void
ends_early(struct child *c)
{
	world_subscribe(c, JO, "daily", false);
	world_settle(c);
	(void)world_erase(c, JO, true, false);
	pass(c, DAY);
	assert_true(world_copy_is_wanted(c));
	world_subscribe(c, "new@example.org", "daily", false);
	world_settle(c);
	c->callbacks->on_stop(c, c->arg);
	assert_false(compact_is_on(c->arg));
	c->copy_fd = 0;
}

static void
begins_anew(struct child *c)
{
	assert_true(world_ask_show(c, "new@example.org")->found);
	assert_true(is_in_file(c, JO));
	assert_true(world_copy_is_wanted(c));
	world_copy_ends(c, COPY_DONE);
	assert_false(is_in_file(c, JO));
	assert_true(world_ask_show(c, "new@example.org")->found);
}

static void
test_stopped_meanwhile(void **state)
{
	struct child *c = *state;

	assert_int_equal(world_live(c, ends_early), 0);
	assert_int_equal(world_live(c, begins_anew), 0);
}

static void
clock_is_put_back(struct child *c)
{
	world_pass(3650 * DAY);
	world_subscribe(c, JO, "daily", false);
	world_settle(c);
	(void)world_erase(c, JO, true, false);
	world_pass(-3650 * DAY);
	world_settle_due(c);
	assert_false(world_copy_is_wanted(c));
	pass(c, DAY);
	assert_true(world_copy_is_wanted(c));
	world_copy_ends(c, COPY_DONE);
}

static void
test_clock_is_put_back(void **state)
{
	struct child *c = *state;

	assert_int_equal(world_live(c, clock_is_put_back), 0);
}

/* ---- what was sealed ---- */

static bool
keep_row(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	(void)key;
	assert_int_equal(found, STORE_FOUND);
	buf_add_slice(arg, slice_sub(value, value.len - 16, value.len));
	return true;
}

/* The end of what was sealed: nobody can read it, and yet it goes. */
static void
sealed(struct child *c)
{
	struct engine *e = c->arg;
	struct buf end = { 0 };

	world_subscribe(c, JO, "daily", false);
	world_press_confirm(c, world_take_mail(c, "confirm").confirm);
	(void)world_erase(c, JO, false, false);
	store_scan(e->store, &(struct store_scan){ .table = STORE_PROOF,
	    .limit = 1, .on_row = keep_row, .arg = &end });
	assert_int_equal(end.len, 16);
	pass(c, DAY);
	world_copy_ends(c, COPY_DONE);
	assert_false(is_in_file(c, JO));
	assert_true(has_bytes(c, buf_slice(&end)));
	pass(c, 9 * DAY);
	assert_true(last(c)->since != 0);
	pass(c, DAY);
	world_copy_ends(c, COPY_DONE);
	assert_false(has_bytes(c, buf_slice(&end)));
	buf_fini(&end);
}

static void
test_sealed(void **state)
{
	struct child *c = *state;

	limit_nothing(c);
	c->config.retain.proof = 10 * 86400;
	assert_int_equal(world_live(c, sealed), 0);
}

/* ---- by order ---- */

/* Sent, and not answered yet. */
static struct ipc *
give_order(struct child *c)
{
	struct ipc *admin = world_connect(c, ROLE_ADMIN);
	Message__Envelope question;
	Message__Compact order;

	message__envelope__init(&question);
	message__compact__init(&order);
	question.body_case = MESSAGE__ENVELOPE__BODY_COMPACT;
	question.compact = &order;
	question.serial = ++c->serial;
	wire_free(c->reply);
	c->reply = NULL;
	assert_int_equal(wire_send(admin, &question), 0);
	world_settle(c);
	return admin;
}

static const Message__Compacted *
answer(const struct child *c)
{
	assert_non_null(c->reply);
	assert_int_equal(c->reply->body_case,
	    MESSAGE__ENVELOPE__BODY_COMPACTED);
	return c->reply->compacted;
}

static void
by_order(struct child *c)
{
	struct ipc *first = give_order(c), *second;
	uint64_t serial = c->serial;

	assert_true(world_copy_is_wanted(c));
	assert_null(c->reply);
	/* Who comes meanwhile may have erased something meanwhile. */
	second = give_order(c);
	assert_null(c->reply);
	world_copy_ends(c, COPY_DONE);
	assert_true(answer(c)->done);
	assert_int_equal(c->reply->serial, serial);
	assert_true(world_copy_is_wanted(c));
	world_copy_ends(c, COPY_DONE);
	assert_true(answer(c)->done);
	assert_int_equal(c->reply->serial, serial + 1);
	assert_false(world_copy_is_wanted(c));
	ipc_free(first);
	/* Who doesn't wait for the answer. */
	ipc_free(give_order(c));
	world_settle(c);
	world_copy_ends(c, COPY_DONE);
	ipc_free(second);
}

static void
test_by_order(void **state)
{
	struct child *c = *state;

	c->config.compact = 0;
	assert_int_equal(world_live(c, by_order), 0);
}

static void
is_busy(struct child *c)
{
	struct ipc *admin = give_order(c);

	world_copy_ends(c, COPY_BUSY);
	assert_null(c->reply);
	assert_false(world_copy_is_wanted(c));
	pass(c, MINUTE);
	assert_true(world_copy_is_wanted(c));
	world_copy_ends(c, COPY_BUSY);
	assert_false(world_copy_is_wanted(c));
	/* The other one ends. */
	c->callbacks->on_copied(c, COPY_DONE, false, c->arg);
	world_settle(c);
	assert_true(world_copy_is_wanted(c));
	world_copy_ends(c, COPY_DONE);
	assert_true(answer(c)->done);
	ipc_free(admin);
}

static void
test_busy(void **state)
{
	struct child *c = *state;

	assert_int_equal(world_live(c, is_busy), 0);
}

static void
fails(struct child *c)
{
	struct ipc *admin;
	int64_t since;

	world_subscribe(c, JO, "daily", false);
	world_settle(c);
	(void)world_erase(c, JO, true, false);
	since = last(c)->since;
	world_pass(MINUTE);
	admin = give_order(c);
	world_copy_ends(c, COPY_FAILED);
	assert_false(answer(c)->done);
	assert_string_equal(answer(c)->last->why,
	    "the copier failed: see the log");
	assert_int_equal(last(c)->failed_at, world_now());
	assert_int_equal(last(c)->since, since);
	assert_false(world_copy_is_wanted(c));
	/* A copy that is none. */
	ipc_free(admin);
	admin = give_order(c);
	assert_true(world_copy_is_wanted(c));
	c->callbacks->on_copied(c, COPY_DONE, true, c->arg);
	world_settle(c);
	assert_false(answer(c)->done);
	assert_true(answer(c)->last->why[0] != '\0');
	ipc_free(admin);
	c->copy_fd = 0;
	pass(c, DAY);
	assert_true(world_copy_is_wanted(c));
	world_copy_ends(c, COPY_FAILED);
	pass(c, 9 * MINUTE);
	assert_false(world_copy_is_wanted(c));
	pass(c, MINUTE);
	assert_true(world_copy_is_wanted(c));
	world_copy_ends(c, COPY_DONE);
	assert_int_equal(last(c)->failed_at, 0);
	assert_string_equal(last(c)->why, "");
	assert_false(is_in_file(c, JO));
}

static void
test_failure(void **state)
{
	struct child *c = *state;

	assert_int_equal(world_live(c, fails), 0);
}

static void
post_until_it_is_dropped(struct child *c)
{
	int posts = 0;

	while (world_copy_hangs_yet(c)) {
		assert_int_equal(world_subscribe(c, "jim@example.org",
		    "daily", false), ACCEPTED);
		turn_settle(c->arg);
		world_settle(c);
		assert_true(++posts < 5000);
	}
}

/* A copier that doesn't get on keeps what turns need from being used again. */
static void
turns_come_first(struct child *c)
{
	struct ipc *admin;

	world_subscribe(c, JO, "daily", false);
	admin = give_order(c);
	world_copy_hangs(c);
	post_until_it_is_dropped(c);
	assert_false(world_copy_is_wanted(c));
	world_copy_ends(c, COPY_FAILED);
	assert_false(answer(c)->done);
	assert_non_null(strstr(answer(c)->last->why, "not enough room"));
	assert_int_equal(world_subscribe(c, "jill@example.org", "daily",
	    false), ACCEPTED);
	ipc_free(admin);
	admin = give_order(c);
	world_copy_ends(c, COPY_DONE);
	assert_true(answer(c)->done);
	assert_true(world_ask_show(c, "jill@example.org")->found);
	ipc_free(admin);
}

static void
test_turns_come_first(void **state)
{
	struct child *c = *state;

	c->config.map_size = 16 << 20;
	assert_int_equal(world_live(c, turns_come_first), 0);
}

/* One for a backup, of which the engine hears nothing before its end. */
static void
before_a_backup(struct child *c)
{
	for (int i = 0; i < 2; i++) {
		world_subscribe(c, JO, "daily", false);
		turn_settle(c->arg);
		world_settle(c);
		world_copy_hangs(c);
		post_until_it_is_dropped(c);
		c->callbacks->on_copied(c, COPY_FAILED, false, c->arg);
		world_settle(c);
	}
}

static void
test_turns_come_before_a_backup(void **state)
{
	struct child *c = *state;

	c->config.map_size = 16 << 20;
	assert_int_equal(world_live(c, before_a_backup), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_prestate_setup_teardown(name, setup, \
    world_teardown, &judge)
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		TEST(test_on_time),
		TEST(test_switched_off),
		TEST(test_stopped_meanwhile),
		TEST(test_clock_is_put_back),
		TEST(test_sealed),
		TEST(test_by_order),
		TEST(test_busy),
		TEST(test_failure),
		TEST(test_turns_come_first),
		TEST(test_turns_come_before_a_backup),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("compact", tests, NULL, NULL);
}
