/* SPDX-License-Identifier: ISC */
/*
 * A list; few enough to look through.
 */
#include "app/mailer/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "core/reply.h"

struct job *
job_new(struct jobs *jobs, const Message__Mail *mail, struct mailer *mailer)
{
	struct job *j = MEM_NEW(struct job);

	j->mailer = mailer;
	j->due = mail->due;
	j->sequence = mail->sequence;
	j->kind = mem_strdup(mail->kind);
	j->list = mem_strdup(mail->list);
	j->message_id = mem_strdup(mail->message_id);
	j->attempts = mail->attempts;
	j->credits = 1;
	j->times = mail_times_now(mail->queued_at);
	j->delivery.key = j->message_id;
	j->delivery.again = j->attempts > 0;
	j->next = jobs->first;
	if (j->next != NULL)
		j->next->prev = j;
	jobs->first = j;
	jobs->count++;
	return j;
}

void
job_free(struct jobs *jobs, struct job *j)
{
	if (j->prev != NULL)
		j->prev->next = j->next;
	else
		jobs->first = j->next;
	if (j->next != NULL)
		j->next->prev = j->prev;
	jobs->count--;
	compose_fini(&j->delivery.mail);
	free(j->kind);
	free(j->list);
	free(j->message_id);
	free(j);
}

struct job *
job_find(const struct jobs *jobs, const char *message_id)
{
	struct job *j = jobs->first;

	while (j != NULL && strcmp(j->message_id, message_id) != 0)
		j = j->next;
	return j;
}

struct job *
job_find_sequence(const struct jobs *jobs, uint64_t sequence)
{
	struct job *j = jobs->first;

	while (j != NULL && j->sequence != sequence)
		j = j->next;
	return j;
}

void
job_log(const struct job *j, Message__MailResult__Outcome outcome,
    const char *reply)
{
	static const struct {
		enum log_level level;
		const char *name;
	} events[] = {
		[MESSAGE__MAIL_RESULT__OUTCOME__SENT] = { LOG_LEVEL_INFO,
		    "mailed" },
		[MESSAGE__MAIL_RESULT__OUTCOME__RETRY] = { LOG_LEVEL_WARN,
		    "mail_deferred" },
		[MESSAGE__MAIL_RESULT__OUTCOME__REFUSED] = { LOG_LEVEL_WARN,
		    "mail_refused" },
		[MESSAGE__MAIL_RESULT__OUTCOME__OURS] = { LOG_LEVEL_ERROR,
		    "mail_failed" },
	};
	char *masked = reply_mask(slice_str(reply));

	log_event(events[outcome].level, events[outcome].name,
	    LOG_FIELDS(log_str("kind", j->kind), log_str("list", j->list),
	    log_address("to", slice_str(j->delivery.mail.to)),
	    log_num("attempts", j->attempts), log_str("reply", masked)));
	free(masked);
}
