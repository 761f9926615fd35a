/* SPDX-License-Identifier: ISC */
/*
 * What became of a mail: delivered, refused, or to be tried again later.
 */
#include "app/engine/op_result.h"

#include <string.h>

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "app/engine/mail_source.h"
#include "app/engine/mail_text.h"
#include "app/engine/request.h"
#include "app/engine/suppress.h"
#include "app/engine/watch.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/reply.h"

static void
result_gather(struct turn *turn, struct op *op)
{
	const Message__MailResult *m = op->question->mail_result;
	struct mail_source source;

	if (!mail_source_get(turn, m->due, m->sequence, &source))
		return;
	/* Confirmed while the mail was under way: then it is the contact's. */
	if (source.request != NULL && source.request->contact != 0)
		(void)person_get_contact(turn, source.request->contact,
		    &source.person);
}

/* The lists that a row is about, as an event has them. */
static void
set_wishes(struct turn *turn, Record__Event *event, const Record__Outbox *row)
{
	event->n_wishes = row->n_lists;
	event->wishes = arena_alloc(turn->arena,
	    row->n_lists * sizeof(*event->wishes));
	for (size_t i = 0; i < row->n_lists; i++) {
		event->wishes[i] = arena_alloc(turn->arena,
		    sizeof(*event->wishes[i]));
		record__wish__init(event->wishes[i]);
		event->wishes[i]->list = row->lists[i];
	}
}

/* Adds what became of a mail to the chain of whoever it was for. */
static void
log_outcome(struct turn *turn, const struct mail_source *s,
    const Message__MailResult *m, Record__Event__Kind kind)
{
	const Record__Outbox *row = s->row;
	Record__Event event;
	struct person p;
	uint64_t contact;

	/* Its request was forgotten meanwhile: so is what a server says of
	 * the address. */
	if (s->kind->about == MAIL_ABOUT_REQUEST && s->request == NULL)
		return;
	record__event__init(&event);
	event.kind = kind;
	event.message_id = row->message_id;
	event.mail_kind = turn_text(turn, s->kind->name);
	event.mail_text = (ProtobufCBinaryData){ 32,
		mail_text_hash(turn->engine, row) };
	event.reply = m->reply;
	if (s->kind->is_by_strangers)
		event.budget_key = budgets_domain_key(turn->engine,
		    row->address);
	set_wishes(turn, &event, row);
	if (s->request != NULL && s->request->contact == 0) {
		Record__Request *r = rows_request(turn, row->request);

		request_log(turn, row->request, r, &event);
		rows_put_request(turn, row->request, r);
		return;
	}
	contact = s->request != NULL ? s->request->contact : row->contact;
	/* Whoever is gone leaves no trace by a mail that was under way. */
	if (contact == 0 || !person_get_contact(turn, contact, &p))
		return;
	if (s->request == NULL && s->kind->is_by_strangers)
		person_add_aside(turn, &p, &event);
	else
		person_add_event(turn, &p, &event);
}

/* The confirmation's time starts when a server has taken its mail. */
static void
start_confirm_time(struct turn *turn, const Record__Outbox *row)
{
	Record__Request *r = rows_request(turn, row->request);

	if (r == NULL || r->state == RECORD__REQUEST__STATE__CONFIRMED)
		return;
	request_set_expiry(turn, row->request, r,
	    request_mailed_expiry(turn, r));
	r->mailed_at = turn->now;
	r->outbox_due = 0;
	r->outbox_sequence = 0;
	rows_put_request(turn, row->request, r);
}

/*
 * There is no such mailbox: then its owner didn't ask, or misspelt it.  (Of
 * somebody who confirmed once a single bounce says little.)
 */
static void
note_bounce(struct turn *turn, const struct mail_source *s,
    const Message__MailResult *m)
{
	if (s->request == NULL || s->request->contact != 0 ||
	    m->outcome != MESSAGE__MAIL_RESULT__OUTCOME__REFUSED ||
	    !reply_is_no_mailbox(slice_str(m->reply)))
		return;
	suppress_all(turn, &s->person, RECORD__SUPPRESSION__REASON__BOUNCE,
	    "mail server");
	suppress_note_try(turn, &s->person);
}

