/* SPDX-License-Identifier: ISC */
/*
 * The mailer's side of one SMTP session: the connection to the server, the
 * assent-smtp process that speaks on it, and one delivery at a time.
 */
#ifndef APP_SMTP_SESSION_H
#define APP_SMTP_SESSION_H

#include <stdbool.h>

#include "app/mailer/dial.h"
#include "app/mailer/transport.h"

struct smtp_session;

/* How far the server has let it get. */
enum smtp_fate {
	SMTP_NOWHERE,		/* not reached, lost, put off */
	SMTP_SERVED,		/* it has decided about a mail */
	SMTP_UNWANTED,		/* it wants nothing of us as we are */
};

/* All are called from the loop. */
struct smtp_session_callbacks {
	/* What became of the delivery; the session may take another one if
	 * smtp_session_is_idle says so. */
	void (*on_done)(struct smtp_session *, struct delivery *,
	    Message__MailResult__Outcome, const char *reply, void *arg);
	/* It is over, without a delivery; why, in words, or "".  Freed after
	 * the call. */
	void (*on_end)(struct smtp_session *, const char *why, void *arg);
};

/* What all sessions of a mailer share; stays. */
struct smtp_setup {
	struct dial_setup dial;
	const char *program;	/* path of assent-smtp */
	const char *password;	/* for the config's username */
	const struct smtp_session_callbacks *callbacks;
	void *arg;
};

/* Connects for the first delivery.  Owned until on_end. */
struct smtp_session *smtp_session_new(const struct smtp_setup *,
    struct delivery *first);
/* Was it greeted? */
bool smtp_session_was_let_in(const struct smtp_session *);
bool smtp_session_is_idle(const struct smtp_session *);
enum smtp_fate smtp_session_fate(const struct smtp_session *);
/* The delivery it is at; NULL: none. */
const struct delivery *smtp_session_delivery(const struct smtp_session *);
/* An idle session only. */
void smtp_session_send(struct smtp_session *, struct delivery *);
/* Kills it; its delivery, if any, is returned, and on_end isn't called. */
struct delivery *smtp_session_abort(struct smtp_session *);

#endif
