/* SPDX-License-Identifier: ISC */
/*
 * Runs turns.  Knows operations only by their class.
 */
#include "app/engine/turn.h"

#include <stdlib.h>

#include "app/engine/compact.h"
#include "app/engine/engine.h"
#include "app/engine/meta.h"
#include "app/engine/op_admin.h"
#include "app/engine/rows.h"
#include "app/engine/store.h"
#include "app/engine/store_sync.h"
#include "app/engine/wall.h"
#include "app/metrics/metrics.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

static void round_begin(struct turn *);

static struct op *
enqueue(struct engine *e, struct op *op)
{
	*e->tail = op;
	e->tail = &op->next;
	engine_wake(e);
	return op;
}

struct op *
turn_queue(struct engine *e, const struct op_class *class, uint64_t id)
{
	struct op *op = MEM_NEW(struct op);

	op->class = class;
	op->id = id;
	return enqueue(e, op);
}

struct op *
turn_queue_question(struct engine *e, const struct op_class *class,
    struct peer *peer, Message__Envelope *question)
{
	struct op *op = MEM_NEW(struct op);

	op->class = class;
	op->question = question;
	op->peer = peer;
	op->generation = peer->generation;
	return enqueue(e, op);
}

static void
op_free(struct op *op)
{
	wire_free(op->question);
	free(op->ids);
	free(op->memo);
	free(op);
}

/* At most TURN_OPS_MAX from the front of the queue, or one that is alone. */
static struct op *
take_ops(struct engine *e)
{
	struct op *first = e->first, **end = &e->first;
	size_t n = 0, most = first != NULL && first->class->is_alone ? 1 :
	    TURN_OPS_MAX;

	while (*end != NULL && n < most &&
	    (n == 0 || !(*end)->class->is_alone)) {
		end = &(*end)->next;
		n++;
	}
	e->first = *end;
	if (e->first == NULL)
		e->tail = &e->first;
	*end = NULL;
	return n > 0 ? first : NULL;
}

static void
turn_end(struct turn *turn)
{
	struct engine *e = turn->engine;
	struct op *next;

	for (struct op *op = turn->ops; op != NULL; op = next) {
		next = op->next;
		op_free(op);
	}
	arena_free(turn->arena);
	free(turn);
	e->turning = false;
	e->stats.turns++;
	if (store_wants_settling(e->store))
		engine_wake(e);
	engine_schedule(e);
}

static void
tell_all(struct turn *turn, int error)
{
	for (struct op *op = turn->ops; op != NULL; op = op->next) {
		if (op->class->done != NULL)
			op->class->done(turn, op, error);
		else if (error == 0)
			turn_send_reply(op);
	}
}

/*
 * Nothing of the turn was written.  What the process holds in memory may no
 * longer agree with the disk, so it starts anew from there: the parent sees
 * to that, and whoever waits for an answer gets "unavailable" from web.
 */
static void
turn_fail(struct turn *turn, int error)
{
	struct engine *e = turn->engine;

	log_error("commit_failed", log_str("error", store_strerror(error)));
	tell_all(turn, error);
	turn_end(turn);
	e->failed = true;
	child_exit(e->child, 1);
}

static bool
can_wait(const struct turn *turn)
{
	for (const struct op *op = turn->ops; op != NULL; op = op->next) {
		if (!op->class->can_wait)
			return false;
	}
	return true;
}

static void
count(const struct turn *turn)
{
	struct metrics *m = turn->engine->metrics;
	int64_t now = clock_monotonic_us();
	uint64_t operations = 0;

	for (const struct op *op = turn->ops; op != NULL; op = op->next)
		operations++;
	metrics_observe(m, METRICS_TURN_OPERATIONS, METRICS_AT(0),
	    operations);
	metrics_observe(m, METRICS_TURN_TIME, METRICS_AT(0),
	    (uint64_t)(now - turn->begun_at));
	if (turn->settles || !can_wait(turn))
		metrics_observe(m, METRICS_COMMIT_TIME, METRICS_AT(0),
		    (uint64_t)(now - turn->commit_at));
}

static void
on_committed(int error, void *arg)
{
	struct turn *turn = arg;

	turn->store = NULL;
	if (error < 0) {
		turn_fail(turn, error);
		return;
	}
	count(turn);
	tell_all(turn, 0);
	turn_end(turn);
}

/* The operations from here on wait for the next turn, before all others. */
static void
put_back(struct turn *turn, struct op **from)
{
	struct engine *e = turn->engine;
	struct op *first = *from, **end = from;

	while (*end != NULL)
		end = &(*end)->next;
	*end = e->first;
	if (e->first == NULL)
		e->tail = end;
	e->first = first;
	*from = NULL;
}

