/* SPDX-License-Identifier: ISC */
/*
 * An address leaves by the administrator's hand: what waits is withdrawn, what
 * is confirmed ends.
 */
#ifndef APP_LEAVE_H
#define APP_LEAVE_H

#include "app/engine/person.h"

enum { LEAVE_BY_SIZE = 32 };

/* "admin uid 0", as the ledger has it. */
void leave_by(uint32_t uid, char ret_by[LEAVE_BY_SIZE]);
/* Wants what the others need, while gathering. */
void leave_gather(struct turn *, const struct person *);
/*
 * Requests that wait for just that list are withdrawn (0: all requests); how
 * many.
 */
uint32_t leave_requests(struct turn *, struct person *, uint32_t list);
/* Subscriptions to that list end (0: to all); how many. */
uint32_t leave_lists(struct turn *, struct person *, uint32_t list,
    const char *by);

#endif
