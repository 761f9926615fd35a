/* SPDX-License-Identifier: ISC */
/*
 * From a form post to a queued mail.  The answer leaves after one append of
 * one row, the same whatever the address's standing; everything that depends
 * on it comes in a later turn, from that row.
 */
#include "app/engine/op_work.h"

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "app/engine/request.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "core/address.h"

enum { CODE_SALT_SIZE = 16, WAITING_MAX = 32, FULL_PERCENT = 90,
	COOKIE_KEY_SIZE = 16, RETRY_SECONDS = 30 };
/* How often an address is told that it is subscribed already. */
#define ALREADY_SECONDS INT64_C(604800)

/* ---- accept ---- */

static bool
store_is_full(struct engine *e)
{
	uint64_t used, size;

	store_usage(e->store, &used, &size);
	return used > size / 100 * FULL_PERCENT;
}

static void
answer(struct turn *turn, struct op *op,
    Message__Subscribed__Outcome outcome, uint32_t retry_after)
{
	Message__Subscribed *s = arena_alloc(turn->arena, sizeof(*s));
	Message__Envelope *reply = turn_reply(turn, op,
	    MESSAGE__ENVELOPE__BODY_SUBSCRIBED);

	message__subscribed__init(s);
	s->outcome = outcome;
	s->retry_after = retry_after;
	reply->subscribed = s;
}

/* Web has checked it all; it is checked again, by other code. */
static bool
is_sound(const struct engine *e, const Message__Subscribe *s)
{
	struct address parsed;

	if (s->n_lists == 0 || s->evidence == NULL ||
	    address_parse(slice_str(s->address), &parsed) != ADDRESS_OK ||
	    strcmp(parsed.key, s->address_key) != 0 ||
	    (s->cookie_hash.len != 0 &&
	    s->cookie_hash.len != CRYPTO_HASH_SIZE))
		return false;
	for (size_t i = 0; i < s->n_lists; i++) {
		const struct engine_list *l = engine_list_by_name(e,
		    s->lists[i]);

		if (l == NULL || l->config == NULL)
			return false;
	}
	return true;
}

static void
fill_wishes(struct turn *turn, Record__Request *r,
    const Message__Subscribe *s)
{
	r->n_wishes = s->n_lists;
	r->wishes = arena_alloc(turn->arena,
	    s->n_lists * sizeof(*r->wishes));
	for (size_t i = 0; i < s->n_lists; i++) {
		const struct engine_list *l = engine_list_by_name(
		    turn->engine, s->lists[i]);
		Record__Wish *wish = arena_alloc(turn->arena, sizeof(*wish));
		uint8_t *consent = arena_alloc(turn->arena,
		    sizeof(l->consent));

		record__wish__init(wish);
		memcpy(consent, l->consent, sizeof(l->consent));
		wish->list = l->id;
		wish->consent = (ProtobufCBinaryData){ sizeof(l->consent),
			consent };
		r->wishes[i] = wish;
	}
}

static void
accept_apply(struct turn *turn, struct op *op)
{
	const Message__Subscribe *s = op->question->subscribe;
	struct engine *e = turn->engine;
	Record__Request r;
	uint32_t retry_after;

	if (!is_sound(e, s) || store_is_full(e)) {
		answer(turn, op, MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE,
		    RETRY_SECONDS);
		return;
	}
	if (!budgets_take_network(e, s->evidence->ip, turn->now,
	    &retry_after)) {
		answer(turn, op, MESSAGE__SUBSCRIBED__OUTCOME__RATE_LIMITED,
		    retry_after);
		return;
	}
	record__request__init(&r);
	r.state = RECORD__REQUEST__STATE__NEW;
	r.address = s->address;
	r.address_key = s->address_key;
	fill_wishes(turn, &r, s);
	r.name = s->name;
	r.n_fields = s->n_fields;
	r.fields = s->fields;
	r.n_tags = s->n_tags;
	r.tags = s->tags;
	r.lang = s->lang;
	r.evidence = ledger_evidence(turn, s->evidence);
	r.cookie_hash = s->cookie_hash;
	r.asked_at = turn->now;
	r.robot = s->robot;
	op->id = e->progress.next_request++;
	rows_put_request(turn, op->id, &r);
	e->stats.subscribes++;
	answer(turn, op, MESSAGE__SUBSCRIBED__OUTCOME__ACCEPTED, 0);
}

