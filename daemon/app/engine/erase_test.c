/* SPDX-License-Identifier: ISC */
/*
 * Whoever is erased is in no row any more; what was agreed can be proved for
 * a while all the same, by who knows the address.
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
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/ledger.h"

#define OUTCOME(name) MESSAGE__ACTED__OUTCOME__##name
#define JO "jo@example.org"
#define WEEK (7 * DAY)

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

/* ---- the log of events ---- */

struct leaves {
	size_t count, erased;
	uint8_t hash[32];	/* of all leaves, one after another */
};

static bool
on_event(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct leaves *leaves = arg;
	uint8_t both[64];
	Record__Event *event = record__event__unpack(NULL, value.len,
	    (const uint8_t *)value.p);

	(void)found;
	assert_non_null(event);
	memcpy(both, leaves->hash, 32);
	if (event->erased) {
		assert_int_equal(event->leaf_hash.len, 32);
		memcpy(both + 32, event->leaf_hash.data, 32);
	} else {
		assert_int_equal(event->leaf_hash.len, 0);
		ledger_leaf_hash(bytes_get_be((const uint8_t *)key.p,
		    key.len), event, both + 32);
	}
	crypto_hash(slice_of(both, 64), leaves->hash);
	leaves->count++;
	leaves->erased += event->erased ? 1 : 0;
	record__event__free_unpacked(event, NULL);
	return true;
}

static struct leaves
first_leaves(struct child *c, size_t limit)
{
	struct engine *e = c->arg;
	struct leaves leaves = { 0 };

	store_scan(e->store, &(struct store_scan){ .table = STORE_LEDGER,
	    .limit = limit, .on_row = on_event, .arg = &leaves });
	return leaves;
}

/* ---- lives ---- */

static struct world_mail
join(struct child *c, const char *address, const char *list)
{
	struct world_mail mail;

	world_subscribe(c, address, list, false);
	mail = world_take_mail(c, "confirm");
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	return mail;
}

static char agent[] = "Browser/7.1";

/* Confirmed weekly, its welcome queued; daily asked for; "already" queued. */
static struct world_mail
live_a_little(struct child *c)
{
	struct world_mail mail;

	c->agent = agent;
	mail = join(c, JO, "weekly");
	world_pass(DAY);
	world_subscribe(c, JO, "daily", false);
	world_subscribe(c, JO, "weekly", false);
	return mail;
}

static void
nothing_left(struct child *c)
{
	struct engine *e = c->arg;
	struct world_mail mail = live_a_little(c);
	struct leaves before, after;
	const Message__Acted *acted;

	assert_int_equal(store_count(e->store, STORE_OUTBOX), 3);
	assert_true(world_rows_with(c, JO) >= 5);
	assert_true(world_rows_with(c, "192.0.2.7") > 0);
	assert_true(world_rows_with(c, agent) > 0);
	before = first_leaves(c, SIZE_MAX);
	acted = world_erase(c, JO, true, false);
	assert_int_equal(acted->outcome, OUTCOME(DONE));
	assert_int_equal(acted->changed, 2);
	assert_int_equal(acted->proof_until, 0);
	assert_int_equal(world_rows_with(c, JO), 0);
	assert_int_equal(world_rows_with(c, "192.0.2.7"), 0);
	assert_int_equal(world_rows_with(c, agent), 0);
	world_pass(DAY);
	world_settle_due(c);
	for (int table = STORE_REQUEST; table <= STORE_OUTBOX; table++)
		assert_int_equal(store_count(e->store,
		    (enum store_table)table), 0);
	assert_string_equal(world_show(c, JO), "unknown");
	assert_int_equal(e->counts[0].confirmed, 0);
	assert_int_equal(e->progress.waiting, 0);
	assert_null(world_next_mail(c));
	/* The log of events is as long as ever, and as true. */
	after = first_leaves(c, before.count);
	assert_memory_equal(after.hash, before.hash, 32);
	assert_int_equal(after.erased, before.count);
	/* Links lead to nobody. */
	assert_int_equal(world_press_confirm(c, mail.confirm),
	    MESSAGE__VISITED__OUTCOME__EXPIRED);
	assert_int_equal(world_erase(c, JO, true, false)->outcome,
	    OUTCOME(NOT_FOUND));
	assert_int_equal(world_erase(c, "jo", true, false)->outcome,
	    OUTCOME(INVALID));
}

