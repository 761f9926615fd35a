/* SPDX-License-Identifier: ISC */
/*
 * What client and server said to each other, as it passed on the wire: which
 * command waits for its reply, and what the last reply was.  libESMTP believes
 * whatever arrives; this tells when it had better not.  Pure.
 */
#ifndef SMTP_WIRE_H
#define SMTP_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

enum { WIRE_TEXT_MAX = 400, WIRE_ASKED_MAX = 8 };

enum wire_step { WIRE_GREETING, WIRE_EHLO, WIRE_AUTH, WIRE_MAIL, WIRE_RCPT,
	WIRE_DATA, WIRE_BODY, WIRE_DOT, WIRE_OTHER, WIRE_QUIT, WIRE_STEPS };

/* A plain value. */
struct wire {
	enum wire_step asked[WIRE_ASKED_MAX];	/* without an answer yet */
	size_t asked_count;
	enum wire_step step;	/* the last thing that was asked */
	bool authenticated;	/* 235 was seen */
	const char *fault;	/* why nothing counts any more; or NULL */

	/* The last whole reply that counts: "CODE text", ASCII, one line. */
	enum wire_step reply_to;
	unsigned code;		/* 0: none yet */
	char text[WIRE_TEXT_MAX];

	/* The reply that is coming in. */
	char line[WIRE_TEXT_MAX];	/* the start of its last line */
	size_t line_len, reply_len;
	char draft[WIRE_TEXT_MAX];
	size_t draft_len;
};

/* At the start the greeting is waited for. */
void wire_init(struct wire *);
/* Commands, as they were written: whole lines. */
void wire_sent(struct wire *, struct slice data);
/* The message, and its end: those aren't shown to wire_sent. */
void wire_begin_body(struct wire *);
void wire_end_body(struct wire *);
/* What has come, in pieces of any size. */
void wire_got(struct wire *, struct slice data);
/* What is waited for; the last thing asked if that is nothing. */
enum wire_step wire_awaited(const struct wire *);
/* "an answer to MAIL". */
const char *wire_step_name(enum wire_step);

#endif
