/* SPDX-License-Identifier: ISC */
/*
 * The confirmation mails of an address that still wait for an answer, once
 * more: the same links, within the same budgets unless forced.
 */
#include "app/engine/op_admin.h"

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/held.h"
#include "app/engine/leave.h"
#include "app/engine/request.h"
#include "core/fair.h"

static bool
is_queued(struct turn *turn, const Record__Request *r)
{
	return r->outbox_sequence != 0 && rows_outbox(turn, r->outbox_due,
	    r->outbox_sequence) != NULL;
}

static void
resend_gather(struct turn *turn, struct op *op)
{
	struct person p;

	if (!person_read(turn, op->question->resend->address, &p))
		return;
	for (size_t i = 0; i < p.entry->n_requests; i++) {
		Record__Request *r = rows_request(turn,
		    p.entry->requests[i]);

		if (r == NULL)
			continue;
		(void)request_person(turn, r);
		(void)is_queued(turn, r);
	}
}

/* Would it be confirmed, if its link were opened now? */
static bool
is_open(struct turn *turn, const struct person *p, const Record__Request *r,
    bool *ret_suppressed)
{
	if (r->state != RECORD__REQUEST__STATE__WAITING ||
	    r->expires_at <= turn->past)
		return false;
	for (size_t i = 0; i < r->n_wishes; i++) {
		enum sub_state state = person_state(turn, p,
		    r->wishes[i]->list, true);

		if (state == SUB_PENDING)
			return true;
		if (state == SUB_SUPPRESSED)
			*ret_suppressed = true;
	}
	return false;
}

/* What the limits hold back goes now. */
static void
let_go(struct turn *turn, const Record__Request *r)
{
	struct outbox_key key = { r->outbox_due, r->outbox_sequence };

	held_let_go(turn, key, rows_outbox(turn, key.due, key.sequence),
	    turn->now);
}

static void
send_again(struct turn *turn, uint64_t id, Record__Request *r,
    uint64_t budget_key, const char *by, bool force)
{
	Record__Event event;

	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__RESEND;
	event.budget_key = budget_key;
	event.by = turn_text(turn, by);
	request_log(turn, id, r, &event);
	request_ask(turn, id, r);
	rows_put_request(turn, id, r);
	if (force && fair_is_place(r->outbox_due))
		let_go(turn, r);
}

static Message__Acted__Outcome
resend_one(struct turn *turn, const Message__Resend *ask,
    const struct person *p, uint64_t id)
{
	Record__Request *r = rows_request(turn, id);
	bool suppressed = false;
	uint64_t key;
	char by[LEAVE_BY_SIZE];

	if (r == NULL || !is_open(turn, p, r, &suppressed))
		return suppressed ? MESSAGE__ACTED__OUTCOME__FORBIDDEN :
		    MESSAGE__ACTED__OUTCOME__NOT_FOUND;
	if (is_queued(turn, r)) {
		if (!ask->force || !fair_is_place(r->outbox_due))
			return MESSAGE__ACTED__OUTCOME__NOTHING;
		let_go(turn, r);
		return MESSAGE__ACTED__OUTCOME__DONE;
	}
	if (!budgets_take_request(turn->engine, r, turn->now, &key) &&
	    !ask->force)
		return MESSAGE__ACTED__OUTCOME__OVER_BUDGET;
	leave_by(ask->uid, by);
	send_again(turn, id, r, key, by, ask->force);
	return MESSAGE__ACTED__OUTCOME__DONE;
}

/* Of several, what was done counts; else what is nearest to it. */
static int
rank(Message__Acted__Outcome outcome)
{
	static const Message__Acted__Outcome order[] = {
		MESSAGE__ACTED__OUTCOME__NOT_FOUND,
		MESSAGE__ACTED__OUTCOME__FORBIDDEN,
		MESSAGE__ACTED__OUTCOME__NOTHING,
		MESSAGE__ACTED__OUTCOME__OVER_BUDGET,
		MESSAGE__ACTED__OUTCOME__DONE,
	};
	int at = 0;

	while ((size_t)at < sizeof(order) / sizeof(order[0]) &&
	    order[at] != outcome)
		at++;
	return at;
}

static void
resend_apply(struct turn *turn, struct op *op)
{
	const Message__Resend *ask = op->question->resend;
	Message__Acted *acted = op_admin_acted(turn, op);
	struct person p;

	if (!person_read(turn, ask->address, &p)) {
		acted->outcome = MESSAGE__ACTED__OUTCOME__INVALID;
		return;
	}
	acted->outcome = MESSAGE__ACTED__OUTCOME__NOT_FOUND;
	for (size_t i = 0; i < p.entry->n_requests; i++) {
		Message__Acted__Outcome outcome = resend_one(turn, ask, &p,
		    p.entry->requests[i]);

		if (outcome == MESSAGE__ACTED__OUTCOME__DONE)
			acted->changed++;
		if (rank(outcome) > rank(acted->outcome))
			acted->outcome = outcome;
	}
}

const struct op_class op_resend = {
	.name = "resend",
	.gather = resend_gather,
	.apply = resend_apply,
};
