/* SPDX-License-Identifier: ISC */
/*
 * The mailer's side of one SMTP session: the connection to the server, the
 * assent-smtp process that speaks on it, and one delivery at a time.
 */
#ifndef APP_SMTP_SESSION_H
#define APP_SMTP_SESSION_H

#include <stdbool.h>

#include "app/mailer/transport.h"

struct smtp_session;

/* All are called from the loop. */
struct smtp_session_callbacks {
	/* What became of the delivery; the session may take another one if
	 * smtp_session_is_idle says so. */
	void (*on_done)(struct smtp_session *, struct delivery *,
	    Message__MailResult__Outcome, const char *reply, void *arg);
	/* It is over, without a delivery; freed after the call. */
	void (*on_end)(struct smtp_session *, void *arg);
};

/* What all sessions of a mailer share; stays. */
struct smtp_setup {
	struct event_base *base;
	const struct config *config;
	const char *program;	/* path of assent-smtp */
	const char *hostname;	/* for EHLO */
	const struct smtp_session_callbacks *callbacks;
	void *arg;
};

/* Connects for the first delivery.  Owned until on_end. */
struct smtp_session *smtp_session_new(const struct smtp_setup *,
    struct delivery *first);
bool smtp_session_is_idle(const struct smtp_session *);
/* Has the server decided about a mail, so that others have a chance too? */
bool smtp_session_has_served(const struct smtp_session *);
/* An idle session only. */
void smtp_session_send(struct smtp_session *, struct delivery *);
/* Kills it; its delivery, if any, is returned, and on_end isn't called. */
struct delivery *smtp_session_abort(struct smtp_session *);

#endif
