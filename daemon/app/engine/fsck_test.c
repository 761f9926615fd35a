/* SPDX-License-Identifier: ISC */
/*
 * Databases that the engine made, and what can become of them: bits that flip
 * anywhere in the file, rows that are lost, and rows that are whole and say
 * something wrong.
 */
#include "app/engine/engine_world_full.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "app/engine/engine.h"
#include "app/engine/fsck_private.h"
#include "app/engine/store_sync.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/kv.h"

enum { FLIPS = 1000, FLIPS_LONG = 10000 };

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

/* ---- a database ---- */

struct seen {
	struct fsck_target target;
	struct fsck_totals totals;
	char first[160];	/* finding */
	const char *wanted;	/* NULL; or what one of them has to say */
	bool is_told;
};

static void
on_finding(const char *table, struct slice key, const char *what, void *arg)
{
	struct seen *seen = arg;
	struct buf hex = { 0 };

	bytes_add_hex(&hex, key.p, key.len);
	if (seen->first[0] == '\0')
		snprintf(seen->first, sizeof(seen->first), "%s %s %s", table,
		    buf_str(&hex), what);
	if (seen->wanted != NULL && strstr(what, seen->wanted) != NULL)
		seen->is_told = true;
	buf_fini(&hex);
}

/* Whether nothing was found, and it could be looked at. */
static bool
is_clean(struct seen *seen)
{
	struct buf error = { 0 };
	int ret;

	seen->first[0] = '\0';
	seen->is_told = false;
	ret = fsck_run(&seen->target, on_finding, seen, &seen->totals,
	    &error);
	if (ret < 0)
		snprintf(seen->first, sizeof(seen->first), "%.150s",
		    buf_str(&error));
	buf_fini(&error);
	return ret == 0 && seen->totals.findings == 0;
}

static void
assert_clean(struct seen *seen)
{
	if (!is_clean(seen))
		fail_msg("%s", seen->first);
}

static struct seen
make_database(struct child *c)
{
	struct seen seen = { .target = { .folder = c->folder, .lock = -1,
		.has_secret = true } };

	world_fill(c);
	assert_int_equal(secret_file_read(c->secret_fd,
	    &seen.target.secret), 0);
	/* No row is made with them. */
	token_keys_fini(&seen.target.secret.tokens);
	assert_clean(&seen);
	assert_true(seen.totals.rows > 10 * WORLD_PEOPLE);
	return seen;
}

static void
test_what_the_engine_made_is_clean(void **state)
{
	struct seen seen = make_database(*state);

	seen.target.has_secret = false;
	assert_clean(&seen);
}

static void
test_another_secret_is_told(void **state)
{
	struct seen seen = make_database(*state);

	seen.target.secret.index[7] ^= 1;
	assert_false(is_clean(&seen));
	assert_non_null(strstr(seen.first, "belongs to another secret"));
	assert_int_equal(seen.totals.findings, 0);
}

/* ---- bits ---- */

static bool
add_to_digest(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct buf *all = arg;

	buf_printf(all, "%d %zu %zu ", found, key.len, value.len);
	buf_add_slice(all, key);
	buf_add_slice(all, value);
	return true;
}

/* All rows, as they are read. */
static void
digest(const char *folder, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	struct store_read *store;
	struct buf all = { 0 };

	assert_int_equal(store_read_open(folder, &store), 0);
	for (int i = 0; i < STORE_TABLES; i++) {
		buf_printf(&all, "table %d ", i);
		store_read_scan(store, (enum store_table)i,
		    slice_of(NULL, 0), add_to_digest, &all);
	}
	assert_int_equal(store_read_error(store), 0);
	store_read_close(store);
	crypto_hash(buf_slice(&all), ret_hash);
	buf_fini(&all);
}

static void
flip(int fd, uint64_t bit)
{
	uint8_t byte;

	assert_int_equal(pread(fd, &byte, 1, (off_t)(bit / 8)), 1);
	byte ^= (uint8_t)(1U << bit % 8);
	assert_int_equal(pwrite(fd, &byte, 1, (off_t)(bit / 8)), 1);
}

