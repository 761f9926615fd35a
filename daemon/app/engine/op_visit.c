/* SPDX-License-Identifier: ISC */
/*
 * Tokens to records, and what each may be used for.  A token is checked before
 * anything is looked up; one that isn't authentic, or is of another kind than
 * the action wants, does not exist.
 */
#include "app/engine/op_visit.h"

#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "app/engine/op_memo.h"
#include "app/engine/request.h"
#include "app/engine/visit.h"
#include "app/metrics/metrics.h"
#include "base/crypto.h"

#define KIND(kind) (1U << (kind))

/* ---- looking ---- */

static void
set_state(struct visit *v, Message__Visited__State state)
{
	v->answer->state = state;
}

static void
look_request(struct visit *v)
{
	visit_show_request(v);
	set_state(v, visit_request_state(v));
	v->answer->cookie_holds = visit_cookie_holds(v);
}

static void
look_confirm(struct visit *v)
{
	look_request(v);
	if (v->answer->state == MESSAGE__VISITED__STATE__WITHDRAWN)
		v->answer->outcome = MESSAGE__VISITED__OUTCOME__EXPIRED;
}

static void
look_unsubscribe(struct visit *v)
{
	const Record__Subscription *s;

	if (v->request != NULL) {
		look_request(v);
		return;
	}
	visit_show_list(v, v->token.list);
	s = v->has_person ? person_subscription(&v->person, v->token.list) :
	    NULL;
	set_state(v, s != NULL &&
	    s->state == RECORD__SUBSCRIPTION__STATE__CONFIRMED ?
	    MESSAGE__VISITED__STATE__CONFIRMED :
	    MESSAGE__VISITED__STATE__UNSUBSCRIBED);
}

/* ---- the actions, and which tokens each takes ---- */

static const struct action {
	unsigned kinds;		/* of tokens, as bits */
	void (*run)(struct visit *);
	bool by_cookie;		/* instead of a token */
	bool may_be_gone;	/* then there is nothing left to do: done */
} actions[] = {
	[MESSAGE__VISIT__ACTION__LOOK_CONFIRM] = {
		KIND(TOKEN_CONFIRM), look_confirm, false, false },
	[MESSAGE__VISIT__ACTION__LOOK_UNSUBSCRIBE] = {
		KIND(TOKEN_UNSUBSCRIBE) | KIND(TOKEN_WITHDRAW),
		look_unsubscribe, false, true },
	[MESSAGE__VISIT__ACTION__LOOK_NOTME] = {
		KIND(TOKEN_NOTME), look_request, false, false },
	[MESSAGE__VISIT__ACTION__CONFIRM] = {
		KIND(TOKEN_CONFIRM), visit_confirm, false, false },
	[MESSAGE__VISIT__ACTION__CONFIRM_CODE] = {
		0, visit_confirm, true, false },
	[MESSAGE__VISIT__ACTION__UNSUBSCRIBE] = {
		KIND(TOKEN_UNSUBSCRIBE) | KIND(TOKEN_WITHDRAW),
		visit_unsubscribe, false, true },
	[MESSAGE__VISIT__ACTION__NOTME] = {
		KIND(TOKEN_NOTME), visit_notme, false, false },
	[MESSAGE__VISIT__ACTION__NOTME_UNDO] = {
		KIND(TOKEN_NOTME), visit_undo, false, false },
};

static const struct action *
action_of(const Message__Visit *ask)
{
	size_t count = sizeof(actions) / sizeof(actions[0]);

	return (size_t)ask->action < count ? &actions[ask->action] : NULL;
}

/* ---- reading what the visit is about ---- */

static bool
open_token(struct visit *v, struct op *op, const struct action *action)
{
	const struct token *token = op_memo_token(v->turn, op, v->ask->token);

	if (token == NULL || (action->kinds & KIND(token->kind)) == 0)
		return false;
	v->token = *token;
	return true;
}

/* The request of the cookie: only who has it may try codes. */
static bool
open_cookie(struct visit *v)
{
	const ProtobufCBinaryData *hash = &v->ask->cookie_hash;
	Record__Cookie *cookie;

	if (hash->len != CRYPTO_HASH_SIZE)
		return false;
	cookie = rows_get(v->turn, STORE_COOKIE,
	    rows_key_cookie(hash->data),
	    &record__cookie__descriptor);
	if (cookie == NULL)
		return false;
	v->token.kind = TOKEN_CONFIRM;
	v->token.id = cookie->request;
	return true;
}

/* Whoever says not-me, or takes it back, says so of all that asked for the
 * same. */
