/* SPDX-License-Identifier: ISC */
/*
 * From a request's row to a queued mail: who it is about, what has been agreed
 * with them before, and whether they may be mailed once more.
 */
#include "app/engine/op_work.h"

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "app/engine/manage.h"
#include "app/engine/request.h"
#include "app/engine/suppress.h"
#include "app/engine/watch.h"
#include "app/metrics/metrics.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "core/token.h"

enum { CODE_SALT_SIZE = 16, WAITING_MAX = 32 };
/* How often an address is told that it is subscribed already. */
#define ALREADY_SECONDS INT64_C(604800)

static void
work_gather(struct turn *turn, struct op *op)
{
	Record__Request *r = rows_request(turn, op->id);
	struct person p;

	if (r == NULL)
		return;
	p = request_person(turn, r);
	if (r->purpose == RECORD__REQUEST__PURPOSE__MANAGE)
		manage_gather_mail(turn, &p);
}

/* It counts like one that is mailed and never confirmed: whatever is known of
 * the address, the next price is the same. */
static void
drop(struct turn *turn, struct op *op, const Record__Request *r)
{
	watch_request(turn->engine, r, ATTACK_ASKED, turn->now, turn->now);
	rows_delete(turn, STORE_REQUEST, rows_key_id(op->id));
}

/* Keeps the wishes that want a confirmation; says whether all the others
 * are confirmed already. */
static bool
sort_wishes(struct turn *turn, const struct person *p, Record__Request *r,
    size_t *ret_already)
{
	size_t kept = 0;

	*ret_already = 0;
	for (size_t i = 0; i < r->n_wishes; i++) {
		enum sub_state state = person_state(turn, p,
		    r->wishes[i]->list, false);
		unsigned effects = sub_step(state, SUB_SUBSCRIBE).effects;

		if (effects & SUB_ALREADY)
			++*ret_already;
		if (effects & SUB_ASK)
			r->wishes[kept++] = r->wishes[i];
	}
	if (kept == 0)
		return false;
	r->n_wishes = kept;
	return true;
}

static bool
take_budget(struct turn *turn, const Record__Request *r, uint64_t *ret_key)
{
	struct engine *e = turn->engine;

	if (budgets_take_request(e, r, turn->now, ret_key))
		return true;
	e->stats.over_budget++;
	return false;
}

static void
ask(struct turn *turn, struct op *op, Record__Request *r, struct person *p,
    uint64_t budget_key)
{
	struct engine_progress *progress = &turn->engine->progress;
	uint8_t *salt = arena_alloc(turn->arena, CODE_SALT_SIZE);
	Record__Event event;
	Record__Cookie cookie;

	crypto_random(salt, CODE_SALT_SIZE);
	r->code_salt = (ProtobufCBinaryData){ CODE_SALT_SIZE, salt };
	r->state = RECORD__REQUEST__STATE__WAITING;
	progress->waiting++;
	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__SUBSCRIBE;
	event.evidence = r->evidence;
	event.budget_key = budget_key;
	request_log(turn, op->id, r, &event);
	request_ask(turn, op->id, r);
	request_set_expiry(turn, op->id, r, request_first_expiry(turn, r));
	r->link_expiry = token_expiry(TOKEN_CONFIRM, r->expires_at, 0);
	if (r->cookie_hash.len == CRYPTO_HASH_SIZE) {
		record__cookie__init(&cookie);
		cookie.request = op->id;
		rows_put(turn, STORE_COOKIE,
		    rows_key_cookie(r->cookie_hash.data), &cookie.base);
	}
	rows_put_request(turn, op->id, r);
	person_add_request(turn, p, op->id);
	person_put_entry(turn, p);
	suppress_note_try(turn, p);
}

/* Tells a subscriber so; nothing of the contact may change by what a stranger
 * posts, so its event stands aside. */
static void
tell_already(struct turn *turn, const Record__Request *r, struct person *p,
    uint64_t budget_key)
{
	Record__Outbox mail;
	Record__Event event;
	struct outbox_key key;

	record__outbox__init(&mail);
	mail.kind = RECORD__OUTBOX__KIND__ALREADY;
	mail.contact = p->entry->contact;
	mail.address = p->contact->address;
	mail.lang = p->contact->lang;
	request_rank(turn, r, &mail);
	mail.n_lists = r->n_wishes;
	mail.lists = arena_alloc(turn->arena,
	    r->n_wishes * sizeof(*mail.lists));
	for (size_t i = 0; i < r->n_wishes; i++)
		mail.lists[i] = r->wishes[i]->list;
	key = outbox_add(turn, &mail);
	p->entry->already_at = turn->now;
	p->entry->already_due = key.due;
	p->entry->already_sequence = key.sequence;
	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__ALREADY;
	event.n_wishes = r->n_wishes;
	event.wishes = r->wishes;
	event.evidence = r->evidence;
	event.budget_key = budget_key;
	person_add_aside(turn, p, &event);
}

/* About lists: asks for a confirmation, or tells that there is one. */
static enum metrics_request
work_on_wishes(struct turn *turn, struct op *op, Record__Request *r,
    struct person *p)
{
	uint64_t budget_key;
	size_t already;

	if (sort_wishes(turn, p, r, &already)) {
		if (p->entry->n_requests >= WAITING_MAX ||
		    !take_budget(turn, r, &budget_key)) {
			drop(turn, op, r);
			return REQUEST_OVER_BUDGET;
		}
		ask(turn, op, r, p, budget_key);
		return REQUEST_MAILED;
	}
	drop(turn, op, r);
	if (already != r->n_wishes || turn->now <
	    p->entry->already_at + ALREADY_SECONDS * CLOCK_SECOND)
		return REQUEST_NOTHING;
	if (!take_budget(turn, r, &budget_key))
		return REQUEST_OVER_BUDGET;
	tell_already(turn, r, p, budget_key);
	return REQUEST_ALREADY;
}

static enum metrics_request
work_on(struct turn *turn, struct op *op, Record__Request *r)
{
	struct person p = request_person(turn, r);

	p.trying = suppress_may_try(turn, &p);
	if (r->robot) {
		turn->engine->stats.robots++;
		drop(turn, op, r);
		return REQUEST_HONEYPOT;
	}
	if (r->purpose == RECORD__REQUEST__PURPOSE__MANAGE) {
		manage_mail(turn, r, &p);
		drop(turn, op, r);
		return REQUEST_MANAGE;
	}
	return work_on_wishes(turn, op, r, &p);
}

static void
work_apply(struct turn *turn, struct op *op)
{
	struct engine *e = turn->engine;
	Record__Request *r = rows_request(turn, op->id);

	if (op->id >= e->progress.worked) {
		e->progress.worked = op->id + 1;
		e->progress.changed = true;
	}
	if (r == NULL || r->state != RECORD__REQUEST__STATE__NEW)
		return;
	metrics_add(e->metrics, METRICS_REQUESTS,
	    METRICS_AT(work_on(turn, op, r)), 1);
}

const struct op_class op_work = {
	.name = "work",
	.can_wait = true,
	.gather = work_gather,
	.apply = work_apply,
};
