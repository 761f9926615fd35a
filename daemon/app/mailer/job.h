/* SPDX-License-Identifier: ISC */
/*
 * The mails that the mailer has at the moment.
 */
#ifndef APP_MAILER_JOB_H
#define APP_MAILER_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "app/mailer/mail_count.h"
#include "app/mailer/transport.h"
#include "core/message.pb-c.h"

struct mailer;

struct job {
	struct delivery delivery;	/* first: a job is its delivery */
	struct mailer *mailer;
	uint64_t due, sequence;
	char *kind, *list, *message_id;
	uint32_t attempts;
	uint32_t credits;		/* given back when it is done */
	bool orphan;			/* its engine is gone */
	struct mail_times times;
	struct job *prev, *next;
};

/* Zero-initialised: none. */
struct jobs {
	struct job *first;
	unsigned count;
};

/* Added to the others; its mail is still to be composed. */
struct job *job_new(struct jobs *, const Message__Mail *, struct mailer *);
void job_free(struct jobs *, struct job *);
/* NULL: there is none. */
struct job *job_find(const struct jobs *, const char *message_id);
struct job *job_find_sequence(const struct jobs *, uint64_t sequence);
/* Tells what became of it; not of one that is UNTRIED. */
void job_log(const struct job *, Message__MailResult__Outcome,
    const char *reply);

#endif
