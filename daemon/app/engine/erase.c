/* SPDX-License-Identifier: ISC */
/*
 * What there is of a person, taken away piece by piece in one turn; what has
 * to wait of a chain of events, in later ones.
 */
#include "app/engine/erase.h"

#include "app/engine/leave.h"
#include "app/engine/ledger_log.h"
#include "app/engine/proof.h"
#include "app/engine/suppress.h"

void
erase_gather_contact(struct turn *turn, const struct person *p)
{
	person_gather_delete(turn, p);
	ledger_gather_chain(turn, p->entry->last_event, LEDGER_ERASE_MAX);
	if (p->contact != NULL)
		ledger_gather_chain(turn, p->contact->last_event,
		    LEDGER_CHAIN_MAX);
}

void
erase_gather(struct turn *turn, const struct person *p)
{
	(void)suppress_find(turn, p, 0);
	(void)rows_exists(turn, STORE_PROOF,
	    rows_key_bytes(p->key, sizeof(p->key)));
	leave_gather(turn, p);
	erase_gather_contact(turn, p);
}

static void
log_erased(struct turn *turn, uint64_t contact, const char *by)
{
	Record__Event event;

	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__ERASE;
	event.contact = contact;
	event.by = turn_text(turn, by);
	ledger_append(turn, &event);
}

static void
remove_contact(struct turn *turn, struct person *p)
{
	ledger_erase_chain(turn, p->entry->last_event);
	ledger_erase_chain(turn, p->contact->last_event);
	p->entry->last_event = 0;
	person_delete(turn, p);
}

void
erase_contact(struct turn *turn, struct person *p, const char *by)
{
	uint64_t contact = p->entry->contact;

	remove_contact(turn, p);
	log_erased(turn, contact, by);
}

uint32_t
erase_person(struct turn *turn, struct person *p, struct erase_how *how)
{
	uint64_t contact = p->entry->contact;
	uint32_t erased = leave_requests(turn, p, 0);

	how->proof_until = 0;
	if (how->all && proof_delete(turn, p))
		erased++;
	if (p->contact != NULL) {
		if (!how->all && !how->proof_is_done)
			how->proof_until = proof_seal(turn, p);
		remove_contact(turn, p);
		erased++;
	}
	if (erased > 0)
		log_erased(turn, contact, how->by);
	if (how->suppress && suppress_all(turn, p,
	    RECORD__SUPPRESSION__REASON__ERASE, how->by))
		erased++;
	return erased;
}

/* ---- what is left of a chain ---- */

static void
rest_gather(struct turn *turn, struct op *op)
{
	ledger_gather_chain(turn, op->id, LEDGER_ERASE_MAX);
}

static void
rest_apply(struct turn *turn, struct op *op)
{
	rows_delete(turn, STORE_DUE, rows_key_due((int64_t)op->due,
	    ROWS_DUE_ERASE, op->id));
	ledger_erase_chain(turn, op->id);
}

const struct op_class op_erase_rest = {
	.name = "erase_rest",
	.can_wait = true,
	.gather = rest_gather,
	.apply = rest_apply,
};
