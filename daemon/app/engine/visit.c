/* SPDX-License-Identifier: ISC */
/*
 * What a visit with a token can do: confirm, withdraw, take that back, leave.
 */
#include "app/engine/visit.h"

#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "app/engine/request.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "core/code.h"

enum { COOKIE_TRIES_MAX = 5, CODE_TRIES_MAX = 20 };
/* How long "that was not me" keeps a list from mailing the address. */
#define NOTME_SECONDS INT64_C(2592000)

bool
visit_cookie_holds(const struct visit *v)
{
	const ProtobufCBinaryData *came = &v->ask->cookie_hash;
	const ProtobufCBinaryData *set = &v->request->cookie_hash;

	return came->len == CRYPTO_HASH_SIZE && set->len == came->len &&
	    crypto_equal(came->data, set->data, came->len);
}

static void
add_topic(struct visit *v, uint32_t list, const char *consent)
{
	const struct engine_list *l = engine_list_by_id(v->turn->engine,
	    list);
	Message__Visited *a = v->answer;
	Message__Visited__Topic *topic;

	if (l == NULL)
		return;
	topic = arena_alloc(v->turn->arena, sizeof(*topic));
	message__visited__topic__init(topic);
	topic->list = l->name;
	topic->title = l->title;
	if (consent != NULL)
		topic->consent = turn_text(v->turn, consent);
	a->topics = turn_grow(v->turn, a->topics, a->n_topics,
	    sizeof(*a->topics));
	a->topics[a->n_topics++] = topic;
}

void
visit_show_request(struct visit *v)
{
	const Record__Request *r = v->request;

	v->answer->lang = r->lang;
	for (size_t i = 0; i < r->n_wishes; i++)
		add_topic(v, r->wishes[i]->list,
		    rows_text(v->turn, r->wishes[i]->consent));
}

void
visit_show_list(struct visit *v, uint32_t list)
{
	if (v->has_person)
		v->answer->lang = v->person.contact->lang;
	add_topic(v, list, NULL);
}

Fact__Evidence *
visit_evidence(const struct visit *v, const char *way)
{
	Fact__Evidence *e = ledger_evidence(v->turn, v->ask->evidence);

	if (e == NULL) {
		e = arena_alloc(v->turn->arena, sizeof(*e));
		fact__evidence__init(e);
	}
	if (way != NULL)
		e->way = turn_text(v->turn, way);
	if (v->request != NULL && v->request->mailed_at != 0)
		e->seconds_since_mail = (uint32_t)((v->turn->now -
		    v->request->mailed_at) / CLOCK_SECOND);
	return e;
}

void
visit_log_contact(struct visit *v, Record__Event *event)
{
	Record__Contact *c = v->person.contact;

	event->contact = v->person.entry->contact;
	event->previous = c->last_event;
	c->last_event = ledger_append(v->turn, event);
	person_put_contact(v->turn, &v->person);
}

/* ---- confirm ---- */

enum proof { PROOF_NONE, PROOF_COOKIE, PROOF_CLICK, PROOF_CODE,
	PROOF_WRONG_CODE };

static const char *const ways[] = {
	[PROOF_NONE] = NULL,
	[PROOF_COOKIE] = "cookie",
	[PROOF_CLICK] = "click",
	[PROOF_CODE] = "code",
	[PROOF_WRONG_CODE] = NULL,
};

static enum proof
check_code(struct visit *v)
{
	Record__Request *r = v->request;
	char typed[CODE_SIZE], right[CODE_SIZE];
	bool by_cookie = visit_cookie_holds(v);

	if (r->code_tries >= CODE_TRIES_MAX ||
	    (by_cookie && r->cookie_tries >= COOKIE_TRIES_MAX))
		return PROOF_WRONG_CODE;
	request_code(v->turn, v->id, r, right);
	if (code_read(slice_str(v->ask->code), typed) == 0 &&
	    crypto_equal(typed, right, sizeof(right)))
		return PROOF_CODE;
	r->code_tries++;
	if (by_cookie)
		r->cookie_tries++;
	rows_put_request(v->turn, v->id, r);
	return PROOF_WRONG_CODE;
}

static enum proof
find_proof(struct visit *v)
{
	bool with_token = v->ask->action == MESSAGE__VISIT__ACTION__CONFIRM;

	if (with_token && visit_cookie_holds(v))
		return PROOF_COOKIE;
	if (with_token && v->ask->pressed)
		return PROOF_CLICK;
	if (v->ask->code[0] != '\0')
		return check_code(v);
	return with_token ? PROOF_NONE : PROOF_WRONG_CODE;
}

