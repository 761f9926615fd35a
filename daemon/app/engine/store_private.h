/* SPDX-License-Identifier: ISC */
/*
 * What the files of the embedded engine share: store_lmdb.c (opening, reading)
 * and store_write.c (writing).
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

struct store {
	struct kv *kv;
	struct kv_txn *open;	/* NULL: nothing but what LMDB has on disk */
	size_t changed, bytes;	/* in it */
	bool journaled;		/* all of that is in the journal */
	struct journal *journal;	/* NULL: there is no room for one */
	int journal_error;
	uint64_t age;		/* of the journal */
	size_t recovered;
};

struct store_turn {
	struct store *store;
	struct store_rows rows;
	size_t wanted;		/* not loaded yet */
	size_t changed;
	struct buf frame;
};

/* Takes in what a crash left in the journal.  0 or an error. */
int store_write_open(struct store *, const char *folder);
/* Commits what is open, if anything; the journal begins anew.  0 or an error:
 * then nothing of it was written. */
int store_settle(struct store *);

#endif
