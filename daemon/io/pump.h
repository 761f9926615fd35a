/* SPDX-License-Identifier: ISC */
/*
 * Carries bytes both ways between a connection and the socket of a process
 * beside us, at the pace of whichever is slower.  Knows nothing of what they
 * say.
 */
#ifndef IO_PUMP_H
#define IO_PUMP_H

#include "base/slice.h"

struct bufferevent;
struct event_base;
struct pump;

/*
 * Takes the connection and fd.  `first` is played to the process before
 * anything else.  When the connection ends, the process gets what had come
 * and then the end; when the process ends, what it left unsent is dropped
 * and on_end called, once, from the loop.  Without a connection (NULL) `first`
 * is all, and that end.  Owned; NULL, with both taken, when libevent can't.
 */
struct pump *pump_new(struct event_base *, struct bufferevent *connection,
    int fd, struct slice first, void (*on_end)(struct pump *, void *arg),
    void *arg);
/* Closes both. */
void pump_free(struct pump *);

#endif