static void
test_nothing_is_left(void **state)
{
	assert_int_equal(world_live(*state, nothing_left), 0);
}

static void
sealed(struct child *c)
{
	const Message__Contact *contact;
	const Message__Acted *acted;

	c->config.retain.proof = 7 * 86400;
	live_a_little(c);
	acted = world_erase(c, JO, false, false);
	assert_int_equal(acted->proof_until, NOON + DAY + WEEK);
	assert_int_equal(world_rows_with(c, JO), 0);
	assert_int_equal(world_rows_with(c, "192.0.2.7"), 0);
	assert_int_equal(world_rows_with(c, agent), 0);
	contact = world_ask_show(c, JO);
	assert_true(contact->found);
	assert_int_equal(contact->proof_until, NOON + DAY + WEEK);
	assert_int_equal(contact->n_events, 0);
	contact = world_ask_proof(c, "JO@example.org");
	assert_int_equal(contact->n_events, 3);
	assert_string_equal(contact->address, JO);
	assert_string_equal(contact->events[2]->event, "confirm");
	assert_string_equal(contact->events[2]->consents[0],
	    c->lists[WORLD_WEEKLY].consent);
	assert_string_equal(contact->events[0]->evidence->ip, "192.0.2.7");
	assert_string_equal(contact->events[2]->evidence->user_agent, agent);
	assert_false(world_ask_proof(c, "jo2@example.org")->found);
	world_pass(WEEK - CLOCK_SECOND);
	world_settle_due(c);
	assert_true(world_ask_show(c, JO)->found);
	world_pass(CLOCK_SECOND);
	world_settle_due(c);
	assert_false(world_ask_show(c, JO)->found);
}

static void
test_a_proof_is_sealed_for_a_while(void **state)
{
	assert_int_equal(world_live(*state, sealed), 0);
}

static void
comes_back(struct child *c)
{
	c->config.retain.proof = 7 * 86400;
	join(c, JO, "daily");
	world_erase(c, JO, false, false);
	world_pass(DAY);
	join(c, JO, "daily");
	assert_string_equal(world_show(c, JO),
	    "daily=confirmed | subscribe mailed confirm");
	assert_int_equal(world_ask_proof(c, JO)->n_events, 6);
	world_erase(c, JO, false, false);
	assert_int_equal(world_ask_proof(c, JO)->n_events, 6);
	world_pass(WEEK - DAY);
	world_settle_due(c);
	/* The first one's time is over, the second one's isn't. */
	assert_int_equal(world_ask_proof(c, JO)->n_events, 6);
	assert_int_equal(world_erase(c, JO, true, false)->changed, 1);
	assert_false(world_ask_proof(c, JO)->found);
	world_pass(WEEK);
	world_settle_due(c);
}

static void
test_who_comes_back_begins_anew(void **state)
{
	assert_int_equal(world_live(*state, comes_back), 0);
}

static void
never_again(struct child *c)
{
	const Message__Contact *contact;

	join(c, JO, "daily");
	world_erase(c, JO, true, true);
	assert_int_equal(world_rows_with(c, JO), 0);
	contact = world_ask_show(c, JO);
	assert_int_equal(contact->n_suppressions, 1);
	assert_memory_equal(contact->suppressions[0],
	    "all lists: erase since ", 23);
	world_pass(400 * DAY);
	world_subscribe(c, JO, "daily", false);
	assert_null(world_next_mail(c));
	assert_int_equal(world_rows_with(c, JO), 0);
	/* Of somebody unknown, too. */
	assert_int_equal(world_erase(c, "al@example.org", false, true)
	    ->changed, 1);
	assert_int_equal(world_erase(c, "al@example.org", false, true)
	    ->outcome, OUTCOME(NOTHING));
}

static void
test_and_never_again(void **state)
{
	assert_int_equal(world_live(*state, never_again), 0);
}

