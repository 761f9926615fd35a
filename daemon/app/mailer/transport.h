/* SPDX-License-Identifier: ISC */
/*
 * A way for a composed mail to leave: into a maildir, to a server.  The
 * mailer hands over deliveries and gets each back with what became of it.
 */
#ifndef APP_TRANSPORT_H
#define APP_TRANSPORT_H

#include "app/mailer/compose.h"

struct config;
struct event_base;

/* One mail on its way.  The mailer owns it; `link` is the transport's. */
struct delivery {
	struct composed mail;
	const char *key;	/* its Message-ID */
	struct delivery *link;
};

/*
 * What became of a delivery, which is the mailer's again; `reply` is
 * borrowed for the call.
 */
typedef void (*transport_done)(struct delivery *,
    Message__MailResult__Outcome, const char *reply, void *arg);

struct transport {
	const char *name;
	/* Owned; the config stays.  `done` is called from the loop or from
	 * flush, never from send. */
	void *(*open)(struct event_base *, const struct config *,
	    transport_done done, void *arg);
	/* Borrows the delivery until done. */
	void (*send)(void *self, struct delivery *);
	/* No more deliveries have arrived for now. */
	void (*flush)(void *self);
	/* Ends all at once; every delivery that is left is done: RETRY. */
	void (*abort)(void *self);
	/* None may be left. */
	void (*close)(void *self);
};

extern const struct transport transport_maildir;
extern const struct transport transport_smtp;

#endif
