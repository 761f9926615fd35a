/* SPDX-License-Identifier: ISC */
/*
 * Rows whose bits have flipped: reported and left alone; nobody is mailed who
 * might not want it, and nothing is given out a second time.
 */
#include "app/engine/engine_world_full.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/engine/engine.h"
#include "app/engine/store.h"
#include "app/engine/store_frame.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/kv.h"

enum { VALUE_MAX = 16384, LIVES = 30, LIVES_LONG = 400 };

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
take_confirmation(struct child *c)
{
	world_take_mail(c, "confirm");
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

/* Of lists whose text has changed since: a start can't write it anew. */
static void
test_no_confirmation_goes_without_the_text(void **state)
{
	static char newer[] = "I want it by email, each day.";
	struct child *c = *state;

	assert_int_equal(world_live(c, queue_one), 0);
	c->lists[WORLD_DAILY].consent = newer;
	c->lists[WORLD_WEEKLY].consent = newer;
	damage(c, "text", NULL);
	assert_int_equal(world_live(c, no_mail), 0);
	damage(c, "text", NULL);
	assert_int_equal(world_live(c, take_confirmation), 0);
}

/* ---- any bit of any row ---- */

/* Mails that a life sent: kind, address and texts, one a line. */
static struct buf sent;

static void
take_all_mails(struct child *c)
{
	const Message__Mail *mail;

	while ((mail = world_next_mail(c)) != NULL) {
		buf_printf(&sent, "%s %s %s", mail->kind, mail->list,
		    mail->address);
		for (size_t i = 0; i < mail->n_topics; i++)
			buf_printf(&sent, " %s", mail->topics[i]->consent);
		buf_add_char(&sent, '\n');
		world_tell_result(c, mail,
		    MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	}
}

/* What comes across as many rows as can be. */
static void
live_on(struct child *c)
{
	static const char *const names[] = { "denies", "never", "waits",
		"queued", "reader1", "reader4", "gone", "new" };
	char address[64];

	take_all_mails(c);
	world_pass(DAY);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		world_post_for(c, names[i], WORLD_DAILY);
		snprintf(address, sizeof(address), "%s@example.org",
		    names[i]);
		(void)world_ask_show(c, address);
	}
	take_all_mails(c);
	(void)world_ask_queue(c, MESSAGE__QUEUE_QUERY__ACTION__LIST, 0);
	(void)world_erase(c, "reader1@example.org", false, false);
	/* What is due ends: what waits, the denial, the proof. */
	world_pass(40 * DAY);
	world_settle_due(c);
	take_all_mails(c);
}

static bool
each_is_among(struct slice mails, const char *before)
{
	struct slice line;

	while (mails.len > 0 && slice_split(&mails, '\n', &line)) {
		char *whole = mem_printf("%.*s\n", SLICE_FMT(line));
		bool is_known = strstr(before, whole) != NULL;

		free(whole);
		if (!is_known)
			return false;
	}
	return true;
}

static void
read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "r");
	char part[65536];
	size_t n;

	assert_non_null(file);
	while ((n = fread(part, 1, sizeof(part), file)) > 0)
		buf_add(out, part, n);
	assert_int_equal(fclose(file), 0);
}

static void
write_file(const char *path, struct slice content)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(content.p, 1, content.len, file),
	    content.len);
	assert_int_equal(fclose(file), 0);
}

struct pick {
	uint64_t skip;		/* rows before it */
	struct buf key, value;
};

static bool
pick_row(struct slice key, struct slice value, void *arg)
{
	struct pick *pick = arg;

	if (pick->skip-- > 0)
		return true;
	buf_add_slice(&pick->key, key);
	buf_add_slice(&pick->value, value);
	return false;
}

/* One bit of one row's value: of a table first, so that none is rare. */
static void
damage_any(struct child *c, uint64_t random)
{
	unsigned table = (unsigned)(random % STORE_TABLES);
	struct pick pick = { .skip = 0 };
	struct kv_txn *txn;
	struct kv *kv;
	uint64_t count, bit;

	assert_int_equal(kv_open(c->folder, c->config.map_size,
	    store_table_names, STORE_TABLES, &kv), 0);
	txn = kv_begin(kv, true);
	count = kv_count(txn, table);
	assert_true(count > 0);
	pick.skip = (random >> 8) % count;
	kv_scan(txn, table, slice_of(NULL, 0), pick_row, &pick);
	bit = (random >> 24) % (pick.value.len * 8);
	pick.value.p[bit / 8] = (char)(pick.value.p[bit / 8] ^
	    (1 << bit % 8));
	kv_put(txn, table, buf_slice(&pick.key), buf_slice(&pick.value));
	assert_int_equal(kv_commit(txn), 0);
	kv_close(kv);
	buf_fini(&pick.key);
	buf_fini(&pick.value);
}

/*
 * Whatever row it is, the engine lives on, or says that it can't start; and
 * all mails are such as it sends when nothing is damaged.
 */
static void
test_nothing_is_mailed_that_was_not_before(void **state)
{
	struct child *c = *state;
	int count = getenv("ASSENT_LONG") != NULL ? LIVES_LONG : LIVES;
	uint64_t seed = world_seed();
	char *path = mem_printf("%s/data.mdb", c->folder);
	struct buf whole = { 0 }, before = { 0 };
	int64_t now;

	world_fill(c);
	now = world_now();
	read_file(path, &whole);
	assert_int_equal(world_live(c, live_on), 0);
	buf_add_slice(&before, buf_slice(&sent));
	assert_true(before.len > 0);
	for (int i = 0; i < count; i++) {
		write_file(path, buf_slice(&whole));
		buf_reset(&sent);
		world_pass(now - world_now());
		damage_any(c, world_random(&seed));
		assert_in_range(world_live(c, live_on), 0, 1);
		if (!each_is_among(buf_slice(&sent), buf_str(&before)))
			fail_msg("life %d sent\n%s", i, buf_str(&sent));
	}
	buf_fini(&whole);
	buf_fini(&before);
	buf_fini(&sent);
	free(path);
}

/* Its name in the list of tables: nobody is to believe that it is empty. */
static void
test_no_start_without_a_table(void **state)
{
	static const char name[] = "suppression";
	struct child *c = *state;
	char *path = mem_printf("%s/data.mdb", c->folder), *at;
	struct buf file = { 0 };

	assert_int_equal(world_live(c, nothing), 0);
	read_file(path, &file);
	assert_non_null(file.p);
	for (char *p = file.p; (at = memmem(p, (size_t)(file.p + file.len -
	    p), name, strlen(name))) != NULL; p = at + 1)
		*at = 't';
	write_file(path, buf_slice(&file));
	assert_int_equal(world_live(c, nothing), 1);
	assert_false(c->ready);
	buf_fini(&file);
	free(path);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_no_start_without_meta),
		LIFE(test_no_start_without_a_table),
		LIFE(test_a_damaged_address_is_left_alone),
		LIFE(test_a_damaged_contact_is_not_made_anew),
		LIFE(test_a_damaged_suppression_holds),
		LIFE(test_a_damaged_mail_is_not_sent),
		LIFE(test_no_confirmation_goes_without_the_text),
		LIFE(test_nothing_is_mailed_that_was_not_before),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_damage", tests, NULL,
	    NULL);
}
