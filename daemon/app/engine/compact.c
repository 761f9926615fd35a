/* SPDX-License-Identifier: ISC */
/*
 * One compaction at a time, in phases: a copier makes a copy; steps between
 * turns bring over what changed meanwhile; its end is written down and told.
 */
#include "app/engine/compact_private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/engine/engine.h"
#include "app/engine/store.h"
#include "app/engine/store_compact.h"
#include "app/engine/turn.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define AGAIN_AFTER_FAILURE (600 * CLOCK_SECOND)
#define AGAIN_AFTER_BUSY (10 * CLOCK_SECOND)

struct compact *
compact_new(void)
{
	struct compact *c = MEM_NEW(struct compact);

	fact__compaction__init(&c->last);
	STAILQ_INIT(&c->waiting);
	STAILQ_INIT(&c->served);
	return c;
}

static struct order *
take_order(struct orders *orders)
{
	struct order *order = STAILQ_FIRST(orders);

	if (order != NULL)
		STAILQ_REMOVE_HEAD(orders, link);
	return order;
}

void
compact_free(struct compact *c)
{
	struct order *order;

	if (c == NULL)
		return;
	STAILQ_CONCAT(&c->waiting, &c->served);
	while ((order = take_order(&c->waiting)) != NULL)
		free(order);
	free(c);
}

Fact__Compaction *
compact_last(const struct engine *e)
{
	return &e->compact->last;
}

bool
compact_is_on(const struct engine *e)
{
	return e->compact->phase != PHASE_IDLE;
}

/* ---- its end ---- */

static void
tell(struct engine *e, const struct order *order, bool done)
{
	Message__Envelope reply;
	Message__Compacted compacted;

	if (order->peer->ipc == NULL ||
	    order->peer->generation != order->generation)
		return;
	message__compacted__init(&compacted);
	compacted.done = done;
	compacted.last = &e->compact->last;
	message__envelope__init(&reply);
	reply.serial = order->serial;
	reply.body_case = MESSAGE__ENVELOPE__BODY_COMPACTED;
	reply.compacted = &compacted;
	if (wire_send(order->peer->ipc, &reply) < 0)
		log_error("reply_failed", log_str("op", "compact"));
}

static void
end_apply(struct turn *turn, struct op *op)
{
	struct compact *c = turn->engine->compact;

	(void)op;
	if (c->last.failed_at == 0)
		c->last.since = c->since;
	compact_put_row(turn);
}

static void
end_done(struct turn *turn, struct op *op, int error)
{
	struct compact *c = turn->engine->compact;
	struct order *order;

	(void)op;
	if (error < 0)
		return;
	while ((order = take_order(&c->served)) != NULL) {
		tell(turn->engine, order, c->last.failed_at == 0);
		free(order);
	}
	c->phase = PHASE_IDLE;
}

static const struct op_class op_end = {
	.name = "compact_end",
	.apply = end_apply,
	.done = end_done,
};

static void
end_well(struct engine *e)
{
	struct compact *c = e->compact;

	c->last.ended_at = clock_wall_us();
	c->last.took = clock_monotonic_us() - c->begun_at;
	c->last.bytes_before = c->bytes;
	c->last.bytes_after = store_size(e->store);
	c->last.failed_at = 0;
	compact_set_why(c, "");
	log_info("compacted", log_num("before", (int64_t)c->bytes),
	    log_num("after", (int64_t)c->last.bytes_after),
	    log_num("ms", c->last.took / 1000));
	c->phase = PHASE_END;
	turn_queue(e, &op_end, 0);
}

/* All is as it was before; it is tried again. */
static void
end_badly(struct engine *e, const char *why)
{
	struct compact *c = e->compact;

	store_compact_abort(e->store);
	STAILQ_CONCAT(&c->served, &c->waiting);
	c->last.failed_at = clock_wall_us();
	c->not_before = c->last.failed_at + AGAIN_AFTER_FAILURE;
	compact_set_why(c, why);
	log_warn("not_compacted", log_str("why", why));
	c->phase = PHASE_END;
	turn_queue(e, &op_end, 0);
}

static const char *
reason(int error)
{
	if (error == -ENOSPC)
		return "there is not enough room, on the disk or in map_size";
	if (error == -EOVERFLOW)
		return "too much was changed meanwhile";
	if (error == -EILSEQ)
		return "the copy does not hold what it should";
	return store_strerror(error);
}

/* ---- steps ---- */

static const struct op_class op_step;