/* From now on it can be confirmed, or never will be. */
static void
note_asked(struct turn *turn, const struct mail_source *s)
{
	const Record__Request *r = s->request;

	if (s->row->kind == RECORD__OUTBOX__KIND__CONFIRM && r != NULL &&
	    r->state != RECORD__REQUEST__STATE__CONFIRMED &&
	    r->mailed_at == 0)
		watch_request(turn->engine, r, ATTACK_ASKED, turn->now,
		    turn->now);
}

static void
finish(struct turn *turn, const struct mail_source *s,
    const Message__MailResult *m)
{
	bool sent = m->outcome == MESSAGE__MAIL_RESULT__OUTCOME__SENT;

	note_asked(turn, s);
	if (sent)
		turn->engine->stats.mailed++;
	if (sent && s->row->kind == RECORD__OUTBOX__KIND__CONFIRM)
		start_confirm_time(turn, s->row);
	log_outcome(turn, s, m, sent ? RECORD__EVENT__KIND__MAILED :
	    RECORD__EVENT__KIND__REFUSED);
	note_bounce(turn, s, m);
	outbox_delete(turn, (struct outbox_key){ m->due, m->sequence });
}

static void
try_later(struct turn *turn, struct mail_source *s,
    const Message__MailResult *m)
{
	const struct config *c = turn->engine->config;
	struct outbox_key key = { m->due, m->sequence };
	Record__Outbox row = *s->row;
	size_t step = row.attempts < c->mail.retry.count ? row.attempts :
	    c->mail.retry.count - 1;
	int64_t wait = (int64_t)c->mail.retry.item[step] * CLOCK_SECOND;
	int64_t due = turn->now + wait;

	if (!mail_source_is_wanted(turn, s)) {
		outbox_delete(turn, key);
		return;
	}
	/* What is our own fault is nobody's loss: it waits for its mending. */
	if (turn->past + wait > row.give_up_at &&
	    m->outcome != MESSAGE__MAIL_RESULT__OUTCOME__OURS) {
		log_warn("mail_given_up", log_str("kind", s->kind->name),
		    log_address("to", slice_str(row.address)),
		    log_num("attempts", row.attempts + 1));
		finish(turn, s, m);
		return;
	}
	row.attempts++;
	row.last_reply = m->reply;
	outbox_move(turn, key, (uint64_t)due, &row);
	mail_source_point(turn, &row, (struct outbox_key){ (uint64_t)due,
	    key.sequence });
}

/* It stays as it is, but for what the administrator is shown. */
static void
keep_reply(struct turn *turn, const struct mail_source *s,
    const Message__MailResult *m)
{
	Record__Outbox row = *s->row;

	if (m->reply[0] == '\0' || strcmp(row.last_reply, m->reply) == 0)
		return;
	row.last_reply = m->reply;
	outbox_put(turn, (struct outbox_key){ m->due, m->sequence }, &row);
}

static void
result_apply(struct turn *turn, struct op *op)
{
	const Message__MailResult *m = op->question->mail_result;
	struct mail_source source;

	if (!mail_source_get(turn, m->due, m->sequence, &source))
		return;
	switch (m->outcome) {
	case MESSAGE__MAIL_RESULT__OUTCOME__SENT:
	case MESSAGE__MAIL_RESULT__OUTCOME__REFUSED:
		finish(turn, &source, m);
		break;
	case MESSAGE__MAIL_RESULT__OUTCOME__RETRY:
	case MESSAGE__MAIL_RESULT__OUTCOME__OURS:
	case _MESSAGE__MAIL_RESULT__OUTCOME_IS_INT_SIZE:
		try_later(turn, &source, m);
		break;
	case MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED:
		keep_reply(turn, &source, m);
		break;
	}
}

static void
result_done(struct turn *turn, struct op *op, int error)
{
	const Message__MailResult *m = op->question->mail_result;

	(void)error;
	outbox_release(turn->engine,
	    (struct outbox_key){ m->due, m->sequence });
	if (m->outcome == MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED)
		outbox_look_again(turn->engine);
}

const struct op_class op_result = {
	.name = "result",
	.gather = result_gather,
	.apply = result_apply,
	.done = result_done,
};
