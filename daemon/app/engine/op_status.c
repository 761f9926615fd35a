/* SPDX-License-Identifier: ISC */
/*
 * How the engine is: answered at once, from memory.
 */
#include "app/engine/op_admin.h"

#include <stdlib.h>

#include "app/engine/budgets.h"
#include "app/engine/compact.h"
#include "app/engine/engine.h"
#include "app/engine/held.h"
#include "app/engine/store.h"
#include "app/engine/store_compact.h"
#include "app/wire.h"
#include "base/arena.h"
#include "base/clock.h"
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

static void
add_budgets(Message__Status *s, const struct engine *e)
{
	struct budgets_figure figures[BUDGETS_FIGURES];

	budgets_figures(e, figures);
	s->n_budgets = BUDGETS_FIGURES;
	s->budgets = mem_new(BUDGETS_FIGURES, sizeof(*s->budgets));
	for (size_t i = 0; i < BUDGETS_FIGURES; i++) {
		Message__Status__Budget *b =
		    MEM_NEW(Message__Status__Budget);

		message__status__budget__init(b);
		b->name = mem_strdup(figures[i].name);
		b->keys = figures[i].keys;
		b->keys_max = figures[i].keys_max;
		s->budgets[i] = b;
	}
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
	s->challenged = e->stats.challenged;
	s->solved = e->stats.solved;
	s->waited = e->stats.waited;
	s->replayed = e->stats.replayed;
	s->mood = e->mood;
	s->contacts = store_count(e->store, STORE_CONTACT);
	s->suppressions = store_count(e->store, STORE_SUPPRESSION);
	add_held(s, e);
	add_budgets(s, e);
	s->started_at = e->stats.started_at;
	s->clock_jump = steady_jump(&e->steady) / CLOCK_SECOND;
	s->clock_hold = steady_hold(&e->steady) / CLOCK_SECOND;
	store_usage(e->store, &s->map_used, &s->map_size);
	s->file_size = store_size(e->store);
	return s;
}

void
op_status_answer(struct engine *e, struct peer *peer,
    Message__Envelope *question)
{
	struct arena *arena = arena_new();
	Message__Envelope reply;

	message__envelope__init(&reply);
	reply.serial = question->serial;
	reply.body_case = MESSAGE__ENVELOPE__BODY_STATUS;
	reply.status = make_status(e);
	reply.status->attack = op_attack_tell(e, arena, clock_wall_us());
	reply.status->compaction = compact_last(e);
	reply.status->compacting = compact_is_on(e);
	if (wire_send(peer->ipc, &reply) < 0)
		log_error("reply_failed", log_str("op", "status"));
	reply.status->attack = NULL;
	reply.status->compaction = NULL;
	arena_free(arena);
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