static int
open_file(const char *folder)
{
	char *path = mem_printf("%s/data.mdb", folder);
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	free(path);
	return fd;
}

/* Found; or where nothing is, so that all is read as before. */
static void
test_each_flipped_bit_is_found_or_nowhere(void **state)
{
	struct seen seen = make_database(*state);
	int count = getenv("ASSENT_LONG") != NULL ? FLIPS_LONG : FLIPS;
	int fd = open_file(seen.target.folder), found = 0;
	uint64_t bits = (uint64_t)lseek(fd, 0, SEEK_END) * 8;
	uint64_t seed = world_seed();
	uint8_t before[CRYPTO_HASH_SIZE], after[CRYPTO_HASH_SIZE];

	digest(seen.target.folder, before);
	for (int i = 0; i < count; i++) {
		uint64_t bit = world_random(&seed) % bits;

		flip(fd, bit);
		if (is_clean(&seen)) {
			digest(seen.target.folder, after);
			if (memcmp(before, after, sizeof(after)) != 0)
				fail_msg("bit %" PRIu64, bit);
		} else {
			found++;
		}
		flip(fd, bit);
	}
	close(fd);
	print_message("%d flips, %d of them found\n", count, found);
	assert_true(found > count / 10);
	assert_clean(&seen);
}

/* ---- rows ---- */

/* One row of a table, and the store it is changed in. */
struct change {
	struct seen *seen;
	enum store_table table;
	size_t skip;			/* rows before it */
	char key[STORE_KEY_MAX];
	size_t key_len;
	char value[8192];
	size_t value_len;
	bool found;
};

static bool
take_row(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct change *change = arg;

	assert_int_equal(found, STORE_FOUND);
	if (change->skip-- > 0)
		return true;
	assert_in_range(value.len, 0, sizeof(change->value));
	memcpy(change->key, key.p, key.len);
	memcpy(change->value, value.p, value.len);
	change->key_len = key.len;
	change->value_len = value.len;
	change->found = true;
	return false;
}

/* The table's row of that number; false: there is none. */
static bool
find_row(struct seen *seen, enum store_table table, size_t number,
    struct change *ret_change)
{
	struct store_read *store;

	*ret_change = (struct change){ .seen = seen, .table = table,
		.skip = number };
	assert_int_equal(store_read_open(seen->target.folder, &store), 0);
	store_read_scan(store, table, slice_of(NULL, 0), take_row,
	    ret_change);
	store_read_close(store);
	return ret_change->found;
}

static void
on_written(int error, void *arg)
{
	(void)arg;
	assert_int_equal(error, 0);
}

/* As the engine writes rows: with a checksum that fits. */
static void
write_row(const struct change *change, struct slice key,
    const struct slice *value)
{
	struct store *store;
	struct store_turn *turn;

	assert_int_equal(store_open(change->seen->target.folder, 1 << 26,
	    &store), 0);
	turn = store_turn_begin(store);
	if (value != NULL)
		store_turn_put(turn, change->table, key, *value);
	else
		store_turn_delete(turn, change->table, key);
	store_turn_settle(turn, on_written, NULL);
	store_close(store);
}

static struct slice
key_of(const struct change *change)
{
	return slice_of(change->key, change->key_len);
}

static struct slice
value_of(const struct change *change)
{
	return slice_of(change->value, change->value_len);
}

/* Nothing says that there was a mail, a suppression or a proof. */
static const bool is_missed[STORE_TABLES] = { [STORE_META] = true,
	[STORE_REQUEST] = true, [STORE_CONTACT] = true,
	[STORE_ADDRESS] = true, [STORE_COOKIE] = true, [STORE_DUE] = true,
	[STORE_LEDGER] = true };

