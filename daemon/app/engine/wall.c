/* SPDX-License-Identifier: ISC */
/*
 * One look at the clock for each turn and each timer.
 */
#include "app/engine/wall.h"

#include "app/engine/engine.h"
#include "app/engine/recall.h"
#include "app/engine/turn.h"
#include "base/clock.h"
#include "base/log.h"

/* How long the database may know of no later time. */
#define NOTE_EVERY (3600 * CLOCK_SECOND)

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
			recall_mails(e, e->steady.shown);
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
