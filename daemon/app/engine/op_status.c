/* SPDX-License-Identifier: ISC */
/*
 * How the engine is: answered at once, from memory.
 */
#include "app/engine/op_admin.h"

#include <stdlib.h>

#include "app/engine/engine.h"
#include "app/engine/store.h"
#include "app/wire.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/sub.h"

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

Message__Acted *
op_admin_acted(struct turn *turn, struct op *op)
{
	Message__Acted *acted = arena_alloc(turn->arena, sizeof(*acted));

	message__acted__init(acted);
	turn_reply(turn, op, MESSAGE__ENVELOPE__BODY_ACTED)->acted = acted;
	return acted;
}
