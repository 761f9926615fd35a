/* SPDX-License-Identifier: ISC */
/*
 * Rows whose bits have flipped: reported and left alone; nobody is mailed who
 * might not want it, and nothing is given out a second time.
 */
#include "app/engine/engine_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/engine/engine.h"
#include "app/engine/store.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/kv.h"

enum { VALUE_MAX = 4096 };

/* What a life hands to the next one of the same test. */
static struct world_mail kept;

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

struct flip {
	struct kv_txn *txn;
	const char *only;	/* key; NULL: all */
	size_t count;
};

/* The table is small enough to be changed while it is walked. */
static bool
flip_one(struct slice key, struct slice value, void *arg)
{
	struct flip *flip = arg;
	char copy[VALUE_MAX], name[64];

	if (flip->only != NULL && !slice_eq_str(key, flip->only))
		return true;
	assert_in_range(value.len, 1, sizeof(copy));
	assert_in_range(key.len, 1, sizeof(name));
	memcpy(name, key.p, key.len);
	memcpy(copy, value.p, value.len);
	copy[value.len - 1] = (char)(copy[value.len - 1] ^ 1);
	kv_put(flip->txn, 0, slice_of(name, key.len),
	    slice_of(copy, value.len));
	flip->count++;
	return true;
}

static void
damage(struct child *c, const char *table, const char *key)
{
	struct flip flip = { .only = key };
	struct kv *kv;

	assert_int_equal(kv_open(c->folder, c->config.map_size, &table, 1,
	    &kv), 0);
	flip.txn = kv_begin(kv, true);
	kv_scan(flip.txn, 0, slice_of(NULL, 0), flip_one, &flip);
	assert_int_equal(kv_commit(flip.txn), 0);
	kv_close(kv);
	assert_true(flip.count > 0);
}

static void
confirm_and_leave_a_link(struct child *c)
{
	world_subscribe(c, "jo@example.org", "weekly", false);
	kept = world_take_mail(c, "confirm");
	assert_int_equal(world_press_confirm(c, kept.confirm), DONE);
	kept = world_take_mail(c, "welcome");
}

static void
nothing(struct child *c)
{
	(void)c;
}

static void
test_no_start_without_meta(void **state)
{
	static const char *const keys[] = { "schema", "lists", "progress" };
	struct child *c = *state;

	assert_int_equal(world_live(c, confirm_and_leave_a_link), 0);
	for (size_t i = 0; i < 3; i++) {
		damage(c, "meta", keys[i]);
		assert_int_equal(world_live(c, nothing), 1);
		assert_false(c->ready);
		damage(c, "meta", keys[i]);	/* whole again */
		assert_int_equal(world_live(c, nothing), 0);
	}
}

/* The link of the contact works; nobody else is made of the address. */
static void
leave_and_come_back(struct child *c)
{
	struct engine *e = c->arg;
	uint64_t next_contact = e->progress.next_contact;

	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, kept.unsubscribe, NULL, true,
	    false })->outcome, DONE);
	assert_int_equal(e->counts[0].confirmed, 0);
	assert_int_equal(e->counts[0].unsubscribed, 1);
	world_subscribe(c, "jo@example.org", "daily", false);
	assert_null(world_next_mail(c));
	assert_int_equal(e->progress.next_contact, next_contact);
	assert_int_equal(store_count(e->store, STORE_REQUEST), 1);
}

static void
test_a_damaged_address_is_left_alone(void **state)
{
	struct child *c = *state;

	assert_int_equal(world_live(c, confirm_and_leave_a_link), 0);
	damage(c, "address", NULL);
	assert_int_equal(world_live(c, leave_and_come_back), 0);
	damage(c, "address", NULL);	/* whole again, as it was */
	assert_int_equal(world_live(c, nothing), 0);
}

static void
ask_again(struct child *c)
{
	struct engine *e = c->arg;
	uint64_t next_contact = e->progress.next_contact;

	world_subscribe(c, "jo@example.org", "daily", false);
	assert_null(world_next_mail(c));
	assert_int_equal(e->progress.next_contact, next_contact);
}

static void
test_a_damaged_contact_is_not_made_anew(void **state)
{
	struct child *c = *state;

	assert_int_equal(world_live(c, confirm_and_leave_a_link), 0);
	damage(c, "contact", NULL);
	assert_int_equal(world_live(c, ask_again), 0);
}

static void
say_not_me(struct child *c)
{
	world_subscribe(c, "jo@example.org", "daily", false);
	kept = world_take_mail(c, "confirm");
	world_visit(c, (struct world_visit){ MESSAGE__VISIT__ACTION__NOTME,
	    kept.notme, NULL, true, false });
	world_pass(DAY);
}

static void
test_a_damaged_suppression_holds(void **state)
{
	struct child *c = *state;

	assert_int_equal(world_live(c, say_not_me), 0);
	damage(c, "suppression", NULL);
	assert_int_equal(world_live(c, ask_again), 0);
}

static void
queue_one(struct child *c)
{
	world_subscribe(c, "jo@example.org", "daily", false);
}

static void
no_mail(struct child *c)
{
	assert_null(world_next_mail(c));
}

static void
test_a_damaged_mail_is_not_sent(void **state)
{
	static const char *const tables[] = { "outbox", "request" };
	struct child *c = *state;

	assert_int_equal(world_live(c, queue_one), 0);
	for (size_t i = 0; i < 2; i++) {
		damage(c, tables[i], NULL);
		assert_int_equal(world_live(c, no_mail), 0);
		damage(c, tables[i], NULL);
	}
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_no_start_without_meta),
		LIFE(test_a_damaged_address_is_left_alone),
		LIFE(test_a_damaged_contact_is_not_made_anew),
		LIFE(test_a_damaged_suppression_holds),
		LIFE(test_a_damaged_mail_is_not_sent),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_damage", tests, NULL,
	    NULL);
}
