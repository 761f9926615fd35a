/* SPDX-License-Identifier: ISC */
/*
 * The outbox: mails that are due, in the database until they were delivered.
 * The mailer says how many it can take; so many are claimed, in memory only,
 * and handed over.  A claim ends with the mailer's answer, or with the mailer.
 * When another takes over, what the one before it has is still its own.
 */
#ifndef APP_OUTBOX_H
#define APP_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/record.pb-c.h"

struct engine;
struct peer;
struct turn;

enum { OUTBOX_CLAIMS_MAX = 1024 };

struct outbox_key {
	uint64_t due;		/* wall clock, microseconds; or the place of
				 * one held back (app/engine/held.h) */
	uint64_t sequence;
};

/* Those never tried come first, and find half of the credit left for them. */
enum outbox_turn { OUTBOX_FRESH, OUTBOX_AGAIN, OUTBOX_TURNS };

struct outbox {
	struct outbox_claim {
		struct outbox_key key;
		enum outbox_turn turn;
		uint32_t mailer;	/* which connection's */
	} claimed[OUTBOX_CLAIMS_MAX];
	size_t claimed_count, count[OUTBOX_TURNS];
	bool paused;		/* until another mailer is there */
	uint32_t credit;	/* of the mailer that came last */
	/* Up to here all of each are claimed. */
	struct outbox_key cursor[OUTBOX_TURNS];
};

/* Can anybody have such a mail sent to anybody?  Then it is budgeted. */
bool outbox_is_by_strangers(const Record__Outbox *);

/*
 * Fills in kind-independent parts (Message-ID, times) and queues it: due now,
 * unless it is of a kind that strangers cause, and the budgets hold it back.
 */
struct outbox_key outbox_add(struct turn *, Record__Outbox *);
/* The same row, changed. */
void outbox_put(struct turn *, struct outbox_key, const Record__Outbox *);
/* The same row, due later; the old one goes. */
void outbox_move(struct turn *, struct outbox_key from, uint64_t due,
    const Record__Outbox *);
/*
 * Takes it out; of one that was handed over the mailer is told, its result
 * comes, and finds out by itself that nobody waits for it.
 */
void outbox_cancel(struct turn *, struct outbox_key);
void outbox_delete(struct turn *, struct outbox_key);

/* The mailer can take so many more, once there is a look at what is due. */
void outbox_add_credit(struct engine *, uint32_t count);
/* Another takes over, and says itself how many it can take. */
void outbox_new_mailer(struct engine *);
/* A mailer is gone, with all it had; while it is still the engine's peer. */
void outbox_forget_claims(struct engine *, const struct peer *);
bool outbox_is_claimed(const struct engine *, struct outbox_key);
/* The mailer has answered for it. */
void outbox_release(struct engine *, struct outbox_key);
/* From the front, now and then: whatever was passed by is found again. */
void outbox_look_again(struct engine *);
/*
 * Hands out what is due, as far as credit goes; returns when the next one will
 * be due, or INT64_MAX.
 */
int64_t outbox_dispatch(struct engine *, int64_t now);

#endif
