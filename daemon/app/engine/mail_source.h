/* SPDX-License-Identifier: ISC */
/*
 * What a row of the outbox is about: whether anybody still waits for the mail,
 * and what it has to say.  The links are made here, of ids and keys, each time
 * anew and each time the same.
 */
#ifndef APP_MAIL_SOURCE_H
#define APP_MAIL_SOURCE_H

#include "app/engine/outbox.h"
#include "app/engine/person.h"
#include "app/mail_kind.h"
#include "core/message.pb-c.h"

struct mail_source {
	const Record__Outbox *row;
	const struct mail_kind *kind;	/* the row's */
	const Record__Request *request;	/* that it is about; or NULL */
	struct person person;
};

/* Is it of a kind that this version has? */
bool mail_source_knows(const Record__Outbox *row);
/* Reads it; false when there is no such row (or not yet, while gathering). */
bool mail_source_get(struct turn *, uint64_t due, uint64_t sequence,
    struct mail_source *ret_source);
/* Not confirmed, expired, withdrawn, suppressed or left meanwhile. */
bool mail_source_is_wanted(struct turn *, const struct mail_source *);
/* Can the texts be read that it has to cite? */
bool mail_source_is_whole(struct turn *, const struct mail_source *);
/* Whoever the mail is for knows from now on that its row stands there. */
void mail_source_point(struct turn *, const Record__Outbox *row,
    struct outbox_key to);
/* Topics, tokens, code and what else its kind has. */
void mail_source_fill(struct turn *, const struct mail_source *,
    Message__Mail *);

#endif