static void
accept_done(struct turn *turn, struct op *op, int error)
{
	if (error < 0)
		answer(turn, op, MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE,
		    RETRY_SECONDS);
	else if (op->id != 0)
		turn_queue(turn->engine, &op_work, op->id);
	turn_send_reply(op);
}

const struct op_class op_accept = {
	.name = "subscribe",
	.apply = accept_apply,
	.done = accept_done,
};

/* ---- work ---- */

static struct person
person_of(struct turn *turn, const Record__Request *r)
{
	return person_get(turn, r->address_key, r->wishes, r->n_wishes);
}

static void
work_gather(struct turn *turn, struct op *op)
{
	Record__Request *r = rows_request(turn, op->id);

	if (r != NULL)
		(void)person_of(turn, r);
}

static void
drop(struct turn *turn, struct op *op)
{
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
	uint32_t *lists = arena_alloc(turn->arena,
	    r->n_wishes * sizeof(*lists));

	for (size_t i = 0; i < r->n_wishes; i++)
		lists[i] = r->wishes[i]->list;
	*ret_key = budgets_address_key(e, r->address);
	if (budgets_take_mail(e, *ret_key, lists, r->n_wishes, turn->now))
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
	if (r->cookie_hash.len == CRYPTO_HASH_SIZE) {
		record__cookie__init(&cookie);
		cookie.request = op->id;
		rows_put(turn, STORE_COOKIE, rows_key_bytes(
		    r->cookie_hash.data, COOKIE_KEY_SIZE), &cookie.base);
	}
	rows_put_request(turn, op->id, r);
	person_add_request(turn, p, op->id);
	person_put_entry(turn, p);
}

/* Tells a subscriber so; its event joins no chain, as nothing of the contact
 * may change by what a stranger posts. */
static void
tell_already(struct turn *turn, const Record__Request *r, struct person *p,
    uint64_t budget_key)
{
	Record__Outbox mail;
	Record__Event event;

	p->entry->already_at = turn->now;
	person_put_entry(turn, p);
	record__outbox__init(&mail);
	mail.kind = RECORD__OUTBOX__KIND__ALREADY;
	mail.contact = p->entry->contact;
	mail.address = p->contact->address;
	mail.lang = p->contact->lang;
	mail.n_lists = r->n_wishes;
	mail.lists = arena_alloc(turn->arena,
	    r->n_wishes * sizeof(*mail.lists));
	for (size_t i = 0; i < r->n_wishes; i++)
		mail.lists[i] = r->wishes[i]->list;
	outbox_add(turn, &mail);
	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__ALREADY;
	event.contact = mail.contact;
	event.n_wishes = r->n_wishes;
	event.wishes = r->wishes;
	event.evidence = r->evidence;
	event.budget_key = budget_key;
	ledger_append(turn, &event);
}

static void
work_apply(struct turn *turn, struct op *op)
{
	struct engine *e = turn->engine;
	Record__Request *r = rows_request(turn, op->id);
	struct person p;
	uint64_t budget_key;
	size_t already;

	if (op->id >= e->progress.worked) {
		e->progress.worked = op->id + 1;
		e->progress.changed = true;
	}
	if (r == NULL || r->state != RECORD__REQUEST__STATE__NEW)
		return;
	p = person_of(turn, r);
	if (r->robot) {
		e->stats.robots++;
		drop(turn, op);
	} else if (sort_wishes(turn, &p, r, &already)) {
		if (p.entry->n_requests < WAITING_MAX &&
		    take_budget(turn, r, &budget_key))
			ask(turn, op, r, &p, budget_key);
		else
			drop(turn, op);
	} else {
		if (already == r->n_wishes && turn->now >=
		    p.entry->already_at + ALREADY_SECONDS * CLOCK_SECOND &&
		    take_budget(turn, r, &budget_key))
			tell_already(turn, r, &p, budget_key);
		drop(turn, op);
	}
}

