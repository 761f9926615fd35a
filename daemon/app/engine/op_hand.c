/* SPDX-License-Identifier: ISC */
/*
 * Outbox rows to mails.  The links are made here, of ids and keys, each time
 * anew and each time the same.
 */
#include "app/engine/op_hand.h"

#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "app/engine/request.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/code.h"
#include "core/ip.h"
#include "core/origin.h"
#include "core/token.h"

/* ---- whether it still should go, and what it says, by kind ---- */

struct mail_source {
	const Record__Outbox *row;
	const Record__Request *request;
	struct person person;
};

static bool
confirm_gather(struct turn *turn, struct mail_source *s)
{
	s->request = rows_request(turn, s->row->request);
	if (s->request == NULL)
		return false;
	/* The stub of one confirmed meanwhile, perhaps in this very turn,
	 * knows no address: what it is about is the contact's now. */
	if (s->request->contact != 0)
		return true;
	s->person = request_person(turn, s->request);
	for (size_t i = 0; i < s->request->n_wishes; i++)
		(void)rows_text(turn, s->request->wishes[i]->consent);
	return true;
}

static bool
confirm_is_wanted(struct turn *turn, const struct mail_source *s)
{
	const Record__Request *r = s->request;

	if (r == NULL || r->state != RECORD__REQUEST__STATE__WAITING ||
	    (r->expires_at != 0 && r->expires_at <= turn->now))
		return false;
	for (size_t i = 0; i < r->n_wishes; i++) {
		if (person_state(turn, &s->person, r->wishes[i]->list,
		    true) == SUB_PENDING)
			return true;
	}
	return false;
}

static bool
contact_gather(struct turn *turn, struct mail_source *s)
{
	return person_get_contact(turn, s->row->contact, &s->person);
}

static bool
contact_is_wanted(struct turn *turn, const struct mail_source *s)
{
	(void)turn;
	if (s->person.contact == NULL)
		return false;
	for (size_t i = 0; i < s->row->n_lists; i++) {
		const Record__Subscription *sub = person_subscription(
		    &s->person, s->row->lists[i]);

		if (sub == NULL ||
		    sub->state != RECORD__SUBSCRIPTION__STATE__CONFIRMED)
			return false;
	}
	return true;
}

static char *
make_token(struct turn *turn, const struct token *token)
{
	char text[TOKEN_TEXT_SIZE];

	token_make(&turn->engine->secret->tokens, token, text);
	return turn_text(turn, text);
}

static char *
request_token(struct turn *turn, enum token_kind kind, uint64_t id,
    const Record__Request *r)
{
	return make_token(turn, &(struct token){ .kind = kind, .id = id,
	    .expiry_hours = token_expiry_hours(r->expires_at, 0) });
}

static Message__Visited__Topic *
make_topic(struct turn *turn, uint32_t list, const char *consent)
{
	const struct engine_list *l = engine_list_by_id(turn->engine, list);
	Message__Visited__Topic *topic = arena_alloc(turn->arena,
	    sizeof(*topic));

	message__visited__topic__init(topic);
	if (l != NULL) {
		topic->list = turn_text(turn, l->name);
		topic->title = turn_text(turn, l->title);
	}
	if (consent != NULL)
		topic->consent = turn_text(turn, consent);
	return topic;
}

/* The origin, if it is one that the list's owner configured. */
static char *
asked_from(struct turn *turn, const Record__Request *r)
{
	const struct engine_list *l = engine_list_by_id(turn->engine,
	    r->wishes[0]->list);

	if (r->evidence == NULL || l == NULL || l->config == NULL)
		return turn_text(turn, "");
	for (size_t i = 0; i < l->config->origins.count; i++) {
		if (strcmp(l->config->origins.item[i],
		    r->evidence->origin) == 0)
			return r->evidence->origin;
	}
	return turn_text(turn, "");
}

static char *
asked_ip(struct turn *turn, const Record__Request *r)
{
	char *text = arena_alloc(turn->arena, IP_TEXT_SIZE);

	if (r->evidence != NULL)
		ip_write_evidence(slice_str(r->evidence->ip),
		    CONFIG_IP_TRUNCATED, text);
	return text;
}

