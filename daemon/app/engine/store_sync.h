/* SPDX-License-Identifier: ISC */
/*
 * When what turns change reaches the disk, and where it stands there.  Behind
 * store_turn_commit it does, in the database's own file or in the journal
 * beside it, from which the next opening takes it in.
 */
#ifndef APP_STORE_SYNC_H
#define APP_STORE_SYNC_H

#include "app/engine/store.h"

/*
 * A commit that may reach the disk with a later one: for what would be done
 * again after a crash.  Turns and scans see it at once.
 */
void store_turn_keep(struct store_turn *, store_callback, void *arg);
/* Is there something that waits for a commit? */
bool store_keeps(const struct store *);

/*
 * A commit that leaves nothing in the journal: the file of the database is
 * whole by itself, and what was deleted stands in no other.
 */
void store_turn_settle(struct store_turn *, store_callback, void *arg);
bool store_is_settled(const struct store *);
/* Is it time for one, once whoever waits for an answer has it? */
bool store_wants_settling(const struct store *);

/*
 * Why a store isn't opened: by the journal beside it, it lacks its last commit.
 * What was promised would be lost without a word.
 */
enum { STORE_BEHIND = -10000 };
/* Why there is no journal, without which commits are slower; 0: there is. */
int store_journal_error(const struct store *);
/* Turns that were in the journal alone when it was opened. */
size_t store_recovered(const struct store *);

#endif
