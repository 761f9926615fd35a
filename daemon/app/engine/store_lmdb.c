/* SPDX-License-Identifier: ISC */
/*
 * The store's embedded engine, on io/kv.  A value is framed as a format byte,
 * a CRC over table, key and record, and the record.
 *
 * LMDB's commit costs two flushes and writes pages all over its file.  So small
 * turns are applied to a transaction that stays open, and stand in the journal,
 * which costs one flush of what they changed.  A large turn, or many small
 * ones, commit the transaction; the journal's age in it, which grows with each,
 * ends what stands in the journal.
 */
#include "app/engine/store.h"

#include <sys/param.h>

#include <errno.h>
#include <stdlib.h>

#include "app/engine/store_journal.h"
#include "app/engine/store_rows.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/crc.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "io/journal.h"
#include "io/kv.h"

enum { FRAME_FORMAT = 1, FRAME_SIZE = 5, RESERVE_MAX = 32 << 20 };
/*
 * Changes in the open transaction: what the journal takes, and what is kept
 * without it.  LMDB slows down with its transaction.
 */
enum { JOURNAL_MAX = 256, KEPT_MAX = 4000 };
/* Where a map that is full would take no more than one turn with it. */
enum { NEARLY_FULL = 85 };
/* Behind the others: the journal's age. */
enum { TABLE_AGE = STORE_TABLES, TABLES };

static const char *const table_names[] = {
	[STORE_META] = "meta",
	[STORE_REQUEST] = "request",
	[STORE_CONTACT] = "contact",
	[STORE_ADDRESS] = "address",
	[STORE_COOKIE] = "cookie",
	[STORE_DUE] = "due",
	[STORE_OUTBOX] = "outbox",
	[STORE_LEDGER] = "ledger",
	[STORE_TEXT] = "text",
	[STORE_SUPPRESSION] = "suppression",
	[STORE_PROOF] = "proof",
	[TABLE_AGE] = "journal",
};
_Static_assert(sizeof(table_names) / sizeof(table_names[0]) == TABLES,
    "each table has a name");

struct store {
	struct kv *kv;
	struct kv_txn *open;	/* NULL: nothing but what LMDB has on disk */
	size_t changed, bytes;	/* in it */
	bool journaled;		/* all of that is in the journal */
	struct journal *journal;	/* NULL: there is no room for one */
	int journal_error;
	uint64_t age;
	size_t recovered;
};

struct store_turn {
	struct store *store;
	struct store_rows rows;
	size_t wanted;		/* not loaded yet */
	size_t changed;
	struct buf frame;
};

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	if (s->open != NULL)
		kv_abort(s->open);
	kv_close(s->kv);
	journal_close(s->journal);
	free(s);
}

const char *
store_strerror(int error)
{
	return kv_strerror(error);
}

void
store_usage(struct store *s, uint64_t *ret_used, uint64_t *ret_size)
{
	kv_usage(s->kv, ret_used, ret_size);
	*ret_used += s->bytes;
}

static uint64_t
whole_reserve(uint64_t map_size)
{
	return MIN(map_size / 10, RESERVE_MAX);
}

uint64_t
store_reserve(struct store *s)
{
	uint64_t used, size;

	kv_usage(s->kv, &used, &size);
	return kv_reserve(s->kv, whole_reserve(size));
}

/* Of the reserve as of the map's last tenth: below 90 % it is untouched. */
bool
store_is_above(struct store *s, unsigned percent)
{
	uint64_t used, size, whole;

	store_usage(s, &used, &size);
	whole = whole_reserve(size);
	return used > size / 100 * percent || kv_reserve(s->kv, whole) <
	    MIN(whole, whole / 10 * (100 - percent));
}

/* What is kept is seen there alone, and a thread has one transaction. */
static struct kv_txn *
begin_reading(struct store *s)
{
	return s->open != NULL ? s->open : kv_begin(s->kv, false);
}

