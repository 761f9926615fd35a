/* SPDX-License-Identifier: ISC */
/*
 * What the files of the embedded engine share: store_lmdb.c (opening, reading),
 * store_write.c (writing), and store_compact.c (another file in place of its
 * own).
 */
#ifndef APP_STORE_PRIVATE_H
#define APP_STORE_PRIVATE_H

#include "app/engine/store.h"
#include "app/engine/store_rows.h"
#include "app/engine/store_sync.h"
#include "base/buf.h"

struct journal;
struct kv;
struct kv_txn;
struct store_copy;

struct store {
	struct kv *kv;
	char *folder;
	uint64_t map_size;
	struct kv_txn *open;	/* NULL: nothing but what LMDB has on disk */
	size_t changed, bytes;	/* in it */
	bool journaled;		/* all of that is in the journal */
	struct journal *journal;	/* NULL: there is no room for one */
	int journal_error;
	uint64_t age;		/* see store_age.h */
	size_t recovered;
	struct store_copy *copy;	/* that is made of it; NULL: none */
};

struct store_turn {
	struct store *store;
	struct store_rows rows;
	size_t wanted;		/* not loaded yet */
	size_t changed, forgets;
	struct buf frame;
};

/* The environment in its folder; or the one that kv_swap made. */
int store_open_kv(const struct store *, struct kv **ret_kv);
int store_open_copy(const struct store *, struct kv **ret_kv);
/* What the disk is to keep. */
uint64_t store_whole_reserve(const struct store *);

/* Takes in what a crash left in the journal.  0 or an error. */
int store_write_open(struct store *);
/* The journal, if there is one, is of the store's age from here on. */
int store_begin_journal(struct store *);
/* A turn changes that row, which the copy, if any, may have as it was. */
void store_copy_note(struct store_copy *, enum store_table, struct slice key);

#endif
