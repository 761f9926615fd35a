/* SPDX-License-Identifier: ISC */
/*
 * The store: tables of records, changed in turns.  A turn says which rows it
 * wants, loads them all at once, computes, and commits what it changed, all
 * or nothing; so an engine over a network costs a round trip a load and not
 * one a read.  Wanting and loading may be repeated when one row names another.
 * One turn at a time.
 *
 * Results come by callback, which the embedded engine (LMDB) calls before the
 * function returns.  Errors are negative; store_strerror knows them.
 */
#ifndef APP_STORE_H
#define APP_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum store_table { STORE_META, STORE_REQUEST, STORE_CONTACT, STORE_ADDRESS,
	STORE_COOKIE, STORE_DUE, STORE_OUTBOX, STORE_LEDGER, STORE_TEXT,
	STORE_SUPPRESSION, STORE_PROOF, STORE_TABLES };
enum { STORE_KEY_MAX = 64 };

struct store;
struct store_turn;

typedef void (*store_callback)(int error, void *arg);

/* In an existing folder; owned in *ret_store. */
int store_open(const char *folder, uint64_t map_size,
    struct store **ret_store);
void store_close(struct store *);
const char *store_strerror(int error);
/* The whole database's bytes and their bound. */
void store_usage(struct store *, uint64_t *ret_used, uint64_t *ret_size);
/*
 * Is more than so much of the bound in use?  Or would the disk be full before
 * that: a tenth of the bound, or 32 MB, are kept there ahead of what is stored.
 */
bool store_is_above(struct store *, unsigned percent);
/* How much of that is there. */
uint64_t store_reserve(struct store *);
uint64_t store_count(struct store *, enum store_table);
/* House-keeping, once a minute. */
void store_tidy(struct store *);

/* Owned by the caller until commit or abort. */
struct store_turn *store_turn_begin(struct store *);
/* Keys are copied.  Wanting a row twice is fine. */
void store_turn_want(struct store_turn *, enum store_table, struct slice key);
/* Is there something wanted and not loaded yet? */
bool store_turn_wants(const struct store_turn *);
void store_turn_load(struct store_turn *, store_callback, void *arg);

enum store_found { STORE_MISSING, STORE_FOUND,
	STORE_DAMAGED,		/* its CRC is wrong: skip it */
	STORE_NOT_LOADED };
/* A row that was loaded or put.  Borrowed from the turn. */
enum store_found store_turn_get(struct store_turn *, enum store_table,
    struct slice key, struct slice *ret_value);
/* Copied; seen by later gets of this turn. */
void store_turn_put(struct store_turn *, enum store_table, struct slice key,
    struct slice value);
void store_turn_delete(struct store_turn *, enum store_table,
    struct slice key);
/* How many times something was put or deleted so far. */
size_t store_turn_changes(const struct store_turn *);
/*
 * How many rows, of others than meta, were deleted or had another value so
 * far: what was in them is wanted no longer, and is there still (see
 * app/engine/store_compact.h).
 */
size_t store_turn_forgets(const struct store_turn *);
/* Writes and syncs what was put and deleted, then frees the turn. */
void store_turn_commit(struct store_turn *, store_callback, void *arg);
void store_turn_abort(struct store_turn *);

/*
 * Committed rows from the first key >= from, in order, at most `limit`; a
 * damaged one comes with found = STORE_DAMAGED and no value.  on_row returns
 * false to stop.  Then on_done, which may be NULL.
 */
struct store_scan {
	enum store_table table;
	struct slice from;
	size_t limit;
	bool (*on_row)(enum store_found, struct slice key,
	    struct slice value, void *arg);
	store_callback on_done;
	void *arg;
};
void store_scan(struct store *, const struct store_scan *);

#endif