static int
end_reading(struct store *s, struct kv_txn *txn)
{
	int error = kv_txn_error(txn);

	if (txn != s->open)
		kv_abort(txn);
	return error;
}

uint64_t
store_count(struct store *s, enum store_table table)
{
	struct kv_txn *txn = begin_reading(s);
	uint64_t count = kv_count(txn, table);

	(void)end_reading(s, txn);
	return count;
}

void
store_tidy(struct store *s)
{
	kv_check_readers(s->kv);
}

static uint32_t
frame_crc(enum store_table table, struct slice key, struct slice record,
    struct buf *scratch)
{
	buf_reset(scratch);
	buf_add_char(scratch, (char)table);
	buf_add_slice(scratch, key);
	buf_add_slice(scratch, record);
	return crc_of(buf_slice(scratch));
}

static enum store_found
unframe(enum store_table table, struct slice key, struct slice framed,
    struct buf *scratch, struct slice *ret_record)
{
	struct slice record = slice_sub(framed, FRAME_SIZE, framed.len);

	if (framed.len < FRAME_SIZE || framed.p[0] != FRAME_FORMAT ||
	    bytes_get_be((const uint8_t *)framed.p + 1, 4) !=
	    frame_crc(table, key, record, scratch))
		return STORE_DAMAGED;
	*ret_record = record;
	return STORE_FOUND;
}

static void
put_framed(struct kv_txn *txn, const struct store_row *row,
    struct buf *scratch)
{
	uint8_t head[FRAME_SIZE] = { FRAME_FORMAT };

	bytes_put_be(head + 1, 4,
	    frame_crc(row->table, row->key, row->value, scratch));
	buf_reset(scratch);
	buf_add(scratch, head, sizeof(head));
	buf_add_slice(scratch, row->value);
	kv_put(txn, row->table, row->key, buf_slice(scratch));
}

struct store_turn *
store_turn_begin(struct store *s)
{
	struct store_turn *turn = MEM_NEW(struct store_turn);

	turn->store = s;
	store_rows_init(&turn->rows);
	return turn;
}

void
store_turn_abort(struct store_turn *turn)
{
	store_rows_fini(&turn->rows);
	buf_fini(&turn->frame);
	free(turn);
}

void
store_turn_want(struct store_turn *turn, enum store_table table,
    struct slice key)
{
	size_t before = turn->rows.count;

	store_rows_need(&turn->rows, table, key);
	turn->wanted += turn->rows.count - before;
}

bool
store_turn_wants(const struct store_turn *turn)
{
	return turn->wanted > 0;
}

static void
load_row(struct store_turn *turn, struct kv_txn *txn, struct store_row *row)
{
	struct slice framed, record;

	if (!kv_get(txn, row->table, row->key, &framed)) {
		row->state = STORE_ROW_ABSENT;
	} else if (unframe(row->table, row->key, framed, &turn->frame,
	    &record) == STORE_DAMAGED) {
		row->state = STORE_ROW_DAMAGED;
	} else {
		row->state = STORE_ROW_LOADED;
		row->value = arena_copy(turn->rows.arena, record);
	}
}

void
store_turn_load(struct store_turn *turn, store_callback on_loaded, void *arg)
{
	struct kv_txn *txn = begin_reading(turn->store);

	for (struct store_row *row = turn->rows.first; row != NULL;
	    row = row->next) {
		if (row->state == STORE_ROW_WANTED)
			load_row(turn, txn, row);
	}
	turn->wanted = 0;
	on_loaded(end_reading(turn->store, txn), arg);
}

enum store_found
store_turn_get(struct store_turn *turn, enum store_table table,
    struct slice key, struct slice *ret_value)
{
	const struct store_row *row = store_rows_find(&turn->rows, table,
	    key);