static void
read_others(struct visit *v)
{
	const Record__Address *entry = v->person.entry;

	for (size_t i = 0; i < entry->n_requests; i++) {
		const Record__Request *r = rows_request(v->turn,
		    entry->requests[i]);

		if (r != NULL)
			(void)request_person(v->turn, r);
	}
}

static void
read_request(struct visit *v)
{
	Record__Request *r = rows_request(v->turn, v->token.id);

	v->id = v->token.id;
	v->request = r;
	if (r == NULL)
		return;
	if (r->contact != 0) {
		v->has_person = person_get_contact(v->turn, r->contact,
		    &v->person);
	} else {
		v->person = request_person(v->turn, r);
		v->has_person = true;
	}
	if (v->has_person && v->token.kind == TOKEN_NOTME)
		read_others(v);
	for (size_t i = 0; i < r->n_wishes; i++)
		(void)rows_text(v->turn, r->wishes[i]->consent);
	/* A withdrawal forgets the request and what its events tell. */
	ledger_gather_chain(v->turn, r->last_event, LEDGER_ERASE_MAX);
}

/* False when there is nothing authentic to work on. */
static bool
read_visit(struct visit *v, struct op *op, const struct action *action)
{
	if (!(action->by_cookie ? open_cookie(v) :
	    open_token(v, op, action)))
		return false;
	if (v->token.kind == TOKEN_UNSUBSCRIBE)
		v->has_person = person_get_contact(v->turn, v->token.id,
		    &v->person);
	else
		read_request(v);
	return true;
}

static void
visit_gather(struct turn *turn, struct op *op)
{
	struct visit v = { .turn = turn, .ask = op->question->visit };
	const struct action *action = action_of(v.ask);

	if (action != NULL)
		(void)read_visit(&v, op, action);
}

/* ---- doing ---- */

static bool
request_is_over(const struct visit *v)
{
	if (v->request == NULL)
		return true;
	return v->request->state != RECORD__REQUEST__STATE__CONFIRMED &&
	    (v->request->state == RECORD__REQUEST__STATE__NEW ||
	    v->request->expires_at <= v->turn->past);
}

/* An unsubscribe link of a generation that was revoked is no link. */
static bool
is_revoked(const struct visit *v)
{
	const Record__Subscription *s;

	if (v->token.kind != TOKEN_UNSUBSCRIBE || !v->has_person)
		return false;
	s = person_subscription(&v->person, v->token.list);
	return s != NULL && (uint8_t)s->generation != v->token.generation;
}

static void
visit_run(struct visit *v, struct op *op, const struct action *action)
{
	if (!read_visit(v, op, action)) {
		v->answer->outcome = action->by_cookie ?
		    MESSAGE__VISITED__OUTCOME__WRONG_CODE :
		    MESSAGE__VISITED__OUTCOME__NOT_FOUND;
	} else if (is_revoked(v)) {
		v->answer->outcome = MESSAGE__VISITED__OUTCOME__NOT_FOUND;
	} else if (v->token.kind != TOKEN_UNSUBSCRIBE &&
	    request_is_over(v)) {
		v->answer->state = MESSAGE__VISITED__STATE__UNSUBSCRIBED;
		v->answer->outcome = action->may_be_gone ?
		    MESSAGE__VISITED__OUTCOME__DONE :
		    action->by_cookie ?
		    MESSAGE__VISITED__OUTCOME__WRONG_CODE :
		    MESSAGE__VISITED__OUTCOME__EXPIRED;
	} else {
		action->run(v);
	}
}

static Message__Visited *
make_answer(struct turn *turn, struct op *op)
{
	Message__Envelope *reply = turn_reply(turn, op,
	    MESSAGE__ENVELOPE__BODY_VISITED);

	reply->visited = arena_alloc(turn->arena, sizeof(*reply->visited));
	message__visited__init(reply->visited);
	return reply->visited;
}

static void
visit_apply(struct turn *turn, struct op *op)
{
	struct visit v = { .turn = turn, .ask = op->question->visit };
	const struct action *action = action_of(v.ask);

	v.answer = make_answer(turn, op);
	if (action == NULL)
		v.answer->outcome = MESSAGE__VISITED__OUTCOME__NOT_FOUND;
	else
		visit_run(&v, op, action);
}

static void
visit_done(struct turn *turn, struct op *op, int error)
{
	if (error < 0)
		make_answer(turn, op)->outcome =
		    MESSAGE__VISITED__OUTCOME__UNAVAILABLE;
	metrics_add(turn->engine->metrics, METRICS_VISITS,
	    METRICS_AT(op->question->visit->action,
	    op->reply->visited->outcome), 1);
	turn_send_reply(op);
}

const struct op_class op_visit = {
	.name = "visit",
	.gather = visit_gather,
	.apply = visit_apply,
	.done = visit_done,
};
