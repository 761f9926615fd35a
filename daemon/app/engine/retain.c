/* SPDX-License-Identifier: ISC */
/*
 * The end of a contact, as its row and one of the due table say it.
 */
#include "app/engine/retain.h"

#include "app/engine/engine.h"
#include "app/engine/erase.h"
#include "base/clock.h"
#include "base/log.h"

static struct rows_key
due_key(int64_t when, uint64_t contact)
{
	return rows_key_due(when, ROWS_DUE_CONTACT, contact);
}

void
retain_set_end(struct turn *turn, struct person *p, int64_t when)
{
	Record__Due due;

	if (p->contact->ends_at != 0)
		rows_delete(turn, STORE_DUE, due_key(p->contact->ends_at,
		    p->entry->contact));
	p->contact->ends_at = when;
	record__due__init(&due);
	if (when != 0)
		rows_put(turn, STORE_DUE, due_key(when, p->entry->contact),
		    &due.base);
}

static bool
is_on_a_list(const Record__Contact *c)
{
	for (size_t i = 0; i < c->n_subscriptions; i++) {
		if (c->subscriptions[i]->state ==
		    RECORD__SUBSCRIPTION__STATE__CONFIRMED)
			return true;
	}
	return false;
}

void
retain_settle(struct turn *turn, struct person *p)
{
	uint64_t keep = turn->engine->config->retain.proof;

	retain_set_end(turn, p, is_on_a_list(p->contact) ? 0 :
	    turn->now + (int64_t)keep * CLOCK_SECOND);
}

static void
retain_gather(struct turn *turn, struct op *op)
{
	struct person p;

	if (person_get_contact(turn, op->id, &p))
		erase_gather_contact(turn, &p);
}

static void
retain_apply(struct turn *turn, struct op *op)
{
	struct person p;
	int64_t since;

	rows_delete(turn, STORE_DUE, due_key((int64_t)op->due, op->id));
	/* On a list again, or left once more, in between. */
	if (!person_get_contact(turn, op->id, &p) ||
	    p.contact->ends_at != (int64_t)op->due)
		return;
	since = p.contact->created_at;
	erase_contact(turn, &p, "retain");
	log_info("contact_ended", log_num("since", since));
}

const struct op_class op_retain = {
	.name = "retain",
	.can_wait = true,
	.gather = retain_gather,
	.apply = retain_apply,
};
