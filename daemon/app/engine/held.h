/* SPDX-License-Identifier: ISC */
/*
 * Mails that strangers caused and that are over `per_domain` or `total`: they
 * wait in the outbox, in lines, at places beyond all times (core/fair.h), and
 * go as there is room: best proved first, then fairly over the networks that
 * asked, then the oldest.  A domain that is over its budget has a line of its
 * own, so that it holds up nobody else's mail; line 0 is for what `total`
 * holds back.  Everything that has to outlive the process stands in the keys.
 *
 * There are FAIR_LINES lines: should more domains be over their budgets at a
 * time, some share one.
 */
#ifndef APP_HELD_H
#define APP_HELD_H

#include "app/engine/turn.h"
#include "core/record.pb-c.h"

struct held;
struct outbox_key;

struct held *held_new(void);
void held_free(struct held *);

/*
 * When the mail of such a row is due: now, if both budgets have room and
 * nobody waits for it, and then it is counted; else its place in a line.
 */
uint64_t held_due(struct turn *, const Record__Outbox *);
/* A row has left that place. */
void held_left(struct engine *, uint64_t place);
/* It stood there before this process began; told in the order of keys. */
void held_recover(struct engine *, uint64_t place, const Record__Outbox *);
/* It goes now, whatever the budgets say: due at that time, and counted. */
void held_let_go(struct turn *, struct outbox_key, Record__Outbox *,
    int64_t due);

/*
 * Queues what may go now, as far as the mailer's credit reaches; returns when
 * to look again, or INT64_MAX.
 */
int64_t held_look(struct engine *, int64_t now);

/* How many wait for what, and the domain with most of them. */
struct held_figures {
	uint64_t by_total, by_domain;
	size_t domains;
	const char *top;	/* borrowed; "" when no domain holds any */
	uint64_t by_top;
};
struct held_figures held_figures(const struct engine *);
/* "total" or "per_domain", the limit that holds back what stands there; ""
 * when it isn't a place. */
const char *held_reason(uint64_t due);

#endif