static void
test_a_lost_row_is_missed(void **state)
{
	struct seen seen = make_database(*state);
	struct change row;

	for (int i = 0; i < STORE_TABLES; i++) {
		for (size_t n = 0; n < 40 && is_missed[i] &&
		    find_row(&seen, (enum store_table)i, n, &row); n += 3) {
			struct slice value = value_of(&row);

			write_row(&row, key_of(&row), NULL);
			/* When it was last compacted is found out anew. */
			if (is_clean(&seen) &&
			    !slice_eq_str(key_of(&row), "compaction"))
				fail_msg("%s, row %zu",
				    store_table_names[i], n);
			write_row(&row, key_of(&row), &value);
		}
	}
	assert_clean(&seen);
}

/* ---- the last commit ---- */

/*
 * Whether the database is now another than it was, by a bit of the number that
 * a head gives its commit: neither has a checksum.  Then that is found.
 */
static bool
flips_back(struct seen *seen, uint64_t bit,
    const uint8_t before[CRYPTO_HASH_SIZE])
{
	uint8_t after[CRYPTO_HASH_SIZE];
	int fd = open_file(seen->target.folder);
	bool is_other;

	flip(fd, bit);
	digest(seen->target.folder, after);
	is_other = memcmp(before, after, sizeof(after)) != 0;
	if (is_clean(seen) && is_other)
		fail_msg("bit %" PRIu64, bit);
	flip(fd, bit);
	close(fd);
	return is_other;
}

/* It is as whole as that; the journal tells, where the heads' numbers may as
 * well be right.  Each of them is that of the last commit twice. */
static void
test_the_commit_before_the_last_is_told(void **state)
{
	enum { ROUNDS = 4, HEADS = 2, AT = 144, BITS = 8 };
	struct seen seen = make_database(*state);
	uint8_t before[CRYPTO_HASH_SIZE];
	struct change row;
	int told = 0;

	seen.wanted = "the last commit is missing";
	assert_true(find_row(&seen, STORE_SUPPRESSION, 0, &row));
	for (int round = 0; round < ROUNDS; round++) {
		struct slice value = value_of(&row);

		write_row(&row, key_of(&row), round % 2 == 0 ? NULL : &value);
		digest(seen.target.folder, before);
		for (uint64_t n = 0; n < HEADS * BITS; n++) {
			uint64_t at = n / BITS *
			    (uint64_t)sysconf(_SC_PAGESIZE) + AT;

			told += flips_back(&seen, 8 * at + n % BITS,
			    before) && seen.is_told;
		}
	}
	assert_int_equal(told, 4);
	assert_clean(&seen);
}

static void
test_a_row_too_many_is_told(void **state)
{
	static const enum store_table tables[] = { STORE_REQUEST,
		STORE_CONTACT, STORE_ADDRESS, STORE_COOKIE, STORE_LEDGER,
		STORE_TEXT };
	struct seen seen = make_database(*state);
	struct change row;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		char key[STORE_KEY_MAX];
		struct slice other, value;

		assert_true(find_row(&seen, tables[i], 1, &row));
		memcpy(key, row.key, row.key_len);
		key[1] = (char)(key[1] ^ 1);
		other = slice_of(key, row.key_len);
		value = value_of(&row);
		write_row(&row, other, &value);
		if (is_clean(&seen))
			fail_msg("%s", store_table_names[tables[i]]);
		write_row(&row, other, NULL);
	}
	assert_clean(&seen);
}

/* Each changes a record; false: not this one. */
static bool
raise_count(void *record)
{
	((Record__Lists *)record)->lists[0]->confirmed++;
	return true;
}

static bool
raise_waiting(void *record)
{
	((Record__Progress *)record)->waiting++;
	return true;
}

static bool
lower_next_contact(void *record)
{
	((Record__Progress *)record)->next_contact -= 2;
	return true;
}

static bool
lower_next_outbox(void *record)
{
	((Record__Progress *)record)->next_outbox--;
	return true;
}

static bool
raise_schema(void *record)
{
	((Record__Schema *)record)->version++;
	return true;
}

static bool
lose_salt(void *record)
{
	Record__Event *event = record;

	event->salt.len = 0;
	return !event->erased;
}

/* It loses what it has, and gets no leaf for that. */
static bool
erase_half(void *record)
{
	Record__Event *event = record;

	event->salt.len = 0;
	event->erased = true;
	return true;
}