static void
step_done(struct turn *turn, struct op *op, int error)
{
	struct engine *e = turn->engine;

	(void)op;
	if (error < 0 || e->compact->phase != PHASE_STEPS)
		return;
	switch (store_compact_step(e->store, &error)) {
	case STORE_COMPACT_MORE:
		turn_queue(e, &op_step, 0);
		break;
	case STORE_COMPACT_DONE:
		end_well(e);
		break;
	case STORE_COMPACT_FAILED:
		end_badly(e, reason(error));
		break;
	case STORE_COMPACT_LOST:
		log_error("database_lost", log_str("why",
		    store_strerror(error)));
		e->failed = true;
		child_exit(e->child, 1);
		break;
	}
}

/* A turn of its own, so that nobody's answer waits for it. */
static const struct op_class op_step = {
	.name = "compact_step",
	.is_alone = true,
	.done = step_done,
};

void
compact_on_copied(struct engine *e, enum copy_end end, bool own)
{
	struct compact *c = e->compact;

	if (!own) {
		c->not_before = 0;
		c->is_dropping = false;
	} else if (c->phase == PHASE_DROPPED) {
		end_badly(e, reason(c->error));
	} else if (c->phase == PHASE_COPY && end == COPY_DONE) {
		c->phase = PHASE_STEPS;
		turn_queue(e, &op_step, 0);
	} else if (c->phase == PHASE_COPY && end == COPY_BUSY) {
		store_compact_abort(e->store);
		STAILQ_CONCAT(&c->served, &c->waiting);
		STAILQ_CONCAT(&c->waiting, &c->served);
		c->not_before = clock_wall_us() + AGAIN_AFTER_BUSY;
		c->phase = PHASE_IDLE;
	} else if (c->phase == PHASE_COPY) {
		end_badly(e, "the copier failed: see the log");
	}
	engine_schedule(e);
}

/* ---- its begin ---- */

static void
begin(struct engine *e)
{
	struct compact *c = e->compact;
	int fd = store_compact_begin(e->store);

	c->begun_at = clock_monotonic_us();
	c->bytes = store_size(e->store);
	c->since = 0;
	STAILQ_CONCAT(&c->served, &c->waiting);
	if (fd < 0) {
		end_badly(e, reason(fd));
		return;
	}
	log_info("compaction", log_num("bytes", (int64_t)c->bytes));
	c->phase = PHASE_COPY;
	child_ask_copy(e->child, fd);
	close(fd);
}

static void
check(struct engine *e)
{
	struct compact *c = e->compact;
	int error = store_compact_error(e->store);

	if (error == 0)
		return;
	if (c->phase == PHASE_STEPS) {
		end_badly(e, reason(error));
		return;
	}
	c->error = error;
	store_compact_abort(e->store);
	child_drop_copy(e->child);
	c->phase = PHASE_DROPPED;
}

/* A backup that is written to somebody slow, say. */
static void
drop_other(struct engine *e)
{
	log_warn("copy_dropped", log_str("why", reason(-ENOSPC)));
	e->compact->is_dropping = true;
	child_drop_copy(e->child);
}

static int64_t
due_at(const struct engine *e)
{
	const struct compact *c = e->compact;
	uint64_t keep = e->config->compact;
	int64_t due = INT64_MAX;

	if (!STAILQ_EMPTY(&c->waiting))
		due = 0;
	else if (c->last.since != 0 && keep != 0)
		due = c->last.since + (int64_t)keep * CLOCK_SECOND;
	return due > c->not_before ? due : c->not_before;
}

int64_t
compact_look(struct engine *e, int64_t now)
{
	struct compact *c = e->compact;

	/* The clock was put back. */
	if (c->last.since > now)
		c->last.since = now;
	if (c->not_before > now + AGAIN_AFTER_FAILURE)
		c->not_before = 0;
	if (c->phase == PHASE_IDLE && !c->is_dropping &&
	    store_is_starved(e->store))
		drop_other(e);
	if (c->phase == PHASE_IDLE && due_at(e) <= now)
		begin(e);
	else if (c->phase == PHASE_COPY || c->phase == PHASE_STEPS)
		check(e);
	return c->phase == PHASE_IDLE ? due_at(e) : INT64_MAX;
}

/* What is begun by now may have been too early for whoever orders it now. */
void
compact_order(struct engine *e, struct peer *peer, Message__Envelope *question)
{
	struct compact *c = e->compact;
	struct order *order = MEM_NEW(struct order);

	order->peer = peer;
	order->generation = peer->generation;
	order->serial = question->serial;
	STAILQ_INSERT_TAIL(&c->waiting, order, link);
	c->not_before = 0;
	wire_free(question);
	engine_schedule(e);
}

void
compact_stop(struct engine *e)
{
	store_compact_abort(e->store);
	e->compact->phase = PHASE_IDLE;
}