static void
confirm_fill(struct turn *turn, const struct mail_source *s,
    Message__Mail *mail)
{
	const Record__Request *r = s->request;
	uint64_t id = s->row->request;
	char code[CODE_SIZE];

	mail->n_topics = r->n_wishes;
	mail->topics = arena_alloc(turn->arena,
	    r->n_wishes * sizeof(*mail->topics));
	for (size_t i = 0; i < r->n_wishes; i++)
		mail->topics[i] = make_topic(turn, r->wishes[i]->list,
		    rows_text(turn, r->wishes[i]->consent));
	mail->confirm_token = request_token(turn, TOKEN_CONFIRM, id, r);
	mail->notme_token = request_token(turn, TOKEN_NOTME, id, r);
	mail->unsubscribe_token = request_token(turn, TOKEN_WITHDRAW, id, r);
	request_code(turn, id, r, code);
	mail->code = arena_alloc(turn->arena, CODE_SHOWN_SIZE);
	code_show(code, mail->code);
	mail->asked_at = r->asked_at;
	mail->asked_from = asked_from(turn, r);
	mail->asked_ip = asked_ip(turn, r);
}

static void
contact_fill(struct turn *turn, const struct mail_source *s,
    Message__Mail *mail)
{
	const Record__Outbox *row = s->row;
	const Record__Subscription *sub = person_subscription(&s->person,
	    row->lists[0]);

	mail->n_topics = row->n_lists;
	mail->topics = arena_alloc(turn->arena,
	    row->n_lists * sizeof(*mail->topics));
	for (size_t i = 0; i < row->n_lists; i++)
		mail->topics[i] = make_topic(turn, row->lists[i], NULL);
	mail->unsubscribe_token = make_token(turn, &(struct token){
	    .kind = TOKEN_UNSUBSCRIBE, .id = row->contact,
	    .list = (uint16_t)row->lists[0],
	    .generation = (uint8_t)sub->generation });
}

static const struct mail_kind {
	bool (*gather)(struct turn *, struct mail_source *);
	bool (*is_wanted)(struct turn *, const struct mail_source *);
	void (*fill)(struct turn *, const struct mail_source *,
	    Message__Mail *);
} kinds[] = {
	[OUTBOX_CONFIRM] = { confirm_gather, confirm_is_wanted,
	    confirm_fill },
	[OUTBOX_WELCOME] = { contact_gather, contact_is_wanted,
	    contact_fill },
	[OUTBOX_ALREADY] = { contact_gather, contact_is_wanted,
	    contact_fill },
};
_Static_assert(sizeof(kinds) / sizeof(kinds[0]) == OUTBOX_KINDS,
    "each kind of mail has its row");

/* ---- hand ---- */

/* False when there is no such row (or not yet, while gathering). */
static bool
get_source(struct turn *turn, uint64_t due, uint64_t sequence,
    struct mail_source *ret_source)
{
	Record__Outbox *row = rows_outbox(turn, due, sequence);

	*ret_source = (struct mail_source){ .row = row };
	if (row == NULL || (size_t)row->kind >= OUTBOX_KINDS ||
	    row->n_lists == 0)
		return false;
	(void)kinds[row->kind].gather(turn, ret_source);
	return true;
}

static void
hand_gather(struct turn *turn, struct op *op)
{
	struct mail_source source;

	(void)get_source(turn, op->due, op->id, &source);
}

static void
hand_apply(struct turn *turn, struct op *op)
{
	struct mail_source source;
	Message__Mail *mail;
	const struct engine_list *l;

	if (!get_source(turn, op->due, op->id, &source))
		return;
	l = engine_list_by_id(turn->engine, source.row->lists[0]);
	if (l == NULL || l->config == NULL ||
	    !kinds[source.row->kind].is_wanted(turn, &source)) {
		outbox_delete(turn, (struct outbox_key){ op->due, op->id });
		return;
	}
	mail = arena_alloc(turn->arena, sizeof(*mail));
	message__mail__init(mail);
	mail->due = op->due;
	mail->sequence = op->id;
	mail->kind = turn_text(turn,
	    outbox_kind_name((enum outbox_kind)source.row->kind));
	mail->list = l->name;
	mail->lang = source.row->lang;
	mail->address = source.row->address;
	mail->message_id = source.row->message_id;
	mail->queued_at = source.row->queued_at;
	mail->attempts = source.row->attempts;
	kinds[source.row->kind].fill(turn, &source, mail);
	op->reply = arena_alloc(turn->arena, sizeof(*op->reply));
	message__envelope__init(op->reply);
	op->reply->body_case = MESSAGE__ENVELOPE__BODY_MAIL;
	op->reply->mail = mail;
}

static void
hand_done(struct turn *turn, struct op *op, int error)
{
	struct engine *e = turn->engine;
	struct peer *mailer = engine_peer(e, ROLE_MAILER, 0);
	struct outbox_key key = { op->due, op->id };

	if (error == 0 && op->reply != NULL && mailer != NULL &&
	    wire_send(mailer->ipc, op->reply) == 0)
		return;
	/* Dropped, or nobody to give it to: the credit is there again. */
	outbox_release(e, key);
	if (mailer != NULL && error == 0)
		outbox_add_credit(e, 1);
}

