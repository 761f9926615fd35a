/* SPDX-License-Identifier: ISC */
/*
 * The keys of session tickets.  They come from a random secret and change
 * every 12 hours; each secret is made of the one before it, which is then
 * forgotten, so that no later look into memory opens an older session.  All
 * processes that got a copy by fork change at the same moments.
 */
#ifndef IO_TLS_TICKETS_H
#define IO_TLS_TICKETS_H

#include <stdint.h>

struct event_base;
struct tls_tickets;

enum { TLS_TICKET_NAME_SIZE = 16, TLS_TICKET_KEY_SIZE = 32 };

struct tls_ticket_key {
	uint8_t name[TLS_TICKET_NAME_SIZE];
	uint8_t cipher[TLS_TICKET_KEY_SIZE], mac[TLS_TICKET_KEY_SIZE];
};

struct tls_tickets *tls_tickets_new(int64_t now_ms);
/* The same keys, now and later. */
struct tls_tickets *tls_tickets_copy(const struct tls_tickets *,
    int64_t now_ms);
/* Clears it; NULL is fine. */
void tls_tickets_free(struct tls_tickets *);
/* Changes the keys if it is time to, by the monotonic clock. */
void tls_tickets_advance(struct tls_tickets *, int64_t now_ms);
/* The key that new tickets get.  Borrowed, as the next. */
const struct tls_ticket_key *tls_tickets_current(const struct tls_tickets *);
/* The one of that name, if it is that or the one before; else NULL. */
const struct tls_ticket_key *tls_tickets_find(const struct tls_tickets *,
    const uint8_t name[TLS_TICKET_NAME_SIZE]);

/* Advances it by and by, even if nobody comes; ends with the tickets. */
void tls_tickets_keep(struct tls_tickets *, struct event_base *);
/* Before the base goes: stops that. */
void tls_tickets_leave(struct tls_tickets *);

#endif
