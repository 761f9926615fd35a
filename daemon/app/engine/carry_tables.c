/* SPDX-License-Identifier: ISC */
/*
 * Tables whose rows are what they were last, whatever the backup says: keys
 * are hashes of addresses, and what was lifted meanwhile is lifted.
 */
#include "app/engine/carry_private.h"

#include <stdlib.h>

#include "app/engine/rows.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"

enum { BATCH = 1000 };

/* Copying into a store, batch by batch. */
struct copying {
	struct store *store;
	struct store_read *former;
	struct store_turn *turn;
	enum store_table table;
	bool (*is_wanted)(struct slice key);
	int error;
};

static void
on_committed(int error, void *arg)
{
	struct copying *c = arg;

	if (c->error == 0)
		c->error = error;
}

static void
commit(struct copying *c)
{
	store_turn_commit(c->turn, on_committed, c);
	c->turn = store_turn_begin(c->store);
}

static bool
go_on(struct copying *c)
{
	if (store_turn_changes(c->turn) >= BATCH)
		commit(c);
	return c->error == 0;
}

static bool
is_any(struct slice key)
{
	(void)key;
	return true;
}

/* Of what falls due, that which is about the other tables' rows. */
static bool
is_their_end(struct slice key)
{
	return key.len > 8 && (key.p[8] == ROWS_DUE_SUPPRESSION ||
	    key.p[8] == ROWS_DUE_PROOF);
}

static const struct {
	enum store_table table;
	bool (*is_wanted)(struct slice key);
} tables[] = {
	{ STORE_SUPPRESSION, is_any },
	{ STORE_PROOF, is_any },
	{ STORE_DUE, is_their_end },
};

/* Nobody can tell any more for how long: until an administrator says so. */
static void
suppress_for_good(struct copying *c, struct slice key)
{
	static char by[] = "restore";
	Record__Suppression s;
	uint8_t packed[64];

	record__suppression__init(&s);
	s.reason = RECORD__SUPPRESSION__REASON__ADMIN;
	s.since = clock_wall_us();
	s.by = by;
	store_turn_put(c->turn, STORE_SUPPRESSION, key, slice_of(packed,
	    record__suppression__pack(&s, packed)));
}

static bool
on_former(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct copying *c = arg;

	if (!c->is_wanted(key))
		return true;
	if (found == STORE_FOUND)
		store_turn_put(c->turn, c->table, key, value);
	else if (c->table == STORE_SUPPRESSION)
		suppress_for_good(c, key);
	return go_on(c);
}

static bool
on_here(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct copying *c = arg;
	struct slice unused;

	(void)found;
	(void)value;
	if (c->is_wanted(key) && store_read_get(c->former, c->table, key,
	    &unused) == STORE_MISSING)
		store_turn_delete(c->turn, c->table, key);
	return c->error == 0;
}

static void
follow(struct copying *c, size_t i)
{
	c->table = tables[i].table;
	c->is_wanted = tables[i].is_wanted;
	c->turn = store_turn_begin(c->store);
	/* All of it in one turn: a scan goes on while nothing is written. */
	store_scan(c->store, &(struct store_scan){ .table = c->table,
	    .limit = SIZE_MAX, .on_row = on_here, .arg = c });
	store_read_scan(c->former, c->table, (struct slice){ 0 }, on_former,
	    c);
	commit(c);
	store_turn_abort(c->turn);
}

/* ---- lists ---- */

static Record__Lists__Entry *
find_list(const Record__Lists *lists, uint32_t id)
{
	for (size_t i = 0; lists != NULL && i < lists->n_lists; i++) {
		if (lists->lists[i]->id == id)
			return lists->lists[i];
	}
	return NULL;
}

static void
on_loaded(int error, void *arg)
{
	on_committed(error, arg);
}

static Record__Lists *
unpack(struct arena *arena, struct slice value)
{
	ProtobufCAllocator allocator = rows_allocator(arena);

	return record__lists__unpack(&allocator, value.len,
	    (const uint8_t *)value.p);
}

/* Of one secret: then they have the same keys, and one descends from the
 * other. */
static bool
are_related(struct copying *c)
{
	struct rows_key key = rows_key_meta("schema");
	struct slice k = rows_key_slice(&key), then, here;
	bool same;

	c->turn = store_turn_begin(c->store);
	store_turn_want(c->turn, STORE_META, k);
	store_turn_load(c->turn, on_loaded, c);
	same = store_read_get(c->former, STORE_META, k, &then) ==
	    STORE_FOUND && store_turn_get(c->turn, STORE_META, k, &here) ==
	    STORE_FOUND && slice_eq(then, here);
	store_turn_abort(c->turn);
	return same;
}

/* A list's number is the same for ever: as it is in the keys of the others. */
static int
take_lists(struct copying *c, struct arena *arena)
{
	struct rows_key key = rows_key_meta("lists");
	struct slice k = rows_key_slice(&key), value;
	Record__Lists *then, *here = NULL;
	uint8_t *packed;
	size_t len;

	if (store_read_get(c->former, STORE_META, k, &value) != STORE_FOUND ||
	    (then = unpack(arena, value)) == NULL)
		return -1;
	c->turn = store_turn_begin(c->store);
	store_turn_want(c->turn, STORE_META, k);
	store_turn_load(c->turn, on_loaded, c);
	if (store_turn_get(c->turn, STORE_META, k, &value) == STORE_FOUND)
		here = unpack(arena, value);
	for (size_t i = 0; i < then->n_lists; i++) {
		Record__Lists__Entry *entry = then->lists[i];
		const Record__Lists__Entry *own = find_list(here, entry->id);

		entry->confirmed = own != NULL ? own->confirmed : 0;
		entry->unsubscribed = own != NULL ? own->unsubscribed : 0;
	}
	len = record__lists__get_packed_size(then);
	packed = arena_alloc(arena, len);
	record__lists__pack(then, packed);
	store_turn_put(c->turn, STORE_META, k, slice_of(packed, len));
	commit(c);
	store_turn_abort(c->turn);
	return here != NULL ? 0 : -1;
}

static int
carry_all(struct copying *c, struct buf *error)
{
	struct arena *arena;
	int ret;

	if (!are_related(c)) {
		buf_add_str(error, "the backup and the former database have "
		    "not the same secret and version");
		return -1;
	}
	arena = arena_new();
	ret = take_lists(c, arena);
	arena_free(arena);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) &&
	    ret == 0 && c->error == 0; i++)
		follow(c, i);
	if (c->error == 0)
		c->error = store_read_error(c->former);
	if (ret < 0)
		buf_add_str(error, "what lists there are can't be read");
	else if (c->error < 0)
		buf_add_str(error, store_strerror(c->error));
	return ret < 0 || c->error < 0 ? -1 : 0;
}

int
carry_tables(struct carry *carry, const char *folder, uint64_t map_size,
    struct buf *error)
{
	struct copying c = { .former = carry->former };
	int ret;

	if (carry->former == NULL)
		return 0;
	ret = store_open(folder, map_size, &c.store);
	if (ret < 0) {
		buf_printf(error, "cannot open the backup: %s",
		    store_strerror(ret));
		return -1;
	}
	ret = carry_all(&c, error);
	store_close(c.store);
	return ret;
}