static void
gather(struct turn *turn, struct op *op)
{
	turn->op = op;
	if (op->class->gather != NULL)
		op->class->gather(turn, op);
}

static void
apply(struct turn *turn, struct op *op)
{
	turn->op = op;
	turn->applying = true;
	if (op->class->apply != NULL)
		op->class->apply(turn, op);
	turn->applying = false;
}

/*
 * What an operation reads may have been changed by one before it, so that it
 * names other rows now: then it has to wait until those are loaded.
 */
static bool
is_gathered(struct turn *turn, struct op *op)
{
	gather(turn, op);
	return !store_turn_wants(turn->store);
}

/* The first one always can, so that each turn gets on. */
static bool
may_apply(struct turn *turn, struct op *op)
{
	return op == turn->ops ||
	    (store_turn_changes(turn->store) < TURN_CHANGES_MAX &&
	    is_gathered(turn, op));
}

static void
apply_all(struct turn *turn)
{
	for (struct op **at = &turn->ops; *at != NULL; at = &(*at)->next) {
		if (!may_apply(turn, *at)) {
			put_back(turn, at);
			break;
		}
		apply(turn, *at);
	}
	turn->applying = true;
	meta_put_changes(turn);
	compact_note(turn);
	turn->commit_at = clock_monotonic_us();
	if (turn->settles)
		store_turn_settle(turn->store, on_committed, turn);
	else if (can_wait(turn))
		store_turn_keep(turn->store, on_committed, turn);
	else
		store_turn_commit(turn->store, on_committed, turn);
}

static void
on_loaded(int error, void *arg)
{
	struct turn *turn = arg;

	if (error < 0) {
		store_turn_abort(turn->store);
		turn->store = NULL;
		turn_fail(turn, error);
		return;
	}
	round_begin(turn);
}

/* What an earlier round read into the arena is read again. */
static void
round_begin(struct turn *turn)
{
	arena_reset(turn->arena);
	for (struct op *op = turn->ops; op != NULL; op = op->next)
		gather(turn, op);
	if (store_turn_wants(turn->store))
		store_turn_load(turn->store, on_loaded, turn);
	else
		apply_all(turn);
}

/*
 * One that settles the store has no operations: they would have to wait for
 * it, and those of the last turn, whose answers have left, need not.
 */
void
turn_run(struct engine *e)
{
	bool settles = store_wants_settling(e->store);
	struct turn *turn;

	if (e->turning || (e->first == NULL && !settles) || e->failed)
		return;
	e->turning = true;
	turn = MEM_NEW(struct turn);
	turn->engine = e;
	turn->arena = arena_new();
	turn->allocator = rows_allocator(turn->arena);
	turn->now = wall_look(e);
	turn->past = wall_past(e);
	turn->begun_at = clock_monotonic_us();
	turn->store = store_turn_begin(e->store);
	turn->settles = settles;
	turn->ops = settles ? NULL : take_ops(e);
	round_begin(turn);
}

/* Does nothing itself, but can't wait. */
static const struct op_class sync_op = {
	.name = "sync",
};

void
turn_sync(struct engine *e)
{
	if (store_keeps(e->store) && e->first == NULL)
		turn_queue(e, &sync_op, 0);
}

void
turn_settle(struct engine *e)
{
	if (!store_is_settled(e->store))
		turn_queue(e, &op_settle, 0);
}

Message__Envelope *
turn_reply(struct turn *turn, struct op *op, Message__Envelope__BodyCase body)
{
	Message__Envelope *reply = arena_alloc(turn->arena, sizeof(*reply));

	message__envelope__init(reply);
	reply->serial = op->question->serial;
	reply->body_case = body;
	op->reply = reply;
	return reply;
}

void
turn_send_reply(struct op *op)
{
	struct peer *peer = op->peer;
	int error;

	if (op->reply == NULL || peer->ipc == NULL ||
	    peer->generation != op->generation)
		return;
	error = wire_send(peer->ipc, op->reply);
	if (error < 0)
		log_error("reply_failed", log_str("op", op->class->name),
		    log_errno("error", error));
}

char *
turn_text(struct turn *turn, const char *text)
{
	return arena_text(turn->arena, text);
}

void *
turn_grow(struct turn *turn, const void *array, size_t count, size_t size)
{
	void *grown = arena_alloc(turn->arena, (count + 1) * size);

	if (count > 0)
		memcpy(grown, array, count * size);
	return grown;
}
