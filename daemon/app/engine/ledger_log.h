/* SPDX-License-Identifier: ISC */
/*
 * Appending to the ledger, within a turn; walking it and erasing from it.
 */
#ifndef APP_LEDGER_LOG_H
#define APP_LEDGER_LOG_H

#include "app/engine/rows.h"

/* Gives it its sequence, time, salt and leaf; returns the sequence. */
uint64_t ledger_append(struct turn *, Record__Event *);
/* Walks a chain while gathering: reads up to `max` events from the last. */
void ledger_gather_chain(struct turn *, uint64_t last, size_t max);
/* Erases what is personal in every event of a request's chain. */
void ledger_erase_chain(struct turn *, uint64_t last, size_t max);
enum { LEDGER_CHAIN_MAX = 500 };

/*
 * Evidence that came with a message, as it is kept: with as much of the IP as
 * the config wants.  Borrows its texts.  NULL gives NULL.
 */
Fact__Evidence *ledger_evidence(struct turn *, const Fact__Evidence *);

#endif
