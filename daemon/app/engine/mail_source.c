/* SPDX-License-Identifier: ISC */
/*
 * What mails are about, a row of functions each.
 */
#include "app/engine/mail_source.h"

#include "app/engine/engine.h"
#include "app/engine/manage.h"
#include "app/engine/request.h"
#include "app/engine/suppress.h"
#include "core/code.h"
#include "core/evidence_ip.h"
#include "core/token.h"

static bool
request_gather(struct turn *turn, struct mail_source *s)
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
request_is_wanted(struct turn *turn, const struct mail_source *s)
{
	const Record__Request *r = s->request;

	return r != NULL && r->state == RECORD__REQUEST__STATE__WAITING &&
	    (r->expires_at == 0 || r->expires_at > turn->past) &&
	    request_is_pending(turn, &s->person, r);
}

static bool
contact_gather(struct turn *turn, struct mail_source *s)
{
	if (!person_get_contact(turn, s->row->contact, &s->person))
		return false;
	for (size_t i = 0; i < s->row->n_lists; i++)
		(void)suppress_holds(turn, &s->person, s->row->lists[i],
		    false);
	return true;
}

/* All are as they were: on the lists, or off them. */
static bool
contact_is_wanted(struct turn *turn, const struct mail_source *s)
{
	const Record__Subscription__State wanted = s->kind->is_farewell ?
	    RECORD__SUBSCRIPTION__STATE__UNSUBSCRIBED :
	    RECORD__SUBSCRIPTION__STATE__CONFIRMED;

	for (size_t i = 0; i < s->row->n_lists; i++) {
		const Record__Subscription *sub = person_subscription(
		    &s->person, s->row->lists[i]);

		if (sub == NULL || sub->state != wanted ||
		    suppress_holds(turn, &s->person, sub->list, false))
			return false;
	}
	return true;
}

static bool
manage_mail_is_wanted(struct turn *turn, const struct mail_source *s)
{
	return manage_is_wanted(turn, &s->person);
}

static void
request_point(struct turn *turn, const Record__Outbox *row,
    struct outbox_key to)
{
	Record__Request *r = rows_request(turn, row->request);

	if (r == NULL || r->outbox_sequence != to.sequence)
		return;
	r->outbox_due = to.due;
	rows_put_request(turn, row->request, r);
}

static void
subscription_point(struct turn *turn, const Record__Outbox *row,
    struct outbox_key to)
{
	Record__Contact *c = rows_contact(turn, row->contact);

	for (size_t i = 0; c != NULL && i < c->n_subscriptions; i++) {
		if (c->subscriptions[i]->outbox_sequence != to.sequence)
			continue;
		c->subscriptions[i]->outbox_due = to.due;
		rows_put_contact(turn, row->contact, c);
	}
}

static void
already_point(struct turn *turn, const Record__Outbox *row,
    struct outbox_key to)
{
	struct person p;

	if (!person_get_contact(turn, row->contact, &p) ||
	    p.entry->already_sequence != to.sequence)
		return;
	p.entry->already_due = to.due;
	person_put_entry(turn, &p);
}

static void
manage_point(struct turn *turn, const Record__Outbox *row,
    struct outbox_key to)
{
	struct person p;

	if (!person_get_contact(turn, row->contact, &p) ||
	    p.entry->manage_sequence != to.sequence)
		return;
	p.entry->manage_due = to.due;
	person_put_entry(turn, &p);
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
	    .expiry = r->link_expiry });
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
		evidence_ip_write(slice_str(r->evidence->ip),
		    CONFIG_IP_TRUNCATED, text);
	return text;
}

static void
request_fill(struct turn *turn, const struct mail_source *s,
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
	/* None of a list that they were never on, nor can leave. */
	if (sub == NULL)
		return;
	mail->unsubscribe_token = make_token(turn, &(struct token){
	    .kind = TOKEN_UNSUBSCRIBE, .id = row->contact,
	    .list = (uint16_t)row->lists[0],
	    .generation = (uint8_t)sub->generation });
}

