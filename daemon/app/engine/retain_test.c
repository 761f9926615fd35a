/* SPDX-License-Identifier: ISC */
/*
 * What is kept for how long, when nobody orders anything.
 */
#include "app/engine/engine_world_admin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/engine/engine.h"
#include "app/engine/store.h"
#include "base/clock.h"
#include "base/log.h"

#define JO "jo@example.org"
#define YEARS (1095 * DAY)

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static bool
is_known(struct child *c)
{
	world_settle_due(c);
	return world_ask_show(c, JO)->found;
}

/* ---- who never confirmed ---- */

static void
wait_long(struct child *c)
{
	c->config.mail.lifetime = 5 * 86400;
	c->lists[WORLD_DAILY].confirm_within = 14 * 86400;
	world_subscribe(c, JO, "daily", false);
}

static void
ends_after_a_fortnight(struct child *c)
{
	world_pass(NOON + 14 * DAY - CLOCK_SECOND - world_now());
	assert_true(is_known(c));
	world_pass(CLOCK_SECOND);
	assert_false(is_known(c));
}

static void
mailed_late(struct child *c)
{
	wait_long(c);
	world_tell_result(c, world_next_mail(c),
	    MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	world_pass(4 * DAY);
	world_take_mail(c, "confirm");
	ends_after_a_fortnight(c);
}

static void
test_who_was_mailed_late(void **state)
{
	assert_int_equal(world_live(*state, mailed_late), 0);
}

static void
never_mailed(struct child *c)
{
	wait_long(c);
	ends_after_a_fortnight(c);
}

static void
test_who_was_never_mailed(void **state)
{
	assert_int_equal(world_live(*state, never_mailed), 0);
}

/* ---- who has left ---- */

static struct world_mail
join(struct child *c, const char *list)
{
	struct world_mail mail;

	world_subscribe(c, JO, list, false);
	mail = world_take_mail(c, "confirm");
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	return mail;
}

static void
leave(struct child *c, const struct world_mail *mail)
{
	assert_int_equal(world_visit(c, (struct world_visit){
	    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail->unsubscribe, NULL,
	    true, false })->outcome, DONE);
}

static struct world_mail
join_and_leave(struct child *c)
{
	struct world_mail mail = join(c, "daily");

	leave(c, &mail);
	return mail;
}

/* How many events say where it was asked from. */
static size_t
told(struct child *c)
{
	return world_rows_with(c, "192.0.2.7");
}

static void
left(struct child *c)
{
	struct engine *e = c->arg;
	uint64_t ledger;

	join_and_leave(c);
	ledger = store_count(e->store, STORE_LEDGER);
	world_pass(YEARS - CLOCK_SECOND);
	assert_true(is_known(c));
	assert_string_equal(world_show(c, JO),
	    "daily=unsubscribed | subscribe mailed confirm unsubscribe");
	assert_int_equal(e->counts[WORLD_DAILY].unsubscribed, 1);
	world_pass(CLOCK_SECOND);
	assert_false(is_known(c));
	assert_int_equal(world_rows_with(c, JO), 0);
	assert_int_equal(told(c), 0);
	assert_int_equal(e->counts[WORLD_DAILY].unsubscribed, 0);
	for (int table = STORE_REQUEST; table <= STORE_OUTBOX; table++)
		assert_int_equal(store_count(e->store,
		    (enum store_table)table), 0);
	/* The log goes on, by the word that they were forgotten. */
	assert_int_equal(store_count(e->store, STORE_LEDGER), ledger + 1);
	assert_int_equal(store_count(e->store, STORE_PROOF), 0);
}

static void
test_who_left_is_forgotten_after_that_time(void **state)
{
	assert_int_equal(world_live(*state, left), 0);
}

static void
one_of_two(struct child *c)
{
	struct world_mail first = join(c, "daily"), second;

	world_pass(DAY);
	second = join(c, "weekly");
	leave(c, &first);
	world_pass(2 * YEARS);
	assert_true(is_known(c));
	leave(c, &second);
	world_pass(YEARS - CLOCK_SECOND);
	assert_true(is_known(c));
	world_pass(CLOCK_SECOND);
	assert_false(is_known(c));
}

static void
test_it_counts_from_the_last_list(void **state)
{
	assert_int_equal(world_live(*state, one_of_two), 0);
}

static void
back_again(struct child *c)
{
	struct world_mail mail;

	join_and_leave(c);
	world_pass(YEARS / 2);
	mail = join(c, "daily");
	world_pass(YEARS);
	assert_true(is_known(c));
	leave(c, &mail);
	world_pass(YEARS - CLOCK_SECOND);
	assert_true(is_known(c));
	assert_int_equal(told(c), 2);
	world_pass(CLOCK_SECOND);
	assert_false(is_known(c));
	assert_int_equal(told(c), 0);
}

static void
test_who_comes_back_stays(void **state)
{
	assert_int_equal(world_live(*state, back_again), 0);
}

static void
just_asked(struct child *c)
{
	struct world_mail mail;

	join_and_leave(c);
	world_pass(YEARS - DAY);
	world_subscribe(c, JO, "daily", false);
	mail = world_take_mail(c, "confirm");
	world_pass(DAY);
	world_settle_due(c);
	assert_string_equal(world_show(c, JO),
	    "daily=pending | subscribe mailed");
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	assert_string_equal(world_show(c, JO),
	    "daily=confirmed | subscribe mailed confirm");
}

static void
test_who_has_just_asked_begins_anew(void **state)
{
	assert_int_equal(world_live(*state, just_asked), 0);
}

/* By the administrator's hand, too; and what forbids mail forbids it still. */
static void
suppressed(struct child *c)
{
	join(c, "daily");
	world_suppress(c, JO, "complaint");
	world_pass(YEARS);
	world_settle_due(c);
	assert_int_equal(world_rows_with(c, JO), 0);
	assert_int_equal(world_ask_show(c, JO)->n_suppressions, 1);
	world_subscribe(c, JO, "daily", false);
	assert_null(world_next_mail(c));
}

static void
test_a_suppression_outlives_it(void **state)
{
	assert_int_equal(world_live(*state, suppressed), 0);
}

/* It was erased, or erased and sealed, before. */
static void
erased(struct child *c)
{
	struct engine *e = c->arg;

	join_and_leave(c);
	world_pass(DAY);
	world_erase(c, JO, true, false);
	world_pass(DAY);
	world_settle_due(c);
	assert_int_equal(store_count(e->store, STORE_DUE), 0);
	join_and_leave(c);
	world_pass(DAY);
	world_erase(c, JO, false, false);
	world_pass(YEARS - DAY);
	assert_true(is_known(c));
	world_pass(DAY);
	assert_false(is_known(c));
}

static void
test_erasing_goes_before(void **state)
{
	assert_int_equal(world_live(*state, erased), 0);
}

static void
leave_only(struct child *c)
{
	join_and_leave(c);
}

/* The clock has to show it for a day. */
static void
is_forgotten(struct child *c)
{
	assert_true(is_known(c));
	world_pass(DAY);
	assert_false(is_known(c));
}

static void
test_it_is_due_after_a_start(void **state)
{
	assert_int_equal(world_live(*state, leave_only), 0);
	world_pass(YEARS);
	assert_int_equal(world_live(*state, is_forgotten), 0);
}

/* ---- what it counted against ---- */

static bool
on_event(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	size_t *keys = arg;
	Record__Event *event = record__event__unpack(NULL, value.len,
	    (const uint8_t *)value.p);

	(void)found;
	(void)key;
	assert_non_null(event);
	*keys += event->budget_key != 0;
	record__event__free_unpacked(event, NULL);
	return true;
}

/* Events that tell what they count against. */
static size_t
budget_keys(struct child *c)
{
	struct engine *e = c->arg;
	size_t keys = 0;

	store_scan(e->store, &(struct store_scan){ .table = STORE_LEDGER,
	    .limit = SIZE_MAX, .on_row = on_event, .arg = &keys });
	return keys;
}

/* There are three mails a day, though what asked for them has ended. */
static void
use_up(struct child *c)
{
	c->lists[WORLD_DAILY].confirm_within = 3600;
	for (int i = 0; i < 3; i++) {
		world_subscribe(c, JO, "daily", false);
		world_take_mail(c, "confirm");
		world_pass(DAY / 12);
		world_settle_due(c);
	}
	assert_false(is_known(c));
	assert_int_equal(budget_keys(c), 6);
}

static void
is_used_up(struct child *c)
{
	world_subscribe(c, JO, "daily", false);
	assert_null(world_next_mail(c));
	/* Each goes a day after its event. */
	world_pass(DAY - DAY / 6);
	world_settle_due(c);
	assert_true(budget_keys(c) > 0);
	world_pass(DAY / 6);
	world_settle_due(c);
	assert_int_equal(budget_keys(c), 0);
}

static void
test_what_it_counted_against_is_forgotten(void **state)
{
	assert_int_equal(world_live(*state, use_up), 0);
	assert_int_equal(world_live(*state, is_used_up), 0);
}

static void
erase_a_long_life(struct child *c)
{
	struct engine *e = c->arg;

	for (int i = 0; i < 60; i++) {
		join_and_leave(c);
		world_pass(DAY / 12);
	}
	assert_true(budget_keys(c) > 60);
	world_erase(c, JO, true, false);
	world_settle_due(c);
	/* Those of the last day. */
	assert_in_range(budget_keys(c), 1, 2 * 3 * 12);
	world_pass(DAY);
	world_settle_due(c);
	assert_int_equal(budget_keys(c), 0);
	assert_int_equal(store_count(e->store, STORE_DUE), 0);
}

static void
test_of_a_long_life_too(void **state)
{
	assert_int_equal(world_live(*state, erase_a_long_life), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_who_was_mailed_late),
		LIFE(test_who_was_never_mailed),
		LIFE(test_who_left_is_forgotten_after_that_time),
		LIFE(test_it_counts_from_the_last_list),
		LIFE(test_who_comes_back_stays),
		LIFE(test_who_has_just_asked_begins_anew),
		LIFE(test_a_suppression_outlives_it),
		LIFE(test_erasing_goes_before),
		LIFE(test_it_is_due_after_a_start),
		LIFE(test_what_it_counted_against_is_forgotten),
		LIFE(test_of_a_long_life_too),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("retain", tests, NULL, NULL);
}
