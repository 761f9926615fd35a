/* SPDX-License-Identifier: ISC */
/*
 * Leaving: unsubscribing, "that was not me", and taking that back.
 */
#include "app/engine/visit.h"

#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "app/engine/request.h"
#include "app/engine/suppress.h"
#include "app/engine/watch.h"
#include "base/clock.h"

/* How long "that was not me" keeps a list from mailing the address. */
#define NOTME_SECONDS INT64_C(2592000)
/* How often it can be taken back: each time leaves two events. */
enum { UNDOS_MAX = 10 };

/* Who leaves by their own hand may be told so. */
static bool
has_goodbye(const struct engine *e, uint32_t list, enum sub_event why,
    const char *by)
{
	const struct engine_list *l = engine_list_by_id(e, list);

	return by == NULL && why == SUB_UNSUBSCRIBE && l != NULL &&
	    l->config != NULL && l->config->goodbye;
}

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
	if (has_goodbye(v->turn->engine, list, why, by))
		visit_mail(v, s, RECORD__OUTBOX__KIND__GOODBYE);
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
put_state(struct visit *v, uint64_t id, Record__Request *r,
    Record__Request__State state, Record__Event__Kind kind)
{
	Record__Event event;

	r->state = state;
	record__event__init(&event);
	event.kind = kind;
	event.evidence = visit_evidence(v, NULL);
	request_log(v->turn, id, r, &event);
	rows_put_request(v->turn, id, r);
}

static void
withdraw(struct visit *v, uint64_t id, Record__Request *r)
{
	request_cancel_mail(v->turn, r);
	put_state(v, id, r, RECORD__REQUEST__STATE__WITHDRAWN,
	    RECORD__EVENT__KIND__NOTME);
}

static void
bring_back(struct visit *v, uint64_t id, Record__Request *r)
{
	if (r->mailed_at == 0)
		request_ask(v->turn, id, r);
	put_state(v, id, r, RECORD__REQUEST__STATE__WAITING,
	    RECORD__EVENT__KIND__UNDO);
}

static bool
share_a_list(const Record__Request *a, const Record__Request *b)
{
	for (size_t i = 0; i < a->n_wishes; i++) {
		for (size_t k = 0; k < b->n_wishes; k++) {
			if (a->wishes[i]->list == b->wishes[k]->list)
				return true;
		}
	}
	return false;
}

/*
 * The address may have asked for the same lists more than once: what nothing
 * is left of to confirm is withdrawn as well, and comes back with the others.
 */
static void
share_fate(struct visit *v, Record__Request__State of,
    void (*fate)(struct visit *, uint64_t, Record__Request *))
{
	const Record__Address *entry = v->person.entry;
	bool comes_back = of == RECORD__REQUEST__STATE__WITHDRAWN;

	for (size_t i = 0; i < entry->n_requests; i++) {
		uint64_t id = entry->requests[i];
		Record__Request *r = rows_request(v->turn, id);

		if (r != NULL && id != v->id && r->state == of &&
		    share_a_list(r, v->request) && comes_back ==
		    request_is_pending(v->turn, &v->person, r))
			fate(v, id, r);
	}
}

void
visit_notme(struct visit *v)
{
	int64_t until = v->turn->now + NOTME_SECONDS * CLOCK_SECOND;

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
		suppress_list(v->turn, &v->person,
		    v->request->wishes[i]->list, until, v->id);
	watch_request(v->turn->engine, v->request, ATTACK_NOTME,
	    v->turn->now, v->turn->now);
	withdraw(v, v->id, v->request);
	share_fate(v, RECORD__REQUEST__STATE__WAITING, withdraw);
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
	if (v->request->undos >= UNDOS_MAX) {
		v->answer->state = MESSAGE__VISITED__STATE__WITHDRAWN;
		return;
	}
	v->request->undos++;
	for (size_t i = 0; i < v->request->n_wishes; i++)
		suppress_release_list(v->turn, &v->person,
		    v->request->wishes[i]->list);
	bring_back(v, v->id, v->request);
	share_fate(v, RECORD__REQUEST__STATE__WITHDRAWN, bring_back);
}
