/* SPDX-License-Identifier: ISC */
/*
 * Status, and the administrator's unsubscribe.
 */
#include "app/engine/op_admin.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/held.h"
#include "app/engine/ledger_log.h"
#include "app/engine/request.h"
#include "app/engine/store.h"
#include "app/engine/visit.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/address.h"

/* ---- status ---- */

static void
add_count(Message__Status *s, char *list, enum sub_state state,
    uint64_t count)
{
	Message__Status__Count *c = MEM_NEW(Message__Status__Count);

	message__status__count__init(c);
	c->list = mem_strdup(list);
	c->state = mem_strdup(sub_state_name(state));
	c->count = count;
	s->counts = mem_resize(s->counts, s->n_counts + 1,
	    sizeof(*s->counts));
	s->counts[s->n_counts++] = c;
}

static void
add_held(Message__Status *s, struct engine *e)
{
	struct held_figures f = held_figures(e);

	s->held_by_total = f.by_total;
	s->held_by_domain = f.by_domain;
	s->held_domains = (uint32_t)f.domains;
	s->held_top = mem_strdup(f.top);
	s->held_by_top = f.by_top;
	s->total_percent = budgets_total_percent(e, clock_wall_us());
}

static Message__Status *
make_status(struct engine *e)
{
	Message__Status *s = MEM_NEW(Message__Status);

	message__status__init(s);
	for (size_t i = 0; i < e->list_count; i++) {
		add_count(s, e->lists[i].name, SUB_CONFIRMED,
		    e->counts[i].confirmed);
		add_count(s, e->lists[i].name, SUB_UNSUBSCRIBED,
		    e->counts[i].unsubscribed);
	}
	s->requests_waiting = e->progress.waiting;
	s->outbox = store_count(e->store, STORE_OUTBOX);
	s->outbox_due = e->outbox.claimed_count;
	s->ledger = e->progress.next_event - 1;
	s->turns = e->stats.turns;
	s->subscribes = e->stats.subscribes;
	s->robots = e->stats.robots;
	s->over_budget = e->stats.over_budget;
	s->mailed = e->stats.mailed;
	add_held(s, e);
	s->started_at = e->stats.started_at;
	store_usage(e->store, &s->map_used, &s->map_size);
	return s;
}

void
op_status_answer(struct engine *e, struct peer *peer,
    Message__Envelope *question)
{
	Message__Envelope reply;

	message__envelope__init(&reply);
	reply.serial = question->serial;
	reply.body_case = MESSAGE__ENVELOPE__BODY_STATUS;
	reply.status = make_status(e);
	if (wire_send(peer->ipc, &reply) < 0)
		log_error("reply_failed", log_str("op", "status"));
	message__status__free_unpacked(reply.status, NULL);
	wire_free(question);
}

/* ---- leave ---- */

static bool
read_address(const char *text, struct address *ret_address)
{
	return address_parse(slice_str(text), ret_address) == ADDRESS_OK;
}

static void
leave_gather(struct turn *turn, struct op *op)
{
	struct address address;
	struct person p;

	if (!read_address(op->question->leave->address, &address))
		return;
	p = person_get(turn, address.key, NULL, 0);
	for (size_t i = 0; i < p.entry->n_requests; i++) {
		Record__Request *r = rows_request(turn,
		    p.entry->requests[i]);

		if (r != NULL)
			ledger_gather_chain(turn, r->last_event,
			    LEDGER_CHAIN_MAX);
	}
}

static bool
wishes_are_among(const Record__Request *r, uint32_t list)
{
	for (size_t i = 0; i < r->n_wishes && list != 0; i++) {
		if (r->wishes[i]->list != list)
			return false;
	}
	return true;
}

/* What waits for a confirmation of just these lists is withdrawn too. */
static uint32_t
withdraw_requests(struct turn *turn, struct person *p, uint32_t list)
{
	size_t count = p->entry->n_requests;
	uint64_t *ids = turn_grow(turn, p->entry->requests, count,
	    sizeof(*ids));
	uint32_t changed = 0;

	for (size_t i = 0; i < count; i++) {
		Record__Request *r = rows_request(turn, ids[i]);

		if (r == NULL || !wishes_are_among(r, list))
			continue;
		request_forget(turn, ids[i], r, p);
		changed++;
	}
	return changed;
}

static uint32_t
leave_lists(struct turn *turn, struct person *p, uint32_t list, char *by)
{
	struct visit v = { .turn = turn, .person = *p, .has_person = true };
	Fact__Evidence evidence;
	uint32_t changed = 0;

	fact__evidence__init(&evidence);
	evidence.way = turn_text(turn, "admin");
	for (size_t i = 0; i < p->contact->n_subscriptions; i++) {
		uint32_t id = p->contact->subscriptions[i]->list;

		if ((list == 0 || list == id) && visit_leave(&v, id,
		    SUB_UNSUBSCRIBE, RECORD__EVENT__KIND__UNSUBSCRIBE,
		    &evidence, by))
			changed++;
	}
	return changed;
}

static void
leave_apply(struct turn *turn, struct op *op)
{
	const Message__Leave *ask = op->question->leave;
	const struct engine_list *l = NULL;
	Message__Left *left = arena_alloc(turn->arena, sizeof(*left));
	struct address address;
	struct person p;
	char by[32];

	message__left__init(left);
	turn_reply(turn, op, MESSAGE__ENVELOPE__BODY_LEFT)->left = left;
	if (ask->list[0] != '\0') {
		l = engine_list_by_name(turn->engine, ask->list);
		if (l == NULL)
			return;
	}
	if (!read_address(ask->address, &address))
		return;
	p = person_get(turn, address.key, NULL, 0);
	left->found = p.contact != NULL || p.entry->n_requests > 0;
	left->changed = withdraw_requests(turn, &p, l != NULL ? l->id : 0);
	if (p.contact == NULL)
		return;
	snprintf(by, sizeof(by), "admin uid %u", ask->uid);
	left->changed += leave_lists(turn, &p, l != NULL ? l->id : 0, by);
}

const struct op_class op_leave = {
	.name = "leave",
	.gather = leave_gather,
	.apply = leave_apply,
};
