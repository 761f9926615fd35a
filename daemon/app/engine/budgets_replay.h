/* SPDX-License-Identifier: ISC */
/*
 * Budgets are counted anew from the ledger, at a start and when limits change:
 * event by event, in their order, from as far back as their windows are long.
 */
#ifndef APP_BUDGETS_REPLAY_H
#define APP_BUDGETS_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/record.pb-c.h"

struct engine;

/* The longest window, in seconds: how far back to count. */
uint64_t budgets_window(const struct engine *);
/*
 * Does what happened then count by its lists or its network, too?  If not, a
 * glance at the event (core/ledger.h) tells all.
 */
bool budgets_want_whole(const struct engine *, int64_t when, int64_t now);
/* Counts what it used up. */
void budgets_replay(struct engine *, const Record__Event *, int64_t now);

#endif
