/* SPDX-License-Identifier: ISC */
/*
 * One address and all that is known of it, within a turn: its index entry, its
 * contact, its state.  The only place that sets a subscription's state.
 */
#ifndef APP_PERSON_H
#define APP_PERSON_H

#include "app/engine/rows.h"
#include "core/sub.h"

struct person {
	uint8_t key[ROWS_ADDRESS_KEY];	/* keyed hash of the address key */
	Record__Address *entry;		/* never NULL; empty if unknown */
	Record__Contact *contact;	/* NULL: none */
	bool trying;			/* it bounced, and is mailed at its
					 * owner's wish all the same */
	bool damaged;			/* one of them can't be read: it is
					 * left as it is, and nobody mailed */
};

/*
 * Reads it (and so wants it, while gathering).  Suppressions of these lists,
 * and of all lists, are read too.
 */
struct person person_get(struct turn *, const char *address_key,
    Record__Wish *const *wishes, size_t wish_count);
/* By its contact; false when there is none (or not yet, while gathering). */
bool person_get_contact(struct turn *, uint64_t contact,
    struct person *ret_person);

/* By an address as typed; false when it is none.  No suppressions. */
bool person_read(struct turn *, const char *address, struct person *);

/* Writes the index entry, unless it is damaged; deletes it when nothing is
 * left in it. */
void person_put_entry(struct turn *, const struct person *);
/* Makes the contact if there is none, for that request's address. */
void person_need_contact(struct turn *, struct person *,
    const Record__Request *);
void person_put_contact(struct turn *, const struct person *);
/* Adds an event to the contact's chain, if there is one, and writes it. */
void person_add_event(struct turn *, const struct person *, Record__Event *);
/* An event that a stranger caused: it joins the entry's chain. */
void person_add_aside(struct turn *, const struct person *, Record__Event *);
/* As the first, for what somebody else did: `by`. */
void person_log(struct turn *, const struct person *, Record__Event__Kind,
    const char *by);
void person_add_request(struct turn *, struct person *, uint64_t request);
void person_remove_request(struct person *, uint64_t request);

/* `waits`: a request of it waits for this list. */
enum sub_state person_state(struct turn *, const struct person *,
    uint32_t list, bool waits);
/* NULL when there is none. */
Record__Subscription *person_subscription(const struct person *,
    uint32_t list);
/* Confirmed or unsubscribed from now on; counts and logs it.  Whether the
 * contact ends changes with that: it is to be written. */
Record__Subscription *person_set_state(struct turn *, struct person *,
    uint32_t list, enum sub_state);
/*
 * The contact and all that points to it go: its mails, its stubs, its entry,
 * its place in the counts.  Not its events.
 */
void person_gather_delete(struct turn *, const struct person *);
void person_delete(struct turn *, struct person *);

#endif
