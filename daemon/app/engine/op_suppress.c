/* SPDX-License-Identifier: ISC */
/*
 * The administrator has an address never mailed again, or takes that back.
 * Whoever is suppressed is on no list any more: what is exported must not be
 * mailed by others either.
 */
#include "app/engine/op_admin.h"

#include "app/engine/ledger_log.h"
#include "app/engine/leave.h"
#include "app/engine/suppress.h"

static const Record__Event__Kind kinds[] = {
	[RECORD__SUPPRESSION__REASON__BOUNCE] = RECORD__EVENT__KIND__BOUNCE,
	[RECORD__SUPPRESSION__REASON__ADMIN] = RECORD__EVENT__KIND__SUPPRESS,
	[RECORD__SUPPRESSION__REASON__COMPLAINT] =
	    RECORD__EVENT__KIND__COMPLAINT,
};

static void
suppress_gather(struct turn *turn, struct op *op)
{
	struct person p;

	if (!person_read(turn, op->question->suppress->address, &p))
		return;
	suppress_gather_all(turn, &p);
	leave_gather(turn, &p);
}

static void
suppress(struct turn *turn, const Message__Suppress *ask, struct person *p,
    Message__Acted *acted)
{
	Record__Suppression__Reason reason;
	char by[LEAVE_BY_SIZE];

	if (!suppress_reason_read(ask->reason, &reason)) {
		acted->outcome = MESSAGE__ACTED__OUTCOME__INVALID;
		return;
	}
	leave_by(ask->uid, by);
	acted->changed = leave_requests(turn, p, 0);
	acted->changed += leave_lists(turn, p, 0, by);
	if (suppress_all(turn, p, reason, by)) {
		person_log(turn, p, kinds[reason], by);
		acted->changed++;
	} else if (acted->changed == 0) {
		acted->outcome = MESSAGE__ACTED__OUTCOME__NOTHING;
	}
}

static void
lift(struct turn *turn, const Message__Suppress *ask, struct person *p,
    Message__Acted *acted)
{
	char by[LEAVE_BY_SIZE];

	leave_by(ask->uid, by);
	acted->changed = suppress_lift(turn, p);
	if (acted->changed > 0)
		person_log(turn, p, RECORD__EVENT__KIND__UNSUPPRESS, by);
	else
		acted->outcome = suppress_find(turn, p, 0) != NULL ?
		    MESSAGE__ACTED__OUTCOME__FORBIDDEN :
		    MESSAGE__ACTED__OUTCOME__NOTHING;
}

static void
suppress_apply(struct turn *turn, struct op *op)
{
	const Message__Suppress *ask = op->question->suppress;
	Message__Acted *acted = op_admin_acted(turn, op);
	struct person p;

	if (!person_read(turn, ask->address, &p))
		acted->outcome = MESSAGE__ACTED__OUTCOME__INVALID;
	else if (ask->lift)
		lift(turn, ask, &p, acted);
	else
		suppress(turn, ask, &p, acted);
}

const struct op_class op_suppress = {
	.name = "suppress",
	.gather = suppress_gather,
	.apply = suppress_apply,
};
