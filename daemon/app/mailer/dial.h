/* SPDX-License-Identifier: ISC */
/*
 * Connecting to the mail server, up to and with its greeting.  What makes a
 * connection trustworthy (TLS, later) happens here, before a session gets it.
 */
#ifndef APP_DIAL_H
#define APP_DIAL_H

#include "base/slice.h"
#include "core/message.pb-c.h"

struct bufferevent;
struct config;
struct dial;
struct event_base;

struct dial_callbacks {
	/*
	 * Connected and greeted: the connection is the callee's, the greeting
	 * (220, with its line ends) borrowed.  The dial is freed after it.
	 */
	void (*on_greeted)(struct bufferevent *, struct slice greeting,
	    void *arg);
	/* It is not going to be; why, in words.  Freed after it. */
	void (*on_failed)(Message__MailResult__Outcome, const char *why,
	    void *arg);
};

/*
 * Starts; one of the callbacks follows from the loop.  Owned, until then;
 * the config and callbacks stay.
 */
struct dial *dial_new(struct event_base *, const struct config *,
    const struct dial_callbacks *, void *arg);
/* Gives up silently. */
void dial_free(struct dial *);

#endif
