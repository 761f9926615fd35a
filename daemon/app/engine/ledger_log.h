/* SPDX-License-Identifier: ISC */
/*
 * Appending to the ledger, within a turn; walking it and erasing from it.
 */
#ifndef APP_LEDGER_LOG_H
#define APP_LEDGER_LOG_H

#include "app/engine/rows.h"

/* Gives it its sequence, time and salt; returns the sequence. */
uint64_t ledger_append(struct turn *, Record__Event *);

/*
 * A chain from its last event back, at most `max` long; with each
 * confirmation the chain of what it confirmed.  Returns the event it came to
 * and didn't see; 0: it came to the end.
 */
uint64_t ledger_walk(struct turn *, uint64_t last, size_t max,
    void (*on_event)(struct turn *, uint64_t sequence, Record__Event *,
    void *arg), void *arg);
/* Wants it, while gathering. */
void ledger_gather_chain(struct turn *, uint64_t last, size_t max);
/*
 * Erases what is personal in it: the first LEDGER_ERASE_MAX events at once,
 * the others, should there be more, by turns that fall due now; and the keys
 * by which they count against budgets, once they do so no more.
 */
void ledger_erase_chain(struct turn *, uint64_t last);
enum { LEDGER_CHAIN_MAX = 500, LEDGER_ERASE_MAX = 100 };

/*
 * Evidence that came with a message, as it is kept: with as much of the IP as
 * the config wants.  Borrows its texts.  NULL gives NULL.
 */
Fact__Evidence *ledger_evidence(struct turn *, const Fact__Evidence *);

#endif