static void
welcome(struct visit *v, Record__Subscription *s)
{
	const struct engine_list *l = engine_list_by_id(v->turn->engine,
	    s->list);
	Record__Outbox mail;
	struct outbox_key key;

	if (l == NULL || l->config == NULL || !l->config->welcome)
		return;
	record__outbox__init(&mail);
	mail.kind = RECORD__OUTBOX__KIND__WELCOME;
	mail.contact = v->person.entry->contact;
	mail.address = v->person.contact->address;
	mail.lang = v->request->lang;
	mail.n_lists = 1;
	mail.lists = &s->list;
	key = outbox_add(v->turn, &mail);
	s->outbox_due = key.due;
	s->outbox_sequence = key.sequence;
}

/* What waited in the request becomes the contact's. */
static void
take_over(struct visit *v)
{
	const Record__Request *r = v->request;
	Record__Contact *c;

	person_need_contact(v->turn, &v->person, r);
	c = v->person.contact;
	if (r->name[0] != '\0')
		c->name = r->name;
	if (r->n_fields > 0) {
		c->fields = r->fields;
		c->n_fields = r->n_fields;
	}
	c->lang = r->lang;
	c->requests = turn_grow(v->turn, c->requests, c->n_requests,
	    sizeof(*c->requests));
	c->requests[c->n_requests++] = v->id;
	for (size_t i = 0; i < r->n_wishes; i++) {
		uint32_t list = r->wishes[i]->list;
		struct sub_step step = sub_step(person_state(v->turn,
		    &v->person, list, true), SUB_CONFIRM);
		Record__Subscription *s;

		if (!(step.effects & SUB_WRITE))
			continue;
		s = person_set_state(v->turn, &v->person, list, step.next);
		s->source = turn_text(v->turn, request_source(r));
		s->tags = r->tags;
		s->n_tags = r->n_tags;
		if (step.effects & SUB_WELCOME)
			welcome(v, s);
	}
}

/* The request shrinks to a stub that tells old links what became of it. */
static void
leave_stub(struct visit *v)
{
	const Record__Request *r = v->request;
	Record__Request stub;

	record__request__init(&stub);
	stub.state = RECORD__REQUEST__STATE__CONFIRMED;
	stub.n_wishes = r->n_wishes;
	stub.wishes = r->wishes;
	stub.lang = r->lang;
	stub.asked_at = r->asked_at;
	stub.mailed_at = r->mailed_at;
	stub.contact = v->person.entry->contact;
	rows_put_request(v->turn, v->id, &stub);
}

static void
confirm_now(struct visit *v, enum proof proof)
{
	Record__Request *r = v->request;
	Record__Event event;

	take_over(v);
	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__CONFIRM;
	event.evidence = visit_evidence(v, ways[proof]);
	event.request = v->id;
	event.request_event = r->last_event;
	event.n_wishes = r->n_wishes;
	event.wishes = r->wishes;
	visit_log_contact(v, &event);
	request_cancel_mail(v->turn, r);
	request_settle(v->turn, v->id, r);
	person_remove_request(&v->person, v->id);
	person_put_entry(v->turn, &v->person);
	leave_stub(v);
}

/* Could any of its wishes be confirmed, or does somebody forbid them all? */
static bool
can_confirm(struct visit *v)
{
	for (size_t i = 0; i < v->request->n_wishes; i++) {
		enum sub_state state = person_state(v->turn, &v->person,
		    v->request->wishes[i]->list, true);

		if (state == SUB_PENDING || state == SUB_CONFIRMED)
			return true;
	}
	return false;
}

void
visit_confirm(struct visit *v)
{
	enum proof proof;

	visit_show_request(v);
	if (v->request->state == RECORD__REQUEST__STATE__CONFIRMED) {
		v->answer->state = MESSAGE__VISITED__STATE__CONFIRMED;
		return;
	}
	if (v->request->state == RECORD__REQUEST__STATE__WITHDRAWN ||
	    !can_confirm(v)) {
		v->answer->outcome = MESSAGE__VISITED__OUTCOME__EXPIRED;
		return;
	}
	proof = find_proof(v);
	switch (proof) {
	case PROOF_NONE:
		v->answer->outcome = MESSAGE__VISITED__OUTCOME__NEEDS_PROOF;
		return;
	case PROOF_WRONG_CODE:
		v->answer->outcome = MESSAGE__VISITED__OUTCOME__WRONG_CODE;
		return;
	case PROOF_COOKIE:
	case PROOF_CLICK:
	case PROOF_CODE:
		break;
	}
	confirm_now(v, proof);
	v->answer->state = MESSAGE__VISITED__STATE__CONFIRMED;
}

/* ---- leave ---- */

