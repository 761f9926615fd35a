/* SPDX-License-Identifier: ISC */
/*
 * Who must not be mailed, why and until when: one list by "that was not me",
 * all lists by the other reasons.  Rows are found by a keyed hash of the
 * address alone, so that they outlive all else that is known of it.
 */
#ifndef APP_SUPPRESS_H
#define APP_SUPPRESS_H

#include "app/engine/person.h"

/* "not-me", "bounce" …, as logs and the administrator have them. */
const char *suppress_reason_name(Record__Suppression__Reason);
/* What an administrator may give as a reason; false: that isn't one. */
bool suppress_reason_read(const char *name,
    Record__Suppression__Reason *ret_reason);

/* The row that holds now for that list alone (0: for all); or NULL. */
Record__Suppression *suppress_find(struct turn *, const struct person *,
    uint32_t list);
/*
 * Must the list not mail it?  `asked`: its owner asked for this mail after
 * it bounced, which no bounce forbids then.
 */
bool suppress_holds(struct turn *, const struct person *, uint32_t list,
    bool asked);

/* Wants all rows there may be, while gathering. */
void suppress_gather_all(struct turn *, const struct person *);

/* One list, for a while; the row goes by itself when that is over. */
void suppress_list(struct turn *, const struct person *, uint32_t list,
    int64_t until, uint64_t request);
void suppress_release_list(struct turn *, const struct person *,
    uint32_t list);
/* All lists.  False when it is so already, for as good a reason. */
bool suppress_all(struct turn *, const struct person *,
    Record__Suppression__Reason, const char *by);
/* All that an administrator may lift; returns how many rows. */
uint32_t suppress_lift(struct turn *, const struct person *);

/* It bounced: may its owner's new request be answered with a mail? */
bool suppress_may_try(struct turn *, const struct person *);
/* That mail is queued: no other in the next days. */
void suppress_note_try(struct turn *, const struct person *);
/* And was answered: it bounces no more. */
void suppress_end_bounce(struct turn *, const struct person *);

#endif
