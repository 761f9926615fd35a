/* SPDX-License-Identifier: ISC */
/*
 * A contact, its events and what keeps it from being mailed, out of many rows.
 */
#include "app/engine/show.h"

#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "app/engine/proof.h"
#include "app/engine/request.h"
#include "app/engine/show_events.h"
#include "app/engine/suppress.h"
#include "base/buf.h"
#include "base/clock.h"

struct show {
	struct turn *turn;
	Message__Contact *out;
	struct show_events events;
};

static void
add_subscription(struct show *show, const Record__Subscription *from)
{
	const struct engine_list *l = engine_list_by_id(show->turn->engine,
	    from->list);
	Message__Subscription *s = arena_alloc(show->turn->arena, sizeof(*s));

	message__subscription__init(s);
	s->list = turn_text(show->turn, l != NULL ? l->name : "");
	s->state = turn_text(show->turn, sub_state_name(
	    from->state == RECORD__SUBSCRIPTION__STATE__CONFIRMED ?
	    SUB_CONFIRMED : SUB_UNSUBSCRIBED));
	s->since = from->since;
	s->source = from->source;
	s->confirmed_at = from->confirmed_at;
	s->n_tags = from->n_tags;
	s->tags = from->tags;
	show->out->subscriptions = turn_grow(show->turn,
	    show->out->subscriptions, show->out->n_subscriptions,
	    sizeof(s));
	show->out->subscriptions[show->out->n_subscriptions++] = s;
}

/* What its confirmation would change. */
static void
add_pending(struct show *show, const struct person *p,
    const Record__Request *r)
{
	for (size_t i = 0; i < r->n_wishes; i++) {
		Record__Subscription s;
		Message__Subscription *added;

		if (person_state(show->turn, p, r->wishes[i]->list, true) !=
		    SUB_PENDING)
			continue;
		record__subscription__init(&s);
		s.list = r->wishes[i]->list;
		s.since = r->asked_at;
		s.source = turn_text(show->turn, request_source(r));
		add_subscription(show, &s);
		added = show->out->subscriptions[
		    show->out->n_subscriptions - 1];
		added->state = turn_text(show->turn,
		    sub_state_name(SUB_PENDING));
	}
}

/*
 * The chain, newest first, as far as an answer can hold it; also wants its
 * rows, while gathering.
 */
static void
walk(struct show *show, uint64_t last)
{
	size_t left = LEDGER_CHAIN_MAX;

	while (last != 0 && left-- > 0 &&
	    show_events_has_room(&show->events)) {
		Record__Event *event = rows_event(show->turn, last);

		if (event == NULL)
			return;
		show_events_add(&show->events, last, event);
		if (event->request_event != 0)
			walk(show, event->request_event);
		last = event->previous;
	}
}

static void
show_contact(struct show *show, const Record__Contact *c)
{
	Message__Contact *out = show->out;

	out->found = true;
	out->address = c->address;
	out->name = c->name;
	out->lang = c->lang;
	out->n_fields = c->n_fields;
	out->fields = c->fields;
	for (size_t i = 0; i < c->n_subscriptions; i++)
		add_subscription(show, c->subscriptions[i]);
	walk(show, c->last_event);
}

/* Whoever is known already is told of as they said themselves. */
static void
show_request(struct show *show, const struct person *p,
    const Record__Request *r)
{
	Message__Contact *out = show->out;

	if (p->contact == NULL) {
		out->found = true;
		out->address = r->address;
		out->lang = r->lang;
	}
	if (r->state == RECORD__REQUEST__STATE__WAITING)
		add_pending(show, p, r);
}

static void
show_requests(struct show *show, const struct person *p, unsigned flags)
{
	for (size_t i = 0; i < p->entry->n_requests; i++) {
		Record__Request *r = rows_request(show->turn,
		    p->entry->requests[i]);

		if (r == NULL)
			continue;
		show_request(show, p, r);
		if (!(flags & SHOW_TO_OWNER))
			walk(show, r->last_event);
	}
}

static void
add_suppression(struct show *show, const char *list,
    const Record__Suppression *s)
{
	char since[CLOCK_RFC3339_SIZE], until[CLOCK_RFC3339_SIZE];
	struct buf text = { 0 };

	if (s == NULL)
		return;
	clock_rfc3339(s->since, since);
	buf_printf(&text, "%s: %s since %s", list,
	    suppress_reason_name(s->reason), since);
	if (s->until != 0) {
		clock_rfc3339(s->until, until);
		buf_printf(&text, " until %s", until);
	}
	if (s->tried_at != 0) {
		clock_rfc3339(s->tried_at, until);
		buf_printf(&text, ", tried at %s", until);
	}
	if (s->by[0] != '\0')
		buf_printf(&text, " (%s)", s->by);
	show->out->suppressions = turn_grow(show->turn,
	    show->out->suppressions, show->out->n_suppressions,
	    sizeof(char *));
	show->out->suppressions[show->out->n_suppressions++] =
	    turn_text(show->turn, buf_str(&text));
	buf_fini(&text);
}

static void
add_suppressions(struct show *show, const struct person *p)
{
	const struct engine *e = show->turn->engine;

	add_suppression(show, "all lists", suppress_find(show->turn, p, 0));
	for (size_t i = 0; i < e->list_count; i++)
		add_suppression(show, e->lists[i].name,
		    suppress_find(show->turn, p, e->lists[i].id));
}

static void
show_proof(struct show *show, const struct person *p, const char *key,
    bool events)
{
	Record__Proof *proof = proof_open(show->turn, p, key,
	    &show->out->proof_until);

	for (size_t i = 0; proof != NULL && events && i < proof->n_events &&
	    i < proof->n_sequences &&
	    show_events_has_room(&show->events); i++) {
		show_events_add(&show->events, proof->sequences[i],
		    proof->events[i]);
		show->out->address = proof->address;
	}
}

Message__Contact *
show_person(struct turn *turn, const struct person *p,
    const char *address_key, unsigned flags)
{
	struct show show = { .turn = turn, .events = { .turn = turn },
		.out = arena_alloc(turn->arena, sizeof(*show.out)) };

	message__contact__init(show.out);
	if (p->contact != NULL)
		show_contact(&show, p->contact);
	show_requests(&show, p, flags);
	add_suppressions(&show, p);
	show_proof(&show, p, address_key, flags & SHOW_PROOF);
	show_events_tell(&show.events, show.out);
	return show.out;
}
