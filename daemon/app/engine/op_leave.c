/* SPDX-License-Identifier: ISC */
/*
 * The administrator's unsubscribe.
 */
#include "app/engine/op_admin.h"

#include "app/engine/engine.h"
#include "app/engine/leave.h"
#include "core/address.h"

static void
leave_op_gather(struct turn *turn, struct op *op)
{
	struct person p;

	if (person_read(turn, op->question->leave->address, &p))
		leave_gather(turn, &p);
}

static void
leave_op_apply(struct turn *turn, struct op *op)
{
	const Message__Leave *ask = op->question->leave;
	const struct engine_list *l = NULL;
	Message__Left *left = arena_alloc(turn->arena, sizeof(*left));
	struct person p;
	char by[LEAVE_BY_SIZE];
	uint32_t list;

	message__left__init(left);
	turn_reply(turn, op, MESSAGE__ENVELOPE__BODY_LEFT)->left = left;
	if (ask->list[0] != '\0') {
		l = engine_list_by_name(turn->engine, ask->list);
		if (l == NULL)
			return;
	}
	if (!person_read(turn, ask->address, &p))
		return;
	leave_by(ask->uid, by);
	list = l != NULL ? l->id : 0;
	left->found = p.contact != NULL || p.entry->n_requests > 0;
	left->changed = leave_requests(turn, &p, list);
	left->changed += leave_lists(turn, &p, list, by);
}

const struct op_class op_leave = {
	.name = "leave",
	.gather = leave_op_gather,
	.apply = leave_op_apply,
};
