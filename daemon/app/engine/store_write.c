/* SPDX-License-Identifier: ISC */
/*
 * How the embedded engine writes.  LMDB's commit costs two flushes, and pages
 * all over its file.  So turns are applied to a transaction that stays open,
 * and stand in the journal, which costs one flush of what they changed.  Many
 * of them together have the transaction committed; the journal's age in it,
 * which grows each time, ends what stands in the journal.
 */
#include <errno.h>
#include <stdlib.h>

#include "app/engine/store_age.h"
#include "app/engine/store_frame.h"
#include "app/engine/store_journal.h"
#include "app/engine/store_private.h"
#include "io/journal.h"
#include "io/kv.h"

/*
 * Changes in the open transaction: from when on it should be committed, and
 * what is kept without that.  The more there are, the less each costs, and the
 * longer nobody is served while they are committed.
 */
enum { SETTLE_AT = 2000, KEPT_MAX = 4000 };
/* Percent; a map that is full would take no more than one turn with it. */
enum { NEARLY_FULL = 85 };

/* Returns how many bytes were put. */
static size_t
write_rows(struct store *s, const struct store_rows *rows,
    struct buf *scratch)
{
	size_t bytes = 0;

	for (const struct store_row *row = rows->first; row != NULL;
	    row = row->next) {
		if (row->state == STORE_ROW_PUT) {
			store_frame(row->table, row->key, row->value,
			    scratch);
			kv_put(s->open, row->table, row->key,
			    buf_slice(scratch));
			bytes += row->key.len + row->value.len;
		} else if (row->state == STORE_ROW_DELETED) {
			kv_delete(s->open, row->table, row->key);
		} else {
			continue;
		}
		store_copy_note(s->copy, row->table, row->key);
	}
	return bytes;
}

static bool
add_to_journal(struct store *s, const struct store_turn *turn,
    struct buf *scratch)
{
	if (store_is_above(s, NEARLY_FULL))
		return false;
	buf_reset(scratch);
	store_journal_pack(&turn->rows, scratch);
	return journal_append(s->journal, buf_slice(scratch));
}

/* In the transaction, and in the journal if there is room for it. */
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

int
store_begin_journal(struct store *s)
{
	return s->journal != NULL ? journal_begin(s->journal, s->age) : 0;
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
	store_age_put(txn, s->age + 1);
	error = kv_commit(txn);
	if (error < 0)
		return error;
	s->age++;
	return store_begin_journal(s);
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

bool
store_wants_settling(const struct store *s)
{
	return s->changed >= SETTLE_AT;
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

static int
read_age(struct store *s)
{
	struct kv_txn *txn = kv_begin(s->kv, true);
	enum store_found found = store_age_get(txn, &s->age);

	if (found != STORE_MISSING) {
		kv_abort(txn);
		return found == STORE_FOUND ? 0 : -EBADMSG;
	}
	s->age = store_age_new();
	store_age_put(txn, s->age);
	return kv_commit(txn);
}

struct recovery {
	struct store *store;
	int error;
};

/* Its CRC was right, so that one that can't be read is no torn one: what was
 * promised may not be left out without a word. */
static void
take_in(struct slice record, void *arg)
{
	struct recovery *r = arg;
	struct store_rows rows;
	struct buf scratch = { 0 };

	store_rows_init(&rows);
	if (store_journal_unpack(record, &rows))
		(void)write_rows(r->store, &rows, &scratch);
	else
		r->error = -EBADMSG;
	r->store->recovered++;
	buf_fini(&scratch);
	store_rows_fini(&rows);
}

static int
recover(struct store *s)
{
	struct recovery r = { .store = s };
	int error;

	s->open = kv_begin(s->kv, true);
	error = journal_read(s->journal, s->age, take_in, &r);
	if (error == 0)
		error = r.error;
	if (error == 0 && s->recovered > 0)
		return settle(s);
	kv_abort(s->open);
	s->open = NULL;
	return error == 0 ? store_begin_journal(s) : error;
}

int
store_write_open(struct store *s)
{
	char *path = store_age_journal(s->folder);
	int error = read_age(s);

	if (error == 0 && store_age_is_behind(path, s->age))
		error = STORE_BEHIND;
	if (error == 0)
		error = journal_open(path, &s->journal);
	free(path);
	if (error != -ENOSPC && error != -EDQUOT)
		return error < 0 ? error : recover(s);
	/* A full disk must keep nobody from leaving. */
	s->journal_error = error;
	return 0;
}
