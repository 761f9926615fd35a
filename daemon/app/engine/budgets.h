/* SPDX-License-Identifier: ISC */
/*
 * The engine's budgets: how many posts a network may make, how many mails an
 * address can be made to get, and how many strangers can have sent to a domain
 * and in all.  They live in memory and are counted anew at start, from the
 * ledger and the outbox.
 */
#ifndef APP_BUDGETS_H
#define APP_BUDGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.pb-c.h"

struct budget;
struct config;
struct engine;

struct budgets {
	struct budget *per_network, *per_address, *per_request;
	struct budget *per_domain, *total;
	/* Who waits instead of solving something; and in an attack, all. */
	struct budget *waits, *all_waits;
	uint64_t seed;
};

void budgets_open(struct engine *);
void budgets_close(struct engine *);
/*
 * The engine has another config than that: false if it has the same limits.
 * Else all budgets are new, to be counted anew; those whose limit is as it was
 * stand in *ret_kept, and come back, with what they know, by budgets_settle.
 */
bool budgets_renew(struct engine *, const struct config *before,
    struct budgets *ret_kept);
void budgets_settle(struct engine *, struct budgets *kept);

/* One more post from there?  Counted; else *ret_retry_after in seconds. */
bool budgets_take_network(struct engine *, const char *ip, int64_t now,
    uint32_t *ret_retry_after);
/* The same for a post that was paid for by waiting only: fewer are, and in an
 * attack few in all. */
bool budgets_take_wait(struct engine *, const char *ip, bool is_attack,
    int64_t now, uint32_t *ret_retry_after);
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
/* The key of a stored address's domain, and of the site (/24, /48) an IP is
 * in; never 0. */
uint64_t budgets_domain_key(const struct engine *, const char *address);
uint64_t budgets_site_key(const struct engine *, const char *ip);
/*
 * How many more mails strangers may have sent now, in all and to a domain; if
 * none, *ret_wait is the seconds until one more.
 */
uint32_t budgets_total_room(struct engine *, int64_t now, uint32_t *ret_wait);
uint32_t budgets_domain_room(struct engine *, uint64_t domain, int64_t now,
    uint32_t *ret_wait);
/* One is sent: counted in both. */
void budgets_note_sent(struct engine *, uint64_t domain, int64_t when);
/* How much of what may go in all is used up, percent. */
unsigned budgets_total_percent(struct engine *, int64_t now);
/* Is more than half used up, of that or of the domain's?  Then more proof may
 * be asked for. */
bool budgets_are_strained(struct engine *, uint64_t domain, int64_t now);

/* How many keys each of them counts now, and can. */
enum { BUDGETS_FIGURES = 4 };
struct budgets_figure {
	const char *name;
	size_t keys, keys_max;
};
void budgets_figures(const struct engine *,
    struct budgets_figure ret_figures[BUDGETS_FIGURES]);

/* One to it about that list was: counted. */
void budgets_note_about(struct engine *, uint64_t address_key, uint32_t list,
    int64_t when);
/* Its owner has acted: from now on mails about these lists are theirs. */
void budgets_forget_mail(struct engine *, uint64_t address_key,
    Record__Wish *const *wishes, size_t count);
/* The same about none. */
void budgets_forget_manage(struct engine *, uint64_t address_key);

#endif
