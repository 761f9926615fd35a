/* SPDX-License-Identifier: ISC */
/*
 * Requests that were acknowledged and not worked on, budgets from the last
 * windows of the ledger, mail that is held back, and then: ready.
 */
#include "app/engine/recover.h"

#include <stdlib.h>

#include "app/engine/budgets.h"
#include "app/engine/budgets_replay.h"
#include "app/engine/engine.h"
#include "app/engine/held.h"
#include "app/engine/op_work.h"
#include "app/engine/rows.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/fair.h"
#include "core/ledger.h"

enum { PAGE = 4096 };

struct pending {
	struct engine *engine;
	uint64_t next;		/* first id not seen yet */
	size_t found;
};

static bool
on_request(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct pending *p = arg;
	uint64_t id = bytes_get_be((const uint8_t *)key.p, key.len);

	(void)value;
	p->next = id + 1;
	if (found == STORE_FOUND)
		turn_queue(p->engine, &op_work, id);
	else
		rows_log_damaged(STORE_REQUEST, key);
	p->found++;
	return true;
}

/* All rows from the first request that may not have been worked on. */
static void
queue_unworked(struct engine *e)
{
	struct pending p = { e, e->progress.worked, 0 };
	size_t before;

	do {
		struct rows_key from = rows_key_id(p.next);

		before = p.found;
		store_scan(e->store, &(struct store_scan){
		    .table = STORE_REQUEST, .from = rows_key_slice(&from),
		    .limit = PAGE, .on_row = on_request, .arg = &p });
	} while (p.found - before == PAGE);
	if (p.next > e->progress.next_request)
		e->progress.next_request = p.next;
	if (p.found > 0)
		log_info("recovered", log_num("requests", (int64_t)p.found));
}

struct probe {
	int64_t time;
	bool found;
};

static bool
on_probe(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct probe *probe = arg;
	Record__Event event;

	(void)key;
	if (found != STORE_FOUND || !ledger_glance(value, &event))
		return true;
	probe->time = event.time;
	probe->found = true;
	return false;
}

/* The first event at or after `since`: events are in the order of time. */
static uint64_t
first_event_since(struct engine *e, int64_t since)
{
	uint64_t low = 1, high = e->progress.next_event;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		struct rows_key from = rows_key_u64(middle);
		struct probe probe = { 0, false };

		store_scan(e->store, &(struct store_scan){
		    .table = STORE_LEDGER, .from = rows_key_slice(&from),
		    .limit = 16, .on_row = on_probe, .arg = &probe });
		if (!probe.found || probe.time >= since)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct replay {
	struct engine *engine;
	int64_t now;
	struct arena *arena;	/* of one event at a time */
	uint64_t next;
	size_t seen;
};

static void
replay_whole(struct replay *replay, struct slice value)
{
	ProtobufCAllocator allocator = rows_allocator(replay->arena);
	Record__Event *event;

	arena_reset(replay->arena);
	event = record__event__unpack(&allocator, value.len,
	    (const uint8_t *)value.p);
	if (event != NULL)
		budgets_replay(replay->engine, event, replay->now);
}

/* Of a month's events, and there are many, the last minutes' are unpacked. */
static bool
on_event(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct replay *replay = arg;
	Record__Event event;

	replay->next = bytes_get_be((const uint8_t *)key.p, key.len) + 1;
	replay->seen++;
	if (found != STORE_FOUND || !ledger_glance(value, &event))
		return true;
	if (budgets_want_whole(replay->engine, event.time, replay->now))
		replay_whole(replay, value);
	else
		budgets_replay(replay->engine, &event, replay->now);
	return true;
}

static void
replay_budgets(struct engine *e)
{
	int64_t now = clock_wall_us();
	struct replay replay = { .engine = e, .now = now,
		.arena = arena_new(), .next = first_event_since(e,
		    now - (int64_t)budgets_window(e) * CLOCK_SECOND) };
	size_t before;

	do {
		struct rows_key from = rows_key_u64(replay.next);

		before = replay.seen;
		store_scan(e->store, &(struct store_scan){
		    .table = STORE_LEDGER, .from = rows_key_slice(&from),
		    .limit = PAGE, .on_row = on_event, .arg = &replay });
	} while (replay.seen - before == PAGE);
	arena_free(replay.arena);
}

struct outbox_scan {
	struct engine *engine;
	struct arena *arena;	/* of one row at a time */
	bool only_budgets;
	struct outbox_key next;
	size_t seen;
};

/* What is held back takes its place again; what was on its way counts. */
static bool
on_mail(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	const uint8_t *k = (const uint8_t *)key.p;
	struct outbox_scan *scan = arg;
	struct outbox_key at = { bytes_get_be(k, 8), bytes_get_be(k + 8, 8) };
	ProtobufCAllocator allocator = rows_allocator(scan->arena);
	Record__Outbox *row = NULL;

	scan->next = (struct outbox_key){ at.due, at.sequence + 1 };
	scan->seen++;
	arena_reset(scan->arena);
	if (found == STORE_FOUND)
		row = record__outbox__unpack(&allocator, value.len,
		    (const uint8_t *)value.p);
	if (row == NULL)
		return true;
	if (fair_is_place(at.due) && !scan->only_budgets)
		held_recover(scan->engine, at.due, row);
	else if (!fair_is_place(at.due) && outbox_is_by_strangers(row))
		budgets_note_sent(scan->engine, budgets_domain_key(
		    scan->engine, row->address), row->queued_at);
	return true;
}

static void
recover_outbox(struct engine *e, bool only_budgets)
{
	struct outbox_scan scan = { .engine = e, .arena = arena_new(),
		.only_budgets = only_budgets };
	size_t before;

	do {
		struct rows_key from = rows_key_pair(scan.next.due,
		    scan.next.sequence);

		before = scan.seen;
		store_scan(e->store, &(struct store_scan){
		    .table = STORE_OUTBOX, .from = rows_key_slice(&from),
		    .limit = PAGE, .on_row = on_mail, .arg = &scan });
	} while (scan.seen - before == PAGE);
	arena_free(scan.arena);
}

void
recover_start(struct engine *e)
{
	replay_budgets(e);
	recover_outbox(e, false);
	queue_unworked(e);
	e->started = true;
	child_ready(e->child);
	engine_schedule(e);
}

void
recover_budgets(struct engine *e, const struct config *before)
{
	struct budgets kept;

	if (!budgets_renew(e, before, &kept))
		return;
	replay_budgets(e);
	recover_outbox(e, true);
	budgets_settle(e, &kept);
}