static void
under_way(struct child *c)
{
	struct engine *e = c->arg;
	const Message__Mail *mail;
	uint64_t events;

	join(c, JO, "weekly");
	mail = world_next_mail(c);
	assert_non_null(mail);
	world_erase(c, JO, true, false);
	events = e->progress.next_event;
	world_tell_reply(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT,
	    "250 queued for " JO);
	assert_int_equal(e->progress.next_event, events);
	assert_int_equal(world_rows_with(c, JO), 0);
	assert_int_equal(store_count(e->store, STORE_OUTBOX), 0);
}

static void
test_a_mail_under_way_leaves_no_trace(void **state)
{
	assert_int_equal(world_live(*state, under_way), 0);
}

static void
long_life(struct child *c)
{
	enum { TIMES = 60 };	/* four events each */
	struct leaves leaves;

	for (int i = 0; i < TIMES; i++) {
		struct world_mail mail = join(c, JO, "daily");

		world_visit(c, (struct world_visit){
		    MESSAGE__VISIT__ACTION__UNSUBSCRIBE, mail.unsubscribe,
		    NULL, true, false });
		world_pass(CLOCK_SECOND);
	}
	world_erase(c, JO, true, false);
	world_pass(CLOCK_SECOND);
	world_settle_due(c);
	leaves = first_leaves(c, SIZE_MAX);
	assert_true(leaves.count >= 4 * TIMES);
	/* All but the erasing itself. */
	assert_int_equal(leaves.erased, leaves.count - 1);
	assert_int_equal(world_rows_with(c, "192.0.2.7"), 0);
}

static void
test_a_long_life_is_erased_to_its_beginning(void **state)
{
	assert_int_equal(world_live(*state, long_life), 0);
}

/* Far more than one turn erases, before it was confirmed or expired. */
static struct world_mail
send_again_and_again(struct child *c)
{
	struct world_mail mail;
	enum { TIMES = 300 };	/* two events each */
	Message__Envelope question;
	Message__Resend order;
	char address[] = JO;

	world_subscribe(c, JO, "daily", false);
	mail = world_take_mail(c, "confirm");
	message__envelope__init(&question);
	message__resend__init(&order);
	order.address = address;
	order.force = true;
	question.body_case = MESSAGE__ENVELOPE__BODY_RESEND;
	question.resend = &order;
	for (int i = 0; i < TIMES; i++) {
		assert_int_equal(world_ask_admin(c, &question,
		    MESSAGE__ENVELOPE__BODY_ACTED)->acted->changed, 1);
		mail = world_take_mail(c, "confirm");
	}
	return mail;
}

static void
assert_all_is_erased(struct child *c)
{
	struct leaves leaves;

	world_pass(CLOCK_SECOND);
	world_settle_due(c);
	leaves = first_leaves(c, SIZE_MAX);
	assert_true(leaves.count > 600);
	assert_int_equal(leaves.erased, leaves.count - 1);
	assert_int_equal(world_rows_with(c, "192.0.2.7"), 0);
}

static void
long_expired(struct child *c)
{
	(void)send_again_and_again(c);
	world_pass(30 * DAY);
	world_settle_due(c);
	assert_all_is_erased(c);
}

static void
test_a_long_request_expires_whole(void **state)
{
	assert_int_equal(world_live(*state, long_expired), 0);
}

static void
long_confirmed(struct child *c)
{
	world_press_confirm(c, send_again_and_again(c).confirm);
	world_erase(c, JO, true, false);
	assert_all_is_erased(c);
}

static void
test_a_long_request_is_erased_whole(void **state)
{
	assert_int_equal(world_live(*state, long_confirmed), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_nothing_is_left),
		LIFE(test_a_proof_is_sealed_for_a_while),
		LIFE(test_who_comes_back_begins_anew),
		LIFE(test_and_never_again),
		LIFE(test_a_mail_under_way_leaves_no_trace),
		LIFE(test_a_long_life_is_erased_to_its_beginning),
		LIFE(test_a_long_request_expires_whole),
		LIFE(test_a_long_request_is_erased_whole),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("erase", tests, NULL, NULL);
}
