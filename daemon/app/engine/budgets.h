/* SPDX-License-Identifier: ISC */
/*
 * The engine's budgets: how many posts a network may make, how many mails an
 * address can be made to get.  They live in memory and are counted anew from
 * the ledger at start.
 */
#ifndef APP_BUDGETS_H
#define APP_BUDGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.pb-c.h"

struct engine;
struct limit;

void budgets_open(struct engine *);
void budgets_close(struct engine *);
/* The longest window, in seconds: how far back to count. */
uint64_t budgets_window(const struct engine *);
/* Counts what an event of the past used up. */
void budgets_replay(struct engine *, const Record__Event *);

/* One more post from there?  Counted; else *ret_retry_after in seconds. */
bool budgets_take_network(struct engine *, const char *ip, int64_t now,
    uint32_t *ret_retry_after);
/* The key a mailbox counts under, whatever its spelling. */
uint64_t budgets_address_key(const struct engine *, const char *address);
/*
 * One more mail to that mailbox, about these lists?  Counted.  A repeat about
 * the same lists within the interval gets none.
 */
bool budgets_take_mail(struct engine *, uint64_t address_key,
    const uint32_t *lists, size_t count, int64_t now);

/* In place of a list, for mails about none. */
extern const uint32_t budgets_no_list;
/* The same for the lists of a request; the key is told either way. */
bool budgets_take_request(struct engine *, const Record__Request *,
    int64_t now, uint64_t *ret_key);

/* Its owner has acted: from now on mails about these lists are theirs. */
void budgets_forget_mail(struct engine *, uint64_t address_key,
    Record__Wish *const *wishes, size_t count);
/* The same about none. */
void budgets_forget_manage(struct engine *, uint64_t address_key);

#endif
