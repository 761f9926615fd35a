/* SPDX-License-Identifier: ISC */
/*
 * Compaction.  What was deleted stays in the file, in pages that will be used
 * again some day and in what is left free of others.  So now and then all that
 * is stored, and nothing else, moves into another file, while turns go on:
 *
 * begin makes that file, to be filled with a compacting copy (io/kv_copy) by
 * another process, and notes from then on what turns change.  When it is
 * filled, steps between turns bring those changes over, until none is left;
 * then it takes the place of the first.  A crash at any moment leaves the one
 * or the other, whole.
 */
#ifndef APP_STORE_COMPACT_H
#define APP_STORE_COMPACT_H

#include <stdbool.h>
#include <stdint.h>

struct store;

/*
 * An fd to fill, owned by the caller; or an error: -ENOSPC when disk or map
 * don't have enough for two.
 */
int store_compact_begin(struct store *);
/*
 * 0, or why it is to be given up: turns changed too much meanwhile, or what
 * they need would be used up by it.  To be asked after each turn.
 */
int store_compact_error(struct store *);

/*
 * Does somebody who reads the database (a backup's copier) keep turns from
 * room that they will need?
 */
bool store_is_starved(struct store *);
/* Bytes of the file. */
uint64_t store_size(struct store *);

enum store_compact { STORE_COMPACT_MORE,	/* to be called again */
	STORE_COMPACT_DONE,
	STORE_COMPACT_FAILED,		/* all is as if it never began */
	STORE_COMPACT_LOST };		/* the store is of no use any more:
					 * it has to be opened anew */
/* Not within a turn. */
enum store_compact store_compact_step(struct store *, int *ret_error);
/* Gives up what was begun, if anything. */
void store_compact_abort(struct store *);

#endif