	if (row == NULL)
		return STORE_NOT_LOADED;
	switch (row->state) {
	case STORE_ROW_LOADED:
	case STORE_ROW_PUT:
		*ret_value = row->value;
		return STORE_FOUND;
	case STORE_ROW_DAMAGED:
		return STORE_DAMAGED;
	case STORE_ROW_WANTED:
		return STORE_NOT_LOADED;
	case STORE_ROW_ABSENT:
	case STORE_ROW_DELETED:
		break;
	}
	return STORE_MISSING;
}

static void
change(struct store_turn *turn, enum store_table table, struct slice key,
    enum store_row_state state, struct slice value)
{
	struct store_row *row = store_rows_need(&turn->rows, table, key);

	row->state = state;
	row->value = arena_copy(turn->rows.arena, value);
	turn->changed++;
}

void
store_turn_put(struct store_turn *turn, enum store_table table,
    struct slice key, struct slice value)
{
	change(turn, table, key, STORE_ROW_PUT, value);
}

void
store_turn_delete(struct store_turn *turn, enum store_table table,
    struct slice key)
{
	change(turn, table, key, STORE_ROW_DELETED, slice_of(NULL, 0));
}

size_t
store_turn_changes(const struct store_turn *turn)
{
	return turn->changed;
}

/* Returns how many bytes were put. */
static size_t
write_rows(struct store *s, const struct store_rows *rows,
    struct buf *scratch)
{
	size_t bytes = 0;

	for (const struct store_row *row = rows->first; row != NULL;
	    row = row->next) {
		if (row->state == STORE_ROW_PUT) {
			put_framed(s->open, row, scratch);
			bytes += row->key.len + row->value.len;
		} else if (row->state == STORE_ROW_DELETED) {
			kv_delete(s->open, row->table, row->key);
		}
	}
	return bytes;
}

static bool
add_to_journal(struct store *s, const struct store_turn *turn,
    struct buf *scratch)
{
	if (s->changed > JOURNAL_MAX || store_is_above(s, NEARLY_FULL))
		return false;
	buf_reset(scratch);
	store_journal_pack(&turn->rows, scratch);
	return journal_append(s->journal, buf_slice(scratch));
}

/* In the transaction, and in the journal unless it is too much for that. */
static void
apply(struct store_turn *turn)
{
	struct store *s = turn->store;

	if (turn->changed == 0)
		return;
	if (s->open == NULL) {
		s->open = kv_begin(s->kv, true);
		s->journaled = s->journal != NULL;
	}
	s->bytes += write_rows(s, &turn->rows, &turn->frame);
	s->changed += turn->changed;
	s->journaled = s->journaled && add_to_journal(s, turn, &turn->frame);
}

static void
put_age(struct kv_txn *txn, uint64_t age)
{
	uint8_t bytes[8];

	bytes_put_be(bytes, sizeof(bytes), age);
	kv_put(txn, TABLE_AGE, slice_str("age"),
	    slice_of(bytes, sizeof(bytes)));
}

/* From here on the journal begins anew. */
static int
settle(struct store *s)
{
	struct kv_txn *txn = s->open;
	int error;

	if (txn == NULL)
		return 0;
	s->open = NULL;
	s->changed = s->bytes = 0;
	put_age(txn, s->age + 1);
	error = kv_commit(txn);
	if (error < 0)
		return error;
	s->age++;
	return s->journal != NULL ? journal_begin(s->journal, s->age) : 0;
}

void
store_turn_settle(struct store_turn *turn, store_callback on_settled,
    void *arg)
{
	struct store *s = turn->store;

	apply(turn);
	store_turn_abort(turn);
	on_settled(settle(s), arg);
}

bool
store_is_settled(const struct store *s)
{
	return s->open == NULL;
}

/* A transaction that failed can't be added to, nor be relied on. */
static bool
has_failed(const struct store *s)
{
	return s->open != NULL && kv_txn_error(s->open) < 0;
}