static bool
keep_evidence(void *record)
{
	Record__Event *event = record;

	event->erased = true;
	return event->evidence != NULL;
}

static bool
name_no_text(void *record)
{
	Record__Event *event = record;

	if (event->erased || event->mail_text.len == 0)
		return false;
	event->mail_text.data[0] ^= 1;
	return true;
}

static bool
say_nothing(void *record)
{
	Record__Event *event = record;

	if (event->kind != RECORD__EVENT__KIND__SUBSCRIBE || event->erased)
		return false;
	event->wishes[0]->consent.len = 0;
	return true;
}

static bool
rename_contact(void *record)
{
	((Record__Contact *)record)->address[0] ^= 1;
	return true;
}

static bool
rename_list(void *record)
{
	((Record__Contact *)record)->subscriptions[0]->list += 7;
	return true;
}

static bool
keep_for_ever(void *record)
{
	Record__Contact *contact = record;
	bool ended = contact->ends_at != 0;

	contact->ends_at = 0;
	return ended;
}

static bool
end_too_soon(void *record)
{
	Record__Contact *contact = record;
	bool ended = contact->ends_at != 0;

	contact->ends_at = 1;
	return !ended;
}

static bool
redirect_mail(void *record)
{
	((Record__Outbox *)record)->address[0] ^= 1;
	return true;
}

static bool
reword(void *record)
{
	((Record__Text *)record)->content[0] ^= 1;
	return true;
}

static bool
make_new(void *record)
{
	((Record__Request *)record)->state = RECORD__REQUEST__STATE__NEW;
	return true;
}

static bool
postpone(void *record)
{
	Record__Suppression *s = record;

	if (s->until == 0)
		return false;
	s->until++;
	return true;
}

static const struct lie {
	enum store_table table;
	const char *key;	/* NULL: the first that can be changed */
	const ProtobufCMessageDescriptor *type;
	bool (*change)(void *record);
	const char *told;
} lies[] = {
	{ STORE_META, "lists", &record__lists__descriptor, raise_count,
	    "are there" },
	{ STORE_META, "progress", &record__progress__descriptor,
	    raise_waiting, "requests that wait: " },
	{ STORE_META, "progress", &record__progress__descriptor,
	    lower_next_contact, "would be given out again" },
	{ STORE_META, "progress", &record__progress__descriptor,
	    lower_next_outbox, "would be given out again" },
	{ STORE_LEDGER, NULL, &record__event__descriptor, lose_salt,
	    "has no salt" },
	{ STORE_LEDGER, NULL, &record__event__descriptor, erase_half,
	    "has no leaf hash" },
	{ STORE_LEDGER, NULL, &record__event__descriptor, keep_evidence,
	    "is erased, but not all of it" },
	{ STORE_LEDGER, NULL, &record__event__descriptor, name_no_text,
	    "names a text that is missing" },
	{ STORE_LEDGER, NULL, &record__event__descriptor, say_nothing,
	    "tells no consent text" },
	{ STORE_CONTACT, NULL, &record__contact__descriptor, rename_contact,
	    "is named by no address" },
	{ STORE_CONTACT, NULL, &record__contact__descriptor, rename_list,
	    "which is missing" },
	{ STORE_CONTACT, NULL, &record__contact__descriptor, keep_for_ever,
	    "though it is on no list" },
	{ STORE_CONTACT, NULL, &record__contact__descriptor, end_too_soon,
	    "though it is on a list" },
	{ STORE_OUTBOX, NULL, &record__outbox__descriptor, redirect_mail,
	    "another address" },
	{ STORE_TEXT, NULL, &record__text__descriptor, reword,
	    "another text" },
	{ STORE_REQUEST, NULL, &record__request__descriptor, make_new,
	    "never worked on" },
	{ STORE_SUPPRESSION, NULL, &record__suppression__descriptor,
	    postpone, "never ends" },
};