static void
manage_fill(struct turn *turn, const struct mail_source *s,
    Message__Mail *mail)
{
	const struct token token = manage_token(turn, s->row->contact);
	char code[CODE_SIZE];

	contact_fill(turn, s, mail);
	mail->manage_token = make_token(turn, &token);
	manage_code(turn, &token, code);
	mail->code = arena_alloc(turn->arena, CODE_SHOWN_SIZE);
	code_show(code, mail->code);
}

static bool
alarm_gather(struct turn *turn, struct mail_source *s)
{
	(void)turn;
	(void)s;
	return true;
}

static bool
alarm_is_wanted(struct turn *turn, const struct mail_source *s)
{
	(void)turn;
	return s->row->alarm != NULL;
}

/* It comes from the first list's sender: it has none of its own. */
static void
alarm_fill(struct turn *turn, const struct mail_source *s,
    Message__Mail *mail)
{
	contact_fill(turn, s, mail);
	mail->alarm = s->row->alarm;
}

/* Nobody asked for it. */
static void
alarm_point(struct turn *turn, const Record__Outbox *row,
    struct outbox_key to)
{
	(void)turn;
	(void)row;
	(void)to;
}

static const struct source {
	bool (*gather)(struct turn *, struct mail_source *);
	bool (*is_wanted)(struct turn *, const struct mail_source *);
	void (*fill)(struct turn *, const struct mail_source *,
	    Message__Mail *);
	void (*point)(struct turn *, const Record__Outbox *,
	    struct outbox_key);
} sources[] = {
	[MAIL_ABOUT_REQUEST] = { request_gather, request_is_wanted,
	    request_fill, request_point },
	[MAIL_ABOUT_SUBSCRIPTION] = { contact_gather, contact_is_wanted,
	    contact_fill, subscription_point },
	[MAIL_ABOUT_ALREADY] = { contact_gather, contact_is_wanted,
	    contact_fill, already_point },
	[MAIL_ABOUT_MANAGE] = { contact_gather, manage_mail_is_wanted,
	    manage_fill, manage_point },
	[MAIL_ABOUT_ALARM] = { alarm_gather, alarm_is_wanted, alarm_fill,
	    alarm_point },
};
_Static_assert(sizeof(sources) / sizeof(sources[0]) == MAIL_ABOUTS,
    "each has its row");

bool
mail_source_knows(const Record__Outbox *row)
{
	return mail_kind_get(row->kind) != NULL && row->n_lists > 0;
}

bool
mail_source_get(struct turn *turn, uint64_t due, uint64_t sequence,
    struct mail_source *ret_source)
{
	Record__Outbox *row = rows_outbox(turn, due, sequence);

	*ret_source = (struct mail_source){ .row = row };
	if (row == NULL || !mail_source_knows(row))
		return false;
	ret_source->kind = mail_kind_get(row->kind);
	(void)sources[ret_source->kind->about].gather(turn, ret_source);
	return true;
}

bool
mail_source_is_wanted(struct turn *turn, const struct mail_source *s)
{
	return sources[s->kind->about].is_wanted(turn, s);
}

bool
mail_source_is_whole(struct turn *turn, const struct mail_source *s)
{
	for (size_t i = 0; s->request != NULL && i < s->request->n_wishes;
	    i++) {
		if (rows_text(turn, s->request->wishes[i]->consent) == NULL)
			return false;
	}
	return true;
}

void
mail_source_fill(struct turn *turn, const struct mail_source *s,
    Message__Mail *mail)
{
	sources[s->kind->about].fill(turn, s, mail);
}

void
mail_source_point(struct turn *turn, const Record__Outbox *row,
    struct outbox_key to)
{
	if (mail_source_knows(row))
		sources[mail_kind_get(row->kind)->about].point(turn, row, to);
}