bool
visit_leave(struct visit *v, uint32_t list, enum sub_event why,
    Record__Event__Kind kind, Fact__Evidence *evidence, const char *by)
{
	Record__Subscription *s = person_subscription(&v->person, list);
	Record__Event event;
	Record__Wish wish, *wishes[] = { &wish };

	if (s == NULL ||
	    s->state != RECORD__SUBSCRIPTION__STATE__CONFIRMED)
		return false;
	s = person_set_state(v->turn, &v->person, list,
	    sub_step(SUB_CONFIRMED, why).next);
	outbox_cancel(v->turn, (struct outbox_key){ s->outbox_due,
	    s->outbox_sequence });
	s->outbox_due = 0;
	s->outbox_sequence = 0;
	record__wish__init(&wish);
	wish.list = list;
	record__event__init(&event);
	event.kind = kind;
	event.evidence = evidence;
	event.n_wishes = 1;
	event.wishes = wishes;
	if (by != NULL)
		event.by = turn_text(v->turn, by);
	visit_log_contact(v, &event);
	return true;
}

static void
leave_all(struct visit *v, enum sub_event why, Record__Event__Kind kind)
{
	for (size_t i = 0; v->has_person && i < v->request->n_wishes; i++)
		visit_leave(v, v->request->wishes[i]->list, why, kind,
		    visit_evidence(v, NULL), NULL);
	v->answer->state = MESSAGE__VISITED__STATE__UNSUBSCRIBED;
}

void
visit_unsubscribe(struct visit *v)
{
	v->answer->state = MESSAGE__VISITED__STATE__UNSUBSCRIBED;
	if (v->request == NULL) {
		visit_show_list(v, v->token.list);
		if (v->has_person)
			visit_leave(v, v->token.list, SUB_UNSUBSCRIBE,
			    RECORD__EVENT__KIND__UNSUBSCRIBE,
			    visit_evidence(v, NULL), NULL);
		return;
	}
	visit_show_request(v);
	if (v->request->state == RECORD__REQUEST__STATE__CONFIRMED)
		leave_all(v, SUB_UNSUBSCRIBE,
		    RECORD__EVENT__KIND__UNSUBSCRIBE);
	else
		request_forget(v->turn, v->id, v->request, &v->person);
}

/* ---- not me ---- */

static void
suppress(struct visit *v, uint32_t list)
{
	int64_t until = v->turn->now + NOTME_SECONDS * CLOCK_SECOND;
	struct rows_key key = rows_key_suppression(v->person.key, list);
	Record__Due due;

	person_suppress(v->turn, &v->person, list,
	    RECORD__SUPPRESSION__REASON__NOTME, until);
	record__due__init(&due);
	due.key = (ProtobufCBinaryData){ key.len, key.bytes };
	rows_put(v->turn, STORE_DUE, rows_key_due(until,
	    ROWS_DUE_SUPPRESSION, v->id << 16 | list), &due.base);
}

static void
log_request_event(struct visit *v, Record__Event__Kind kind)
{
	Record__Event event;

	record__event__init(&event);
	event.kind = kind;
	event.evidence = visit_evidence(v, NULL);
	request_log(v->turn, v->id, v->request, &event);
	rows_put_request(v->turn, v->id, v->request);
}

void
visit_notme(struct visit *v)
{
	visit_show_request(v);
	switch (v->request->state) {
	case RECORD__REQUEST__STATE__CONFIRMED:
		leave_all(v, SUB_NOTME, RECORD__EVENT__KIND__NOTME);
		return;
	case RECORD__REQUEST__STATE__WAITING:
		break;
	case RECORD__REQUEST__STATE__NEW:
	case RECORD__REQUEST__STATE__WITHDRAWN:
	case _RECORD__REQUEST__STATE_IS_INT_SIZE:
		v->answer->state = MESSAGE__VISITED__STATE__WITHDRAWN;
		return;
	}
	for (size_t i = 0; i < v->request->n_wishes; i++)
		suppress(v, v->request->wishes[i]->list);
	request_cancel_mail(v->turn, v->request);
	v->request->state = RECORD__REQUEST__STATE__WITHDRAWN;
	log_request_event(v, RECORD__EVENT__KIND__NOTME);
	v->answer->state = MESSAGE__VISITED__STATE__WITHDRAWN;
}

void
visit_undo(struct visit *v)
{
	visit_show_request(v);
	v->answer->state = v->request->state ==
	    RECORD__REQUEST__STATE__CONFIRMED ?
	    MESSAGE__VISITED__STATE__CONFIRMED :
	    MESSAGE__VISITED__STATE__PENDING;
	if (v->request->state != RECORD__REQUEST__STATE__WITHDRAWN)
		return;
	for (size_t i = 0; i < v->request->n_wishes; i++)
		person_release(v->turn, &v->person,
		    v->request->wishes[i]->list);
	v->request->state = RECORD__REQUEST__STATE__WAITING;
	if (v->request->mailed_at == 0)
		request_ask(v->turn, v->id, v->request);
	log_request_event(v, RECORD__EVENT__KIND__UNDO);
}
