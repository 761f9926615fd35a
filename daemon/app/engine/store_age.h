/* SPDX-License-Identifier: ISC */
/*
 * The age of a database: a number in it that grows with each commit, and tells
 * which records of the journal beside it are about what it holds.  The journal
 * keeps the last one, too: LMDB opens the commit before the last when the last
 * one's number in the file is damaged, and nothing else would tell.
 */
#ifndef APP_STORE_AGE_H
#define APP_STORE_AGE_H

#include "app/engine/store.h"

struct kv_txn;

enum store_found store_age_get(struct kv_txn *, uint64_t *ret_age);
void store_age_put(struct kv_txn *, uint64_t age);
/* That of a new database: a journal may lie there that was another one's. */
uint64_t store_age_new(void);

/* Where the journal of the database in that folder is; owned. */
char *store_age_journal(const char *folder);
/* Is that journal one of a later age of this database? */
bool store_age_is_behind(const char *journal, uint64_t age);

#endif
