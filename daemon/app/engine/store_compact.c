/* SPDX-License-Identifier: ISC */
/*
 * The other file is opened when it is filled, and stays open until it is the
 * store's own or given up.
 */
#include "app/engine/store_compact.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/engine/store_age.h"
#include "app/engine/store_private.h"
#include "app/engine/store_rows.h"
#include "base/mem.h"
#include "io/kv.h"
#include "io/kv_swap.h"

/*
 * Rows that are noted, some 25 MB of memory.  Rows that one step brings over:
 * more than a turn changes, so that there is an end however busy it is.
 */
enum { NOTED_MAX = 1 << 18, STEP = 6000 };
/* Of the map must be left for turns; that of copy and reserve, of the disk. */
enum { ROOM_PART = 20, DISK_PART = 8 };

struct store_copy {
	uint64_t moment;		/* it has all that was there then */
	struct kv *kv;			/* NULL: it isn't filled yet */
	struct store_rows noted;	/* since the round began */
	struct store_rows round;
	struct store_row *at;		/* of the round; NULL: its end */
};

static struct store_copy *
copy_new(struct store *s)
{
	struct store_copy *c = MEM_NEW(struct store_copy);

	c->moment = kv_moment(s->kv);
	store_rows_init(&c->noted);
	store_rows_init(&c->round);
	return c;
}

static void
copy_free(struct store_copy *c)
{
	kv_close(c->kv);
	store_rows_fini(&c->noted);
	store_rows_fini(&c->round);
	free(c);
}

bool
store_is_starved(struct store *s)
{
	uint64_t reader;

	/* It is asked again and again; and mostly that is the answer. */
	if (kv_written(s->kv) + s->map_size / ROOM_PART <= s->map_size)
		return false;
	reader = kv_oldest_reader(s->kv);
	return reader != UINT64_MAX &&
	    kv_room(s->kv, reader) < s->map_size / ROOM_PART;
}

uint64_t
store_size(struct store *s)
{
	return kv_written(s->kv);
}

void
store_copy_note(struct store_copy *c, enum store_table table,
    struct slice key)
{
	if (c != NULL)
		(void)store_rows_need(&c->noted, table, key);
}

/*
 * While it is filled, no page is used again that was in use at that moment: a
 * map that is full of them would have turns fail.
 */
static int
check_room(struct store *s, const struct store_copy *c)
{
	uint64_t reserve = store_whole_reserve(s);

	if (c->kv == NULL &&
	    kv_room(s->kv, c->moment) < s->map_size / ROOM_PART)
		return -ENOSPC;
	return kv_reserve(s->kv, reserve) < reserve ? -ENOSPC : 0;
}

static int
check_disk(struct store *s)
{
	uint64_t used, size;

	kv_usage(s->kv, &used, &size);
	return kv_swap_disk(s->folder) < used + used / DISK_PART +
	    store_whole_reserve(s) ? -ENOSPC : 0;
}

int
store_compact_begin(struct store *s)
{
	struct store_copy *c = copy_new(s);
	int error = check_room(s, c);

	assert(store_is_settled(s));
	if (error == 0)
		error = check_disk(s);
	if (error == 0)
		error = kv_swap_make(s->folder);
	if (error < 0)
		copy_free(c);
	else
		s->copy = c;
	return error;
}

int
store_compact_error(struct store *s)
{
	const struct store_copy *c = s->copy;

	if (c == NULL)
		return 0;
	if (c->noted.count + c->round.count > NOTED_MAX)
		return -EOVERFLOW;
	return check_room(s, c);
}

void
store_compact_abort(struct store *s)
{
	if (s->copy == NULL)
		return;
	copy_free(s->copy);
	s->copy = NULL;
	kv_swap_remove(s->folder);
}

static void
next_round(struct store_copy *c)
{
	store_rows_fini(&c->round);
	c->round = c->noted;
	c->at = c->round.first;
	store_rows_init(&c->noted);
}

static int
bring_over(struct store *s, struct store_copy *c)
{
	struct kv_txn *from = kv_begin(s->kv, false);
	struct kv_txn *to = kv_begin(c->kv, true);
	struct slice value;
	int error;

	for (int n = 0; n < STEP && c->at != NULL; n++) {
		const struct store_row *row = c->at;

		if (kv_get(from, row->table, row->key, &value))
			kv_put(to, row->table, row->key, value);
		else
			kv_delete(to, row->table, row->key);
		c->at = row->next;
	}
	/* Each commit's is another, as those of turns. */
	store_age_put(to, ++s->age);
	error = kv_txn_error(from);
	kv_abort(from);
	if (error == 0)
		return kv_commit(to);
	kv_abort(to);
	return error;
}

/* As many rows in each table: nothing went by unnoted. */
static int
compare(struct store *s, const struct store_copy *c)
{
	struct kv_txn *a = kv_begin(s->kv, false);
	struct kv_txn *b = kv_begin(c->kv, false);
	int error = 0;

	for (unsigned i = 0; i < STORE_TABLES && error == 0; i++)
		error = kv_count(a, i) == kv_count(b, i) ? 0 : -EILSEQ;
	if (kv_txn_error(a) < 0 || kv_txn_error(b) < 0)
		error = -EIO;
	kv_abort(a);
	kv_abort(b);
	return error;
}

static int
open_copy(struct store *s, struct store_copy *c)
{
	int error = kv_swap_sync(s->folder);

	return error < 0 ? error : store_open_copy(s, &c->kv);
}

static enum store_compact
take_over(struct store *s, struct store_copy *c, int *ret_error)
{
	struct kv *old = s->kv;

	kv_close(c->kv);
	c->kv = NULL;
	if (kv_swap_take(s->folder, ret_error) == KV_SWAP_REFUSED)
		return STORE_COMPACT_FAILED;
	if (*ret_error == 0)
		*ret_error = store_begin_journal(s);
	if (*ret_error == 0)
		*ret_error = store_open_kv(s, &s->kv);
	if (*ret_error < 0)
		return STORE_COMPACT_LOST;
	kv_close(old);
	(void)store_reserve(s);
	return STORE_COMPACT_DONE;
}

static enum store_compact
step(struct store *s, struct store_copy *c, int *ret_error)
{
	*ret_error = c->kv == NULL ? open_copy(s, c) : 0;
	if (c->at == NULL)
		next_round(c);
	if (*ret_error == 0)
		*ret_error = bring_over(s, c);
	if (*ret_error == 0 && (c->at != NULL || c->noted.count > 0))
		return STORE_COMPACT_MORE;
	if (*ret_error == 0)
		*ret_error = compare(s, c);
	return *ret_error < 0 ? STORE_COMPACT_FAILED :
	    take_over(s, c, ret_error);
}

enum store_compact
store_compact_step(struct store *s, int *ret_error)
{
	enum store_compact result;

	assert(store_is_settled(s));
	result = step(s, s->copy, ret_error);
	if (result != STORE_COMPACT_MORE)
		store_compact_abort(s);
	return result;
}
