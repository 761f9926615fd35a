/* SPDX-License-Identifier: ISC */
/*
 * The administrator erases an address.
 */
#include "app/engine/op_admin.h"

#include "app/engine/erase.h"
#include "app/engine/leave.h"

static void
erase_op_gather(struct turn *turn, struct op *op)
{
	struct person p;

	if (person_read(turn, op->question->erase->address, &p))
		erase_gather(turn, &p);
}

static void
erase_op_apply(struct turn *turn, struct op *op)
{
	const Message__Erase *ask = op->question->erase;
	Message__Acted *acted = op_admin_acted(turn, op);
	struct erase_how how = { .all = ask->all,
		.suppress = ask->suppress };
	struct person p;
	char by[LEAVE_BY_SIZE];

	if (!person_read(turn, ask->address, &p)) {
		acted->outcome = MESSAGE__ACTED__OUTCOME__INVALID;
		return;
	}
	leave_by(ask->uid, by);
	how.by = by;
	acted->changed = erase_person(turn, &p, &how);
	acted->proof_until = how.proof_until;
	if (acted->changed == 0)
		acted->outcome = ask->suppress ?
		    MESSAGE__ACTED__OUTCOME__NOTHING :
		    MESSAGE__ACTED__OUTCOME__NOT_FOUND;
}

const struct op_class op_erase = {
	.name = "erase",
	.gather = erase_op_gather,
	.apply = erase_op_apply,
};
