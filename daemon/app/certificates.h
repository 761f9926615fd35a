/* SPDX-License-Identifier: ISC */
/*
 * The listeners' certificates and keys, and the keys of their tickets.  The
 * parent loads them, and the web processes have them by fork; the others
 * forget them before they do anything else.
 */
#ifndef APP_CERTIFICATES_H
#define APP_CERTIFICATES_H

#include <stddef.h>
#include <stdint.h>

struct buf;
struct certificates;
struct config;
struct event_base;
struct tls_server;

/*
 * Owned; NULL after adding one line on what is wrong to `error`.  Tickets of
 * the former ones (or NULL) go on being good.
 */
struct certificates *certificates_load(const struct config *,
    const struct certificates *former, struct buf *error);
/* NULL is fine, here and in all that follow. */
void certificates_free(struct certificates *);
/* Clears and frees all keys; what remains is when they expire. */
void certificates_forget(struct certificates *);
/* The i-th listener's, borrowed; NULL: it is plain. */
struct tls_server *certificates_of(const struct certificates *, size_t i);
/* When the first of them expires: wall clock, microseconds; 0: none does. */
int64_t certificates_expiry(const struct certificates *);

/* As long as that loop runs, tickets get new keys in time. */
void certificates_keep(struct certificates *, struct event_base *);
void certificates_leave(struct certificates *);

#endif
