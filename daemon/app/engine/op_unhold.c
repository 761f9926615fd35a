/* SPDX-License-Identifier: ISC */
/*
 * A mail that waited in a line, as its turn comes: it goes, waits on in
 * another line, or isn't wanted any more.
 */
#include "app/engine/held_private.h"

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/mail_source.h"
#include "app/engine/op_expire.h"
#include "app/engine/rows.h"

static void
unhold_gather(struct turn *turn, struct op *op)
{
	struct mail_source source;

	(void)mail_source_get(turn, op->due, op->id, &source);
}

static void
drop(struct turn *turn, const struct mail_source *s, struct outbox_key key)
{
	outbox_delete(turn, key);
	mail_source_point(turn, s->row, (struct outbox_key){ 0,
	    key.sequence });
}

/* Too old to be sent: what asked for it ends with it, unless it has been
 * mailed before. */
static void
give_up(struct turn *turn, const struct mail_source *s, struct outbox_key key)
{
	drop(turn, s, key);
	if (s->row->kind == RECORD__OUTBOX__KIND__CONFIRM &&
	    s->request->mailed_at == 0)
		turn_queue(turn->engine, &op_expire, s->row->request)->due =
		    (uint64_t)s->request->expires_at;
}

static void
to_line(struct turn *turn, const struct mail_source *s, struct outbox_key key,
    unsigned line)
{
	uint64_t place = held_join(turn->engine, line, s->row);

	outbox_move(turn, key, place, s->row);
	mail_source_point(turn, s->row, (struct outbox_key){ place,
	    key.sequence });
}

/* All go at once; a microsecond between them keeps their order. */
static int64_t
next_due(struct turn *turn)
{
	return turn->now - HELD_LOOK_MAX + turn->engine->held->gone++;
}

static void
unhold_apply(struct turn *turn, struct op *op)
{
	struct engine *e = turn->engine;
	struct outbox_key key = { op->due, op->id };
	struct mail_source s;
	Record__Outbox row;
	uint64_t domain;
	uint32_t wait;

	if (!mail_source_get(turn, op->due, op->id, &s))
		return;
	row = *s.row;
	domain = budgets_domain_key(e, row.address);
	if (!mail_source_is_wanted(turn, &s))
		drop(turn, &s, key);
	else if (row.give_up_at <= turn->past)
		give_up(turn, &s, key);
	else if (budgets_total_room(e, turn->now, &wait) == 0)
		return;
	else if (budgets_domain_room(e, domain, turn->now, &wait) > 0)
		held_let_go(turn, key, &row, next_due(turn));
	else if (fair_line_of(key.due) == HELD_TOTAL_LINE)
		to_line(turn, &s, key, held_line_for(e->held, domain));
	else
		return;
	fair_serve(e->held->fair, key.due);
}

static void
unhold_done(struct turn *turn, struct op *op, int error)
{
	(void)op;
	(void)error;
	turn->engine->held->moving--;
}

const struct op_class op_unhold = {
	.name = "unhold",
	.can_wait = true,
	.gather = unhold_gather,
	.apply = unhold_apply,
	.done = unhold_done,
};
