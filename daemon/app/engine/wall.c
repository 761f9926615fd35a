/* SPDX-License-Identifier: ISC */
/*
 * One look at the clock for each turn and each timer.
 */
#include "app/engine/wall.h"

#include "app/engine/engine.h"
#include "app/engine/mail_source.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/fair.h"

/* How long the database may know of no later time. */
#define NOTE_EVERY (3600 * CLOCK_SECOND)

/* ---- mail that waits for a time that went far away ---- */

static void
recall_gather(struct turn *turn, struct op *op)
{
	struct mail_source source;

	(void)mail_source_get(turn, op->due, op->id, &source);
}

static void
recall_apply(struct turn *turn, struct op *op)
{
	struct outbox_key from = { op->due, op->id };
	struct outbox_key now = { (uint64_t)turn->now, op->id };
	const Record__Outbox *row = rows_outbox(turn, op->due, op->id);

	if (row == NULL || outbox_is_claimed(turn->engine, from) ||
	    from.due <= now.due)
		return;
	outbox_move(turn, from, now.due, row);
	mail_source_point(turn, row, now);
}

static const struct op_class op_recall = {
	.name = "recall",
	.gather = recall_gather,
	.apply = recall_apply,
};

static bool
on_waiting(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	uint64_t due = bytes_get_be((const uint8_t *)key.p, 8);

	(void)found;
	(void)value;
	if (fair_is_place(due))
		return false;
	turn_queue(arg, &op_recall, bytes_get_be((const uint8_t *)key.p + 8,
	    8))->due = due;
	return true;
}

static void
recall(struct engine *e, int64_t now)
{
	struct rows_key from = rows_key_pair((uint64_t)now + 1, 0);

	store_scan(e->store, &(struct store_scan){ .table = STORE_OUTBOX,
	    .from = rows_key_slice(&from), .limit = SIZE_MAX,
	    .on_row = on_waiting, .arg = e });
}

/* ---- the clock ---- */

static void
tell(struct engine *e, enum steady_news news, int64_t jump_before)
{
	int64_t jump = steady_jump(&e->steady);

	switch (news) {
	case STEADY_NO_NEWS:
		break;
	case STEADY_JUMPED:
		log_warn("clock_jumped",
		    log_num("seconds", jump / CLOCK_SECOND),
		    log_num("held_seconds",
		    steady_hold(&e->steady) / CLOCK_SECOND));
		if (jump < 0)
			recall(e, e->steady.shown);
		break;
	case STEADY_CAME_BACK:
		log_warn("clock_came_back",
		    log_num("seconds", -jump_before / CLOCK_SECOND));
		break;
	case STEADY_BELIEVED:
		log_warn("clock_believed",
		    log_num("seconds", jump_before / CLOCK_SECOND));
		break;
	}
}

void
wall_start(struct engine *e, int64_t seen)
{
	tell(e, steady_start(&e->steady, seen, clock_wall_us(),
	    clock_boot_us()), 0);
}

int64_t
wall_look(struct engine *e)
{
	int64_t now = clock_wall_us(), jump = steady_jump(&e->steady);

	if (e->started)
		tell(e, steady_look(&e->steady, now, clock_boot_us()), jump);
	return now;
}

int64_t
wall_past(const struct engine *e)
{
	return steady_past(&e->steady);
}

int64_t
wall_seen(const struct engine *e)
{
	return e->steady.at;
}

static void
note_apply(struct turn *turn, struct op *op)
{
	(void)op;
	turn->engine->progress.changed = true;
}

static const struct op_class op_note = {
	.name = "clock",
	.apply = note_apply,
};

void
wall_note(struct engine *e)
{
	(void)wall_look(e);
	if (e->started && wall_seen(e) - e->progress.seen > NOTE_EVERY)
		turn_queue(e, &op_note, 0);
}
