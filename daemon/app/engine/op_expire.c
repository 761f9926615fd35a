/* SPDX-License-Identifier: ISC */
/*
 * What falls due by itself: requests that nobody confirmed, suppressions and
 * sealed proofs that have lasted long enough.
 */
#include "app/engine/op_expire.h"

#include "app/engine/engine.h"
#include "app/engine/erase.h"
#include "app/engine/ledger_log.h"
#include "app/engine/request.h"
#include "app/engine/retain.h"
#include "base/bytes.h"
#include "base/log.h"

static void
expire_gather(struct turn *turn, struct op *op)
{
	Record__Request *r = rows_request(turn, op->id);

	if (r == NULL || r->state == RECORD__REQUEST__STATE__CONFIRMED)
		return;
	(void)request_person(turn, r);
	ledger_gather_chain(turn, r->last_event, LEDGER_ERASE_MAX);
}

/* Of one that was confirmed, what remains for as long as the contact does. */
static void
expire_stub(struct turn *turn, uint64_t id, Record__Request *r)
{
	request_void_cookie(turn, r);
	r->expires_at = 0;
	rows_put_request(turn, id, r);
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
	if (r->state == RECORD__REQUEST__STATE__CONFIRMED) {
		expire_stub(turn, op->id, r);
		return;
	}
	p = request_person(turn, r);
	request_forget(turn, op->id, r, &p);
	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__EXPIRE;
	event.request = op->id;
	ledger_append(turn, &event);
	log_info("expired", log_num("request", (int64_t)op->id));
}

const struct op_class op_expire = {
	.name = "expire",
	.can_wait = true,
	.gather = expire_gather,
	.apply = expire_apply,
};

/* The row that a due row names; false: none (or not yet, while gathering). */
static bool
due_names(struct turn *turn, const struct op *op, enum rows_due kind,
    struct rows_key *ret_key)
{
	Record__Due *due = rows_get(turn, STORE_DUE,
	    rows_key_due((int64_t)op->due, kind, op->id),
	    &record__due__descriptor);

	if (due == NULL || due->key.len == 0 || due->key.len > STORE_KEY_MAX)
		return false;
	*ret_key = rows_key_bytes(due->key.data, due->key.len);
	return true;
}

static Record__Suppression *
suppression_of(struct turn *turn, struct op *op, struct rows_key *ret_key)
{
	if (!due_names(turn, op, ROWS_DUE_SUPPRESSION, ret_key))
		return NULL;
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

	rows_delete(turn, STORE_DUE, rows_key_due((int64_t)op->due,
	    ROWS_DUE_SUPPRESSION, op->id));
	/* Lifted, or renewed with a later end, in between. */
	if (s != NULL && s->until != 0 && s->until <= turn->past)
		rows_delete(turn, STORE_SUPPRESSION, key);
}

const struct op_class op_release = {
	.name = "release",
	.can_wait = true,
	.gather = release_gather,
	.apply = release_apply,
};

static Record__Sealed *
sealed_of(struct turn *turn, struct op *op, struct rows_key *ret_key)
{
	if (!due_names(turn, op, ROWS_DUE_PROOF, ret_key))
		return NULL;
	return rows_get(turn, STORE_PROOF, *ret_key,
	    &record__sealed__descriptor);
}

static void
unseal_gather(struct turn *turn, struct op *op)
{
	struct rows_key key;

	(void)sealed_of(turn, op, &key);
}

static void
unseal_apply(struct turn *turn, struct op *op)
{
	struct rows_key key;
	Record__Sealed *sealed = sealed_of(turn, op, &key);

	rows_delete(turn, STORE_DUE, rows_key_due((int64_t)op->due,
	    ROWS_DUE_PROOF, op->id));
	/* Sealed anew, for longer, in between. */
	if (sealed == NULL || sealed->until > turn->past)
		return;
	rows_delete(turn, STORE_PROOF, key);
	log_info("proof_ended", log_num("since", sealed->since));
}

/* A sealed proof has been kept for long enough. */
static const struct op_class op_unseal = {
	.name = "unseal",
	.can_wait = true,
	.gather = unseal_gather,
	.apply = unseal_apply,
};

/* ---- what is due ---- */

static const struct op_class *const classes[ROWS_DUE_END] = {
	[ROWS_DUE_REQUEST] = &op_expire,
	[ROWS_DUE_SUPPRESSION] = &op_release,
	[ROWS_DUE_PROOF] = &op_unseal,
	[ROWS_DUE_ERASE] = &op_erase_rest,
	[ROWS_DUE_CONTACT] = &op_retain,
};

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
	if (k[8] >= ROWS_DUE_END || classes[k[8]] == NULL)
		return true;
	op = turn_queue(scan->engine, classes[k[8]], bytes_get_be(k + 9, 8));
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