const struct op_class op_hand = {
	.name = "hand",
	.gather = hand_gather,
	.apply = hand_apply,
	.done = hand_done,
};

/* ---- result ---- */

static void
result_gather(struct turn *turn, struct op *op)
{
	const Message__MailResult *m = op->question->mail_result;
	struct mail_source source;

	if (!get_source(turn, m->due, m->sequence, &source))
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
	struct engine *e = turn->engine;
	const Record__Outbox *row = s->row;
	Record__Event event;
	struct person p;

	record__event__init(&event);
	event.kind = kind;
	event.message_id = row->message_id;
	event.mail_kind = turn_text(turn,
	    outbox_kind_name((enum outbox_kind)row->kind));
	event.mail_text = (ProtobufCBinaryData){ 32,
		e->mail_text[row->kind] };
	event.reply = m->reply;
	set_wishes(turn, &event, row);
	if (s->request != NULL && s->request->contact == 0) {
		Record__Request *r = rows_request(turn, row->request);

		request_log(turn, row->request, r, &event);
		rows_put_request(turn, row->request, r);
		return;
	}
	event.contact = s->request != NULL ? s->request->contact :
	    row->contact;
	if (row->kind != RECORD__OUTBOX__KIND__ALREADY &&
	    event.contact != 0 &&
	    person_get_contact(turn, event.contact, &p)) {
		event.previous = p.contact->last_event;
		p.contact->last_event = ledger_append(turn, &event);
		person_put_contact(turn, &p);
	} else {
		ledger_append(turn, &event);
	}
}

/* The confirmation's time starts when a server has taken its mail. */
static void
start_confirm_time(struct turn *turn, const Record__Outbox *row)
{
	Record__Request *r = rows_request(turn, row->request);

	if (r == NULL || r->state == RECORD__REQUEST__STATE__CONFIRMED)
		return;
	r->mailed_at = turn->now;
	r->outbox_due = 0;
	r->outbox_sequence = 0;
	request_set_expiry(turn, row->request, r,
	    request_mailed_expiry(turn, r));
	rows_put_request(turn, row->request, r);
}

static void
finish(struct turn *turn, const struct mail_source *s,
    const Message__MailResult *m)
{
	bool sent = m->outcome == MESSAGE__MAIL_RESULT__OUTCOME__SENT;

	if (sent)
		turn->engine->stats.mailed++;
	if (sent && s->row->kind == RECORD__OUTBOX__KIND__CONFIRM)
		start_confirm_time(turn, s->row);
	log_outcome(turn, s, m, sent ? RECORD__EVENT__KIND__MAILED :
	    RECORD__EVENT__KIND__REFUSED);
	outbox_delete(turn, (struct outbox_key){ m->due, m->sequence });
}

static void
try_later(struct turn *turn, struct mail_source *s,
    const Message__MailResult *m)
{
	const struct config *c = turn->engine->config;
	struct outbox_key key = { m->due, m->sequence };
	Record__Outbox row = *s->row;
	size_t step = row.attempts < c->mail.retry_count ? row.attempts :
	    c->mail.retry_count - 1;
	int64_t due = turn->now +
	    (int64_t)c->mail.retry[step] * CLOCK_SECOND;

	if (!kinds[row.kind].is_wanted(turn, s)) {
		outbox_delete(turn, key);
		return;
	}
	if (due > row.give_up_at) {
		finish(turn, s, m);
		return;
	}
	row.attempts++;
	row.last_reply = m->reply;
	outbox_move(turn, key, (uint64_t)due, &row);
	if (row.kind == RECORD__OUTBOX__KIND__CONFIRM) {
		Record__Request *r = rows_request(turn, row.request);

		r->outbox_due = (uint64_t)due;
		r->outbox_sequence = key.sequence;
		rows_put_request(turn, row.request, r);
	}
}

static void
result_apply(struct turn *turn, struct op *op)
{
	const Message__MailResult *m = op->question->mail_result;
	struct mail_source source;

	if (!get_source(turn, m->due, m->sequence, &source))
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
	}
}

static void
result_done(struct turn *turn, struct op *op, int error)
{
	const Message__MailResult *m = op->question->mail_result;

	(void)error;
	outbox_release(turn->engine,
	    (struct outbox_key){ m->due, m->sequence });
}

const struct op_class op_result = {
	.name = "result",
	.gather = result_gather,
	.apply = result_apply,
	.done = result_done,
};