/* Changes the row's record, if it can, and writes it. */
static bool
lie_in(const struct lie *lie, const struct change *row)
{
	struct arena *memory = arena_new();
	ProtobufCAllocator allocator = rows_allocator(memory);
	void *record = protobuf_c_message_unpack(lie->type, &allocator,
	    row->value_len, (const uint8_t *)row->value);
	bool is_changed = (lie->key == NULL ||
	    slice_eq_str(key_of(row), lie->key)) && lie->change(record);

	if (is_changed) {
		size_t len = protobuf_c_message_get_packed_size(record);
		uint8_t *packed = arena_alloc(memory, len);
		struct slice value = slice_of(packed, len);

		protobuf_c_message_pack(record, packed);
		write_row(row, key_of(row), &value);
	}
	arena_free(memory);
	return is_changed;
}

static struct change
tell_lie(struct seen *seen, const struct lie *lie)
{
	struct change row;
	size_t n = 0;

	do
		assert_true(find_row(seen, lie->table, n++, &row));
	while (!lie_in(lie, &row));
	return row;
}

static void
test_a_row_that_says_something_wrong_is_told(void **state)
{
	struct seen seen = make_database(*state);

	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct change row = tell_lie(&seen, &lies[i]);
		struct slice value = value_of(&row);

		seen.wanted = lies[i].told;
		(void)is_clean(&seen);
		if (!seen.is_told)
			fail_msg("%s, but: %s", lies[i].told, seen.first);
		write_row(&row, key_of(&row), &value);
	}
	assert_clean(&seen);
}

static void
test_another_schema_is_not_looked_at(void **state)
{
	static const struct lie newer = { STORE_META, "schema",
		&record__schema__descriptor, raise_schema, NULL };
	struct seen seen = make_database(*state);

	(void)tell_lie(&seen, &newer);
	assert_false(is_clean(&seen));
	assert_non_null(strstr(seen.first, "has schema 2"));
}

/* Many rows at once: some are told, with a word that it isn't all. */
static void
test_rows_by_the_thousand_are_told(void **state)
{
	enum { CONTACTS = 2000 };
	struct seen seen = make_database(*state);
	struct store_turn *turn;
	struct store *store;
	struct change row;

	assert_true(find_row(&seen, STORE_CONTACT, 0, &row));
	assert_int_equal(store_open(seen.target.folder, 1 << 26, &store), 0);
	turn = store_turn_begin(store);
	for (uint64_t i = 0; i < CONTACTS; i++) {
		struct rows_key key = rows_key_id(1000 + i);

		store_turn_put(turn, STORE_CONTACT, rows_key_slice(&key),
		    value_of(&row));
	}
	store_turn_settle(turn, on_written, NULL);
	store_close(store);
	seen.wanted = "in more places";
	assert_false(is_clean(&seen));
	assert_true(seen.is_told);
	assert_in_range(seen.totals.findings, CONTACTS + 200,
	    3 * CONTACTS);
}

/* It says so itself, and nothing is told of the others for its sake. */
static void
test_damaged_numbers_are_one_finding(void **state)
{
	static const char *const keys[] = { "lists", "progress" };
	struct seen seen = make_database(*state);
	struct kv_txn *txn;
	struct kv *kv;

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(kv_open(seen.target.folder, 1 << 26,
		    store_table_names, STORE_TABLES, &kv), 0);
		txn = kv_begin(kv, true);
		kv_put(txn, STORE_META, slice_str(keys[i]),
		    slice_str("no frame"));
		assert_int_equal(kv_commit(txn), 0);
		kv_close(kv);
		assert_false(is_clean(&seen));
		assert_int_equal(seen.totals.findings, i + 1);
	}
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_what_the_engine_made_is_clean),
		LIFE(test_another_secret_is_told),
		LIFE(test_each_flipped_bit_is_found_or_nowhere),
		LIFE(test_a_lost_row_is_missed),
		LIFE(test_the_commit_before_the_last_is_told),
		LIFE(test_a_row_too_many_is_told),
		LIFE(test_a_row_that_says_something_wrong_is_told),
		LIFE(test_rows_by_the_thousand_are_told),
		LIFE(test_damaged_numbers_are_one_finding),
		LIFE(test_another_schema_is_not_looked_at),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("fsck", tests, NULL, NULL);
}
