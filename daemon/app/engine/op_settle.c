/* SPDX-License-Identifier: ISC */
/*
 * Nothing is left in the journal: before a copy is made of the database's file,
 * or because what was deleted has stood there for long enough.
 */
#include "app/engine/op_admin.h"

static void
settle_apply(struct turn *turn, struct op *op)
{
	Message__Settled *settled;

	turn->settles = true;
	if (op->question == NULL)
		return;
	settled = arena_alloc(turn->arena, sizeof(*settled));
	message__settled__init(settled);
	turn_reply(turn, op, MESSAGE__ENVELOPE__BODY_SETTLED)->settled =
	    settled;
}

const struct op_class op_settle = {
	.name = "settle",
	.apply = settle_apply,
};