const struct op_class op_work = {
	.name = "work",
	.gather = work_gather,
	.apply = work_apply,
};

/* ---- expire ---- */

static void
expire_gather(struct turn *turn, struct op *op)
{
	Record__Request *r = rows_request(turn, op->id);

	if (r == NULL)
		return;
	(void)person_of(turn, r);
	ledger_gather_chain(turn, r->last_event, LEDGER_CHAIN_MAX);
}

static void
expire_apply(struct turn *turn, struct op *op)
{
	Record__Request *r = rows_request(turn, op->id);
	struct person p;
	Record__Event event;

	rows_delete(turn, STORE_DUE, rows_key_due((int64_t)op->due,
	    ROWS_DUE_REQUEST, op->id));
	if (r == NULL || r->expires_at != (int64_t)op->due)
		return;
	p = person_of(turn, r);
	request_forget(turn, op->id, r, &p);
	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__EXPIRE;
	event.request = op->id;
	ledger_append(turn, &event);
	log_info("expired", log_num("request", (int64_t)op->id));
}

const struct op_class op_expire = {
	.name = "expire",
	.gather = expire_gather,
	.apply = expire_apply,
};

static struct rows_key
release_key(const struct op *op)
{
	return rows_key_due((int64_t)op->due, ROWS_DUE_SUPPRESSION, op->id);
}

static Record__Suppression *
suppression_of(struct turn *turn, struct op *op, struct rows_key *ret_key)
{
	Record__Due *due = rows_get(turn, STORE_DUE, release_key(op),
	    &record__due__descriptor);

	if (due == NULL || due->key.len == 0 || due->key.len > STORE_KEY_MAX)
		return NULL;
	*ret_key = rows_key_bytes(due->key.data, due->key.len);
	return rows_get(turn, STORE_SUPPRESSION, *ret_key,
	    &record__suppression__descriptor);
}

static void
release_gather(struct turn *turn, struct op *op)
{
	struct rows_key key;

	(void)suppression_of(turn, op, &key);
}

static void
release_apply(struct turn *turn, struct op *op)
{
	struct rows_key key;
	Record__Suppression *s = suppression_of(turn, op, &key);

	rows_delete(turn, STORE_DUE, release_key(op));
	/* Lifted, or renewed with a later end, in between. */
	if (s != NULL && s->until != 0 && s->until <= turn->now)
		rows_delete(turn, STORE_SUPPRESSION, key);
}

const struct op_class op_release = {
	.name = "release",
	.gather = release_gather,
	.apply = release_apply,
};

/* ---- what is due ---- */

struct due_scan {
	struct engine *engine;
	int64_t now;
	int64_t first;		/* the earliest seen */
};

static bool
on_due(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct due_scan *scan = arg;
	const uint8_t *k = (const uint8_t *)key.p;
	int64_t due = (int64_t)bytes_get_be(k, 8);
	struct op *op;

	(void)found;
	(void)value;
	if (due < scan->first)
		scan->first = due;
	if (due > scan->now)
		return false;
	op = turn_queue(scan->engine, k[8] == ROWS_DUE_REQUEST ?
	    &op_expire : &op_release, bytes_get_be(k + 9, 8));
	op->due = (uint64_t)due;
	return true;
}

static int64_t
scan_due(struct engine *e, int64_t now, size_t limit)
{
	struct due_scan scan = { e, now, INT64_MAX };

	store_scan(e->store, &(struct store_scan){ .table = STORE_DUE,
	    .limit = limit, .on_row = on_due, .arg = &scan });
	return scan.first;
}

void
op_expire_queue(struct engine *e, int64_t now)
{
	(void)scan_due(e, now, TURN_OPS_MAX);
}

int64_t
op_expire_next(struct engine *e)
{
	return scan_due(e, INT64_MIN, 1);
}
