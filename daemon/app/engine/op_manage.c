/* SPDX-License-Identifier: ISC */
/*
 * Somebody came with the link to their own data: question Manage.  Until a
 * person is seen to have opened it, by a press or by the mail's code, nothing
 * is told and nothing changes.
 */
#include "app/engine/op_manage.h"

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/erase.h"
#include "app/engine/ledger_log.h"
#include "app/engine/leave.h"
#include "app/engine/manage.h"
#include "app/engine/manage_change.h"
#include "app/engine/op_memo.h"
#include "app/engine/show.h"
#include "app/engine/suppress.h"
#include "app/metrics/metrics.h"
#include "base/clock.h"
#include "base/crypto.h"

/* Opened again within that time it is the same visit. */
#define VISIT_SECONDS INT64_C(3600)

/* ---- reading what it is about ---- */

/* The link's; NULL when it is none. */
static const struct token *
read_token(struct turn *turn, struct op *op)
{
	const struct token *token = op_memo_token(turn, op,
	    op->question->manage->token);

	return token != NULL && token->kind == TOKEN_MANAGE ? token : NULL;
}

static void
manage_gather(struct turn *turn, struct op *op)
{
	const Message__Manage *ask = op->question->manage;
	const struct token *token = read_token(turn, op);
	struct person p;

	if (token == NULL || !person_get_contact(turn, token->id, &p) ||
	    ask->action == MESSAGE__MANAGE__ACTION__LOOK)
		return;
	suppress_gather_all(turn, &p);
	(void)show_person(turn, &p, p.contact->address_key, SHOW_TO_OWNER);
	manage_change_gather(turn);
	leave_gather(turn, &p);
	if (ask->action == MESSAGE__MANAGE__ACTION__ERASE)
		erase_gather(turn, &p);
}

/* ---- the actions ---- */

/* The ledger says once a visit that its owner has seen it all. */
static void
log_opened(struct turn *turn, struct person *p, Fact__Evidence *evidence)
{
	const Record__Event *last = rows_event(turn, p->contact->last_event);
	Record__Event event;

	if (last != NULL && last->kind == RECORD__EVENT__KIND__OPEN &&
	    turn->now - last->time < VISIT_SECONDS * CLOCK_SECOND)
		return;
	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__OPEN;
	event.evidence = evidence;
	event.budget_key = budgets_address_key(turn->engine,
	    p->contact->address);
	budgets_forget_manage(turn->engine, event.budget_key);
	person_add_event(turn, p, &event);
}

static void
leave_all(struct turn *turn, struct person *p, Fact__Evidence *evidence)
{
	for (size_t i = 0; i < p->contact->n_subscriptions; i++)
		manage_leave(turn, p, p->contact->subscriptions[i]->list,
		    evidence);
	leave_requests(turn, p, 0);
}

static void
erase(struct turn *turn, struct person *p, const Message__Manage *ask)
{
	struct erase_how how = { .suppress = ask->never_again, .by = "" };

	erase_person(turn, p, &how);
}

/* ---- doing ---- */

static bool
is_proved(struct turn *turn, const Message__Manage *ask,
    const struct token *token)
{
	char typed[CODE_SIZE], right[CODE_SIZE];

	if (ask->pressed)
		return true;
	manage_code(turn, token, right);
	return code_read(slice_str(ask->code), typed) == 0 &&
	    crypto_equal(typed, right, sizeof(right));
}

static Fact__Evidence *
make_evidence(struct turn *turn, const Message__Manage *ask)
{
	Fact__Evidence *e = ledger_evidence(turn, ask->evidence);

	if (e == NULL) {
		e = arena_alloc(turn->arena, sizeof(*e));
		fact__evidence__init(e);
	}
	e->way = turn_text(turn, "manage");
	return e;
}

static void
show(struct turn *turn, const struct person *p, const struct token *token,
    Message__Managed *out)
{
	char code[CODE_SIZE];

	manage_code(turn, token, code);
	out->code = arena_alloc(turn->arena, CODE_SHOWN_SIZE);
	code_show(code, out->code);
	out->contact = show_person(turn, p, p->contact->address_key,
	    SHOW_TO_OWNER);
	manage_add_joinable(turn, p, out);
}

static void
act(struct turn *turn, struct person *p, const Message__Manage *ask,
    Message__Managed *out)
{
	Fact__Evidence *evidence = make_evidence(turn, ask);

	switch (ask->action) {
	case MESSAGE__MANAGE__ACTION__OPEN:
		log_opened(turn, p, evidence);
		break;
	case MESSAGE__MANAGE__ACTION__CHANGE:
		if (!manage_change(turn, p, ask, evidence))
			out->outcome = MESSAGE__MANAGED__OUTCOME__TOO_MANY;
		break;
	case MESSAGE__MANAGE__ACTION__LEAVE:
		leave_all(turn, p, evidence);
		break;
	case MESSAGE__MANAGE__ACTION__ERASE:
		erase(turn, p, ask);
		break;
	case MESSAGE__MANAGE__ACTION__LOOK:
	case _MESSAGE__MANAGE__ACTION_IS_INT_SIZE:
		break;
	}
}

static Message__Managed *
make_answer(struct turn *turn, struct op *op)
{
	Message__Managed *out = arena_alloc(turn->arena, sizeof(*out));

	message__managed__init(out);
	turn_reply(turn, op, MESSAGE__ENVELOPE__BODY_MANAGED)->managed = out;
	return out;
}

static void
manage_apply(struct turn *turn, struct op *op)
{
	const Message__Manage *ask = op->question->manage;
	Message__Managed *out = make_answer(turn, op);
	const struct token *token = read_token(turn, op);
	struct person p;

	if (token == NULL) {
		out->outcome = MESSAGE__MANAGED__OUTCOME__NOT_FOUND;
		return;
	}
	if (!person_get_contact(turn, token->id, &p) ||
	    token_is_expired(token, turn->now)) {
		out->outcome = MESSAGE__MANAGED__OUTCOME__EXPIRED;
		return;
	}
	out->lang = p.contact->lang;
	if (ask->action == MESSAGE__MANAGE__ACTION__LOOK)
		return;
	if (!is_proved(turn, ask, token)) {
		out->outcome = MESSAGE__MANAGED__OUTCOME__NEEDS_PROOF;
		return;
	}
	act(turn, &p, ask, out);
	if (p.contact != NULL)
		show(turn, &p, token, out);
}

static void
manage_done(struct turn *turn, struct op *op, int error)
{
	if (error < 0)
		make_answer(turn, op)->outcome =
		    MESSAGE__MANAGED__OUTCOME__UNAVAILABLE;
	metrics_add(turn->engine->metrics, METRICS_MANAGE,
	    METRICS_AT(op->question->manage->action,
	    op->reply->managed->outcome), 1);
	turn_send_reply(op);
}

const struct op_class op_manage = {
	.name = "manage",
	.gather = manage_gather,
	.apply = manage_apply,
	.done = manage_done,
};
