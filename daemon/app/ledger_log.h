/* SPDX-License-Identifier: ISC */
/*
 * Appending to the ledger, within a turn, and what requests and messages have
 * in common with its events.
 */
#ifndef APP_LEDGER_LOG_H
#define APP_LEDGER_LOG_H

#include "app/rows.h"
#include "core/message.pb-c.h"

/* Gives it its sequence, time, salt and leaf; returns the sequence. */
uint64_t ledger_append(struct turn *, Record__Event *);
/* Walks a chain while gathering: reads up to `max` events from the last. */
void ledger_gather_chain(struct turn *, uint64_t last, size_t max);
/* Erases what is personal in every event of a request's chain. */
void ledger_erase_chain(struct turn *, uint64_t last, size_t max);
enum { LEDGER_CHAIN_MAX = 500 };

/* A message's evidence as a record; borrows its texts.  NULL gives NULL. */
Record__Evidence *ledger_evidence(struct turn *, const Message__Evidence *);
/* The other way. */
Message__Evidence *ledger_evidence_message(struct turn *,
    const Record__Evidence *);
Record__Pair **ledger_pairs(struct turn *, Message__Pair *const *,
    size_t count);
Message__Pair **ledger_pairs_message(struct turn *, Record__Pair *const *,
    size_t count);

#endif
