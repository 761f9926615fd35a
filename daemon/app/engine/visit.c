/* SPDX-License-Identifier: ISC */
/*
 * What all visits with a token have in common.
 */
#include "app/engine/visit.h"

#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "base/clock.h"
#include "base/crypto.h"

bool
visit_cookie_holds(const struct visit *v)
{
	const ProtobufCBinaryData *came = &v->ask->cookie_hash;
	const ProtobufCBinaryData *set = &v->request->cookie_hash;

	return came->len == CRYPTO_HASH_SIZE && set->len == came->len &&
	    crypto_equal(came->data, set->data, came->len);
}

Message__Visited__State
visit_request_state(const struct visit *v)
{
	const Record__Request *r = v->request;

	if (r->state == RECORD__REQUEST__STATE__WITHDRAWN)
		return MESSAGE__VISITED__STATE__WITHDRAWN;
	if (r->state != RECORD__REQUEST__STATE__CONFIRMED)
		return MESSAGE__VISITED__STATE__PENDING;
	for (size_t i = 0; v->has_person && i < r->n_wishes; i++) {
		const Record__Subscription *s = person_subscription(
		    &v->person, r->wishes[i]->list);

		if (s != NULL &&
		    s->state == RECORD__SUBSCRIPTION__STATE__CONFIRMED)
			return MESSAGE__VISITED__STATE__CONFIRMED;
	}
	return MESSAGE__VISITED__STATE__UNSUBSCRIBED;
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
	/* A clock may have been put back in between. */
	if (v->request != NULL && v->request->mailed_at != 0 &&
	    v->turn->now > v->request->mailed_at)
		e->seconds_since_mail = (uint32_t)((v->turn->now -
		    v->request->mailed_at) / CLOCK_SECOND);
	return e;
}

void
visit_mail(struct visit *v, Record__Subscription *s,
    Record__Outbox__Kind kind)
{
	Record__Outbox mail;
	struct outbox_key key;

	outbox_cancel(v->turn, (struct outbox_key){ s->outbox_due,
	    s->outbox_sequence });
	record__outbox__init(&mail);
	mail.kind = kind;
	mail.contact = v->person.entry->contact;
	mail.address = v->person.contact->address;
	mail.lang = v->person.contact->lang;
	mail.n_lists = 1;
	mail.lists = &s->list;
	key = outbox_add(v->turn, &mail);
	s->outbox_due = key.due;
	s->outbox_sequence = key.sequence;
}

void
visit_log_contact(struct visit *v, Record__Event *event)
{
	person_add_event(v->turn, &v->person, event);
}
