/* SPDX-License-Identifier: ISC */
/*
 * The kinds of mail: all that engine, mailer, templates and preview have to
 * know of each, in one row.
 */
#ifndef APP_MAIL_KIND_H
#define APP_MAIL_KIND_H

#include <stdbool.h>
#include <stddef.h>

enum { MAIL_KINDS_MAX = 16 };

/* What it says, and when it needn't be sent any more: see
 * app/engine/mail_source.c. */
enum mail_about {
	MAIL_ABOUT_REQUEST,		/* that waits for its confirmation */
	MAIL_ABOUT_SUBSCRIPTION,	/* that has begun or ended */
	MAIL_ABOUT_ALREADY,		/* asked for by who has it */
	MAIL_ABOUT_MANAGE,		/* the way to one's own settings */
	MAIL_ABOUT_ALARM,		/* for the owner */
	MAIL_ABOUTS,
};

struct mail_kind {
	const char *name;		/* "confirm" */
	const char *text, *html;	/* its templates */
	const char *subject;		/* the key of that text */
	/* What its templates are given and must show, with blanks: without
	 * it the mail would be of no use. */
	const char *shows;
	enum mail_about about;
	bool is_by_strangers;		/* anybody can have it sent to anybody:
					 * then it is budgeted */
	bool is_farewell;		/* for who is off the list, not on */
};

/* By its number in the outbox (core/record.proto); NULL: no such kind. */
const struct mail_kind *mail_kind_get(size_t number);
size_t mail_kind_count(void);
const struct mail_kind *mail_kind_find(const char *name);
/* "unknown" when there is none. */
const char *mail_kind_name(size_t number);

#endif