void
store_turn_commit(struct store_turn *turn, store_callback on_committed,
    void *arg)
{
	struct store *s = turn->store;

	apply(turn);
	store_turn_abort(turn);
	on_committed(s->open != NULL && s->journaled && !has_failed(s) ?
	    journal_sync(s->journal) : settle(s), arg);
}

void
store_turn_keep(struct store_turn *turn, store_callback on_kept, void *arg)
{
	struct store *s = turn->store;

	apply(turn);
	store_turn_abort(turn);
	on_kept(s->changed >= KEPT_MAX || has_failed(s) ||
	    store_is_above(s, NEARLY_FULL) ? settle(s) : 0, arg);
}

bool
store_keeps(const struct store *s)
{
	return s->open != NULL &&
	    !(s->journaled && journal_is_synced(s->journal));
}

struct scan {
	const struct store_scan *what;
	size_t left;
	struct buf scratch;
};

static bool
on_scanned(struct slice key, struct slice framed, void *arg)
{
	struct scan *scan = arg;
	struct slice record = { NULL, 0 };
	enum store_found found = unframe(scan->what->table, key, framed,
	    &scan->scratch, &record);

	return scan->what->on_row(found, key, record, scan->what->arg) &&
	    --scan->left > 0;
}

void
store_scan(struct store *s, const struct store_scan *what)
{
	struct kv_txn *txn = begin_reading(s);
	struct scan scan = { .what = what, .left = what->limit };
	int error;

	if (what->limit > 0)
		kv_scan(txn, what->table, what->from, on_scanned, &scan);
	error = end_reading(s, txn);
	buf_fini(&scan.scratch);
	if (what->on_done != NULL)
		what->on_done(error, what->arg);
}

/* ---- opening ---- */

/*
 * A database that has no age yet gets any: a journal may lie there that belonged
 * to another one.
 */
static int
read_age(struct store *s)
{
	struct kv_txn *txn = kv_begin(s->kv, true);
	struct slice value;

	if (kv_get(txn, TABLE_AGE, slice_str("age"), &value) &&
	    value.len == 8) {
		s->age = bytes_get_be((const uint8_t *)value.p, 8);
		kv_abort(txn);
		return 0;
	}
	crypto_random(&s->age, sizeof(s->age));
	put_age(txn, s->age);
	return kv_commit(txn);
}

static void
take_in(struct slice record, void *arg)
{
	struct store *s = arg;
	struct store_rows rows;
	struct buf scratch = { 0 };

	store_rows_init(&rows);
	if (store_journal_unpack(record, &rows)) {
		(void)write_rows(s, &rows, &scratch);
		s->recovered++;
	}
	buf_fini(&scratch);
	store_rows_fini(&rows);
}

static int
recover(struct store *s)
{
	int error;

	s->open = kv_begin(s->kv, true);
	error = journal_read(s->journal, s->age, take_in, s);
	if (error == 0 && s->recovered > 0)
		return settle(s);
	kv_abort(s->open);
	s->open = NULL;
	return error == 0 ? journal_begin(s->journal, s->age) : error;
}

static int
open_journal(struct store *s, const char *folder)
{
	char *path = mem_printf("%s/journal", folder);
	int error = journal_open(path, &s->journal);

	free(path);
	if (error != -ENOSPC && error != -EDQUOT)
		return error < 0 ? error : recover(s);
	/* A full disk must keep nobody from leaving. */
	s->journal_error = error;
	return 0;
}

int
store_open(const char *folder, uint64_t map_size, struct store **ret_store)
{
	struct store *s = MEM_NEW(struct store);
	int error = kv_open(folder, map_size, table_names, TABLES, &s->kv);

	if (error == 0)
		error = read_age(s);
	if (error == 0)
		error = open_journal(s, folder);
	if (error < 0) {
		store_close(s);
		return error;
	}
	(void)store_reserve(s);
	*ret_store = s;
	return 0;
}

int
store_journal_error(const struct store *s)
{
	return s->journal_error;
}

size_t
store_recovered(const struct store *s)
{
	return s->recovered;
}
