/* SPDX-License-Identifier: ISC */
/*
 * How far the wall clock can be believed.  One that suddenly shows a time more
 * than a day off, forth or back, is wrong now or was before, and nobody here
 * can tell which; so for a while things end by the earlier of the two: as it
 * shows, and as it would if it had only ticked on.  That ends when it shows
 * about that again, or when it has gone on for a day without another jump.
 *
 * Times are microseconds; ticks are those of a clock that nobody can set.
 */
#ifndef CORE_STEADY_H
#define CORE_STEADY_H

#include <stdbool.h>
#include <stdint.h>

#define STEADY_JUMP INT64_C(86400000000)
#define STEADY_HOLD INT64_C(86400000000)

/* A plain value. */
struct steady {
	int64_t at;		/* wall time as it was and has ticked on */
	int64_t shown;		/* what the clock showed at the last look */
	int64_t ticks;		/* at that look */
	int64_t doubted_at;	/* in ticks; only while it is doubted */
	bool is_doubted;
};

enum steady_news { STEADY_NO_NEWS, STEADY_JUMPED, STEADY_CAME_BACK,
	STEADY_BELIEVED };

/* Starts with what was last shown to somebody, or 0: to nobody. */
enum steady_news steady_start(struct steady *, int64_t seen, int64_t shown,
    int64_t ticks);
/* Looks at the clock.  Not seldom: in between it may jump to and fro. */
enum steady_news steady_look(struct steady *, int64_t shown, int64_t ticks);
/* Whatever ended until then is over; as of the last look. */
int64_t steady_past(const struct steady *);
/* How far the clock is ahead of what it would show; 0: it isn't doubted. */
int64_t steady_jump(const struct steady *);
/* How long it is going to be doubted, if nothing else happens. */
int64_t steady_hold(const struct steady *);

#endif
