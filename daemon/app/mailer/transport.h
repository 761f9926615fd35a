/* SPDX-License-Identifier: ISC */
/*
 * A way for a composed mail to leave: into a maildir, to a server.  The
 * mailer hands over deliveries and gets each back with what became of it.
 */
#ifndef APP_TRANSPORT_H
#define APP_TRANSPORT_H

#include <stdbool.h>

#include "app/mailer/compose.h"

struct buf;
struct config;
struct event_base;

/* One mail on its way.  The mailer owns it; `link` is the transport's. */
struct delivery {
	struct composed mail;
	const char *key;	/* its Message-ID */
	bool again;		/* tried before: others may go first */
	bool recalled;		/* not to be sent, if that's still possible */
	struct delivery *link;
};

/* All are called from the loop or from flush, never from send. */
struct transport_callbacks {
	/*
	 * What became of a delivery, which is the mailer's again; `reply` is
	 * borrowed for the call.
	 */
	void (*on_done)(struct delivery *, Message__MailResult__Outcome,
	    const char *reply, void *arg);
	/* After some were UNTRIED: it wants one to try, or any number. */
	void (*on_wanted)(bool all, void *arg);
	/*
	 * What this process may open isn't there any more, or another took
	 * its place: only a new process will get at it.
	 */
	void (*on_lost)(const char *what, void *arg);
};

/* All of it stays. */
struct transport_setup {
	struct event_base *base;
	const struct config *config;
	const char *password;	/* the mail server's; "": none */
	const struct transport_callbacks *callbacks;
	void *arg;
};

struct transport {
	const char *name;
	/*
	 * Before the process enters its sandbox, in which all others are
	 * called.  Owned; NULL after adding to `error` why not.
	 */
	void *(*open)(const struct transport_setup *, struct buf *error);
	/* Borrows the delivery until done. */
	void (*send)(void *self, struct delivery *);
	/*
	 * The mailer's again, as if it had never been sent; false when it is
	 * on its way or isn't here.  NULL: all are at once.
	 */
	bool (*recall)(void *self, struct delivery *);
	/* No more deliveries have arrived for now. */
	void (*flush)(void *self);
	/* What isn't on its way yet is done: UNTRIED.  NULL: all is. */
	void (*give_back)(void *self);
	/* Ends all at once; every delivery that is left is done: UNTRIED. */
	void (*abort)(void *self);
	/* None may be left. */
	void (*close)(void *self);
};

extern const struct transport transport_maildir;
extern const struct transport transport_smtp;
/* The path of the program that the latter starts; owned. */
char *transport_smtp_program(void);

#endif
