/* SPDX-License-Identifier: ISC */
/*
 * A journal: records appended to a file of one size, and read back in order
 * after a crash.  The file is full of zeros when it is made, so that appending
 * changes nothing but its bytes and a sync is a single flush.
 *
 * Its owner keeps an age beside what the records are about.  Only records of
 * that age count: taking what they say over and growing the age, in one step,
 * ends them all.  One process has it open.  Errors are negative errno.
 */
#ifndef IO_JOURNAL_H
#define IO_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct journal;

/*
 * The age that began last in the file at that path, as far as that reached the
 * disk.  false: none is known.
 */
bool journal_newest(const char *path, uint64_t *ret_age);
/*
 * Opens it, or makes it: durably, and with room for all that it may hold, or
 * not at all (-ENOSPC, -EDQUOT).  Owned in *ret_journal.
 */
int journal_open(const char *path, struct journal **ret_journal);
/* Syncs what it can, but for what is in memory.  NULL is fine. */
void journal_close(struct journal *);

/*
 * Calls on_record for each record of that age, the oldest first, up to where
 * the last sync came to, or further; the records are borrowed.
 */
int journal_read(struct journal *, uint64_t age,
    void (*on_record)(struct slice record, void *arg), void *arg);
/*
 * What comes is of that age.  What was there is overwritten with zeros.  Both
 * are on disk after the next sync: the owner's age was there before.
 */
int journal_begin(struct journal *, uint64_t age);

/* In memory, until a sync; false: there is no room for it. */
bool journal_append(struct journal *, struct slice record);
/* After an error nothing says what is on disk: don't try again. */
int journal_sync(struct journal *);
bool journal_is_synced(const struct journal *);

#endif
