/* SPDX-License-Identifier: ISC */
/*
 * A request's own rows: the request, its due time, its cookie, its mail.
 */
#ifndef APP_REQUEST_H
#define APP_REQUEST_H

#include "app/engine/person.h"

/* Who it is about: read, and so wanted while gathering. */
struct person request_person(struct turn *, const Record__Request *);
/* Is there anything that its confirmation would change? */
bool request_is_pending(struct turn *, const struct person *,
    const Record__Request *);
/* When a request whose mail has not been accepted yet ends; like the next one
 * 14 days after it was asked for at the latest. */
int64_t request_first_expiry(struct turn *, const Record__Request *);
/* When it ends, counted from the acceptance of its mail. */
int64_t request_mailed_expiry(struct turn *, const Record__Request *);
/* Sets (or moves) the time it ends; does not write the request itself. */
void request_set_expiry(struct turn *, uint64_t id, Record__Request *,
    int64_t when);
/* Its cookie is no longer good for anything. */
void request_void_cookie(struct turn *, Record__Request *);
/* It no longer waits for its confirmation, nor for its mail. */
void request_stop_waiting(struct turn *, Record__Request *);
/* Says of a mail what its place depends on, should it have to wait: how much
 * speaks for a person behind the request, and where it came from. */
void request_rank(struct turn *, const Record__Request *, Record__Outbox *);
/* Queues the confirmation mail. */
void request_ask(struct turn *, uint64_t id, Record__Request *);
/* Takes that out of the queue again. */
void request_cancel_mail(struct turn *, Record__Request *);
/* Its lists alone: what was shown for them stands in its first event. */
Record__Wish **request_lists(struct turn *, const Record__Request *);
/*
 * Has an event tell of the request, and leave out what the first one says
 * (core/record.proto), of its evidence too.
 */
void request_tell(struct turn *, uint64_t id, const Record__Request *,
    Record__Event *);
/* Adds such an event to the request's chain. */
void request_log(struct turn *, uint64_t id, Record__Request *,
    Record__Event *);
/* The code that its mail shows, in normal form. */
void request_code(struct turn *, uint64_t id, const Record__Request *,
    char *ret_code);
/* Where it came from, in one word: `source`, utm_source or the origin. */
const char *request_source(const Record__Request *);
/* Ends what was left of one that was confirmed. */
void request_forget_stub(struct turn *, uint64_t id, Record__Request *);
/*
 * Ends it: rows, mail and whatever its events tell of a person go, its entry
 * with the address too.
 */
void request_forget(struct turn *, uint64_t id, Record__Request *,
    struct person *);

#endif
