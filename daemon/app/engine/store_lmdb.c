/* SPDX-License-Identifier: ISC */
/*
 * The store's embedded engine, on io/kv: opening, and what turns and scans
 * read.
 */
#include "app/engine/store.h"

#include <sys/param.h>

#include <errno.h>
#include <stdlib.h>

#include "app/engine/store_compact.h"
#include "app/engine/store_frame.h"
#include "app/engine/store_private.h"
#include "base/buf.h"
#include "base/mem.h"
#include "io/journal.h"
#include "io/kv.h"
#include "io/kv_swap.h"

enum { RESERVE_MAX = 32 << 20 };

int
store_open_kv(const struct store *s, struct kv **ret_kv)
{
	return kv_open(s->folder, s->map_size, store_table_names,
	    STORE_ALL_TABLES, ret_kv);
}

int
store_open_copy(const struct store *s, struct kv **ret_kv)
{
	char *path = kv_swap_path(s->folder);
	int error = kv_open_alone(path, s->map_size, store_table_names,
	    STORE_ALL_TABLES, ret_kv);

	free(path);
	return error;
}

int
store_open(const char *folder, uint64_t map_size, struct store **ret_store)
{
	struct store *s = MEM_NEW(struct store);
	int error;

	s->folder = mem_strdup(folder);
	s->map_size = map_size;
	kv_swap_remove(folder);
	error = store_open_kv(s, &s->kv);
	if (error == 0)
		error = store_write_open(s);
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

void
store_close(struct store *s)
{
	if (s == NULL)
		return;
	store_compact_abort(s);
	if (s->open != NULL)
		kv_abort(s->open);
	kv_close(s->kv);
	journal_close(s->journal);
	free(s->folder);
	free(s);
}

const char *
store_strerror(int error)
{
	if (error == STORE_BEHIND)
		return "its last commit is missing, which the journal beside "
		    "it knows of: restore a backup; or move the journal away, "
		    "to go on without what was done last";
	if (error == -EBADMSG)
		return "its age or its journal is damaged: restore a backup";
	return kv_strerror(error);
}

void
store_usage(struct store *s, uint64_t *ret_used, uint64_t *ret_size)
{
	kv_usage(s->kv, ret_used, ret_size);
	*ret_used += s->bytes;
}

uint64_t
store_whole_reserve(const struct store *s)
{
	return MIN(s->map_size / 10, RESERVE_MAX);
}

uint64_t
store_reserve(struct store *s)
{
	return kv_reserve(s->kv, store_whole_reserve(s));
}

/* Of the reserve as of the map's last tenth: below 90 % it is untouched. */
bool
store_is_above(struct store *s, unsigned percent)
{
	uint64_t used, size, whole = store_whole_reserve(s);

	store_usage(s, &used, &size);
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
	} else if (store_unframe(row->table, row->key, framed,
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

	turn->forgets += table != STORE_META &&
	    (row->state == STORE_ROW_LOADED || state == STORE_ROW_DELETED);
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

size_t
store_turn_forgets(const struct store_turn *turn)
{
	return turn->forgets;
}

struct scan {
	const struct store_scan *what;
	size_t left;
};

static bool
on_scanned(struct slice key, struct slice framed, void *arg)
{
	struct scan *scan = arg;
	struct slice record = { NULL, 0 };
	enum store_found found = store_unframe(scan->what->table, key,
	    framed, &record);

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
	if (what->on_done != NULL)
		what->on_done(error, what->arg);
}
