/* SPDX-License-Identifier: ISC */
/*
 * Connecting to the mail server, up to where a session may begin: the
 * connection, TLS as the config wants it, the greeting.
 */
#ifndef APP_DIAL_H
#define APP_DIAL_H

#include <stdbool.h>

#include "base/slice.h"

struct bufferevent;
struct config;
struct dial;
struct event_base;
struct tls_client;

struct dial_callbacks {
	/*
	 * Connected and greeted: the connection is the callee's, the greeting
	 * (220, with its line ends) borrowed.  The dial is freed after it.
	 */
	void (*on_greeted)(struct bufferevent *, struct slice greeting,
	    void *arg);
	/*
	 * It is not going to be; why, in words.  `ours`: trying again doesn't
	 * help before somebody changes something.  Freed after it.
	 */
	void (*on_failed)(bool ours, const char *why, void *arg);
};

/* Stays. */
struct dial_setup {
	struct event_base *base;
	const struct config *config;
	const char *hostname;		/* for EHLO */
	struct tls_client *tls;		/* NULL if config wants none */
};

/*
 * Starts; one of the callbacks follows from the loop, within mail.timeout for
 * each thing the server is waited for.  Owned, until then; the callbacks stay.
 */
struct dial *dial_new(const struct dial_setup *,
    const struct dial_callbacks *, void *arg);
/* Gives up silently. */
void dial_free(struct dial *);

#endif
