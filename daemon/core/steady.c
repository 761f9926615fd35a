/* SPDX-License-Identifier: ISC */
/*
 * One clock held against another.
 */
#include "core/steady.h"

static bool
is_far(int64_t a, int64_t b)
{
	return a > b ? a - b > STEADY_JUMP : b - a > STEADY_JUMP;
}

static void
believe(struct steady *s)
{
	s->at = s->shown;
	s->is_doubted = false;
}

static enum steady_news
doubt(struct steady *s)
{
	s->is_doubted = true;
	s->doubted_at = s->ticks;
	return STEADY_JUMPED;
}

enum steady_news
steady_start(struct steady *s, int64_t seen, int64_t shown, int64_t ticks)
{
	*s = (struct steady){ .at = seen != 0 ? seen : shown, .shown = shown,
		.ticks = ticks };
	if (is_far(s->shown, s->at))
		return doubt(s);
	believe(s);
	return STEADY_NO_NEWS;
}

enum steady_news
steady_look(struct steady *s, int64_t shown, int64_t ticks)
{
	int64_t passed = ticks - s->ticks;
	bool jumped = is_far(shown, s->shown + passed);

	s->at += passed;
	s->shown = shown;
	s->ticks = ticks;
	if (!is_far(s->shown, s->at)) {
		bool was_doubted = s->is_doubted;

		believe(s);
		return was_doubted ? STEADY_CAME_BACK : STEADY_NO_NEWS;
	}
	if (jumped || !s->is_doubted)
		return doubt(s);
	if (s->ticks - s->doubted_at < STEADY_HOLD)
		return STEADY_NO_NEWS;
	believe(s);
	return STEADY_BELIEVED;
}

int64_t
steady_past(const struct steady *s)
{
	return s->at < s->shown ? s->at : s->shown;
}

int64_t
steady_jump(const struct steady *s)
{
	return s->is_doubted ? s->shown - s->at : 0;
}

int64_t
steady_hold(const struct steady *s)
{
	return s->is_doubted ? s->doubted_at + STEADY_HOLD - s->ticks : 0;
}
