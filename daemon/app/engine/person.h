/* SPDX-License-Identifier: ISC */
/*
 * One address and all that is known of it, within a turn: its index entry, its
 * contact, its suppressions.  The only place that sets a subscription's state.
 */
#ifndef APP_PERSON_H
#define APP_PERSON_H

#include "app/engine/rows.h"
#include "core/sub.h"

struct person {
	uint8_t key[ROWS_ADDRESS_KEY];	/* keyed hash of the address key */
	Record__Address *entry;		/* never NULL; empty if unknown */
	Record__Contact *contact;	/* NULL: none */
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

/* Writes the index entry, unless it is damaged; deletes it when nothing is
 * left in it. */
void person_put_entry(struct turn *, const struct person *);
/* Makes the contact if there is none, for that request's address. */
void person_need_contact(struct turn *, struct person *,
    const Record__Request *);
void person_put_contact(struct turn *, const struct person *);
void person_add_request(struct turn *, struct person *, uint64_t request);
void person_remove_request(struct person *, uint64_t request);

bool person_is_suppressed(struct turn *, const struct person *,
    uint32_t list);
/* `waits`: a request of it waits for this list. */
enum sub_state person_state(struct turn *, const struct person *,
    uint32_t list, bool waits);
/* NULL when there is none. */
Record__Subscription *person_subscription(const struct person *,
    uint32_t list);
/* Confirmed or unsubscribed from now on; counts and logs it. */
Record__Subscription *person_set_state(struct turn *, struct person *,
    uint32_t list, enum sub_state);

void person_suppress(struct turn *, const struct person *, uint32_t list,
    Record__Suppression__Reason, int64_t until);
void person_release(struct turn *, const struct person *, uint32_t list);

#endif
