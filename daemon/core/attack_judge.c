/* SPDX-License-Identifier: ISC */
/*
 * The rules.  What is counted depends on posts and on what people did about
 * them, never on what was known of an address before: so that nobody can tell
 * by the price of the next post.
 */
#include "core/attack_private.h"

#include <stdbool.h>

static const struct {
	const char *name;
	uint32_t judged;	/* posts at least, to judge by */
	uint32_t notme;		/* at least */
	uint32_t rush;		/* an hour: more may be a rush */
} dimensions[ATTACK_DIMENSIONS] = {
	[ATTACK_TOTAL] = { "total", 100, 10, 200 },
	[ATTACK_LIST] = { "list", 50, 5, 100 },
	[ATTACK_ORIGIN] = { "origin", 50, 5, 100 },
	[ATTACK_SITE] = { "network", 20, 3, 40 },
};
/* Above so many times the usual. */
enum { RUSH_TIMES = 6 };

/*
 * How many of those asked have confirmed; each window ends long enough ago
 * for people to have done so.  The first that has enough to judge by decides.
 */
static const struct window {
	uint32_t from, to;	/* age, slots */
	uint32_t times;		/* the posts at least */
	uint32_t on, off;	/* percent: below `on` it begins, and it ends
				 * above `off` */
} windows[] = {
	{ 4, 6 * HOUR_SLOTS, 1, 20, 30 },
	{ 1, 2 * HOUR_SLOTS, 8, 5, 10 },
	{ 4, DAY_SLOTS, 1, 20, 30 },
};
enum { WINDOWS = sizeof(windows) / sizeof(windows[0]) };
/* Percent of those asked that say "not me". */
enum { NOTME_ON = 5, NOTME_OFF = 2 };

const char *
attack_dimension_name(enum attack_dimension dimension)
{
	return dimensions[dimension].name;
}

const char *
attack_state_name(enum attack_state state)
{
	static const char *const names[ATTACK_STATES] = { "calm", "rush",
		"attack" };

	return names[state];
}

const char *
attack_why_name(enum attack_why why)
{
	static const char *const names[ATTACK_WHYS] = { "many-posts",
		"unconfirmed", "not-me", "over" };

	return names[why];
}

uint32_t
attack_slot_number(int64_t when)
{
	return when > 0 ? (uint32_t)(when / ATTACK_SLOT_SECONDS) : 1;
}

/* Of the slots of these ages, both included. */
static uint32_t
sum(const struct attack_entry *e, enum attack_fact fact, uint32_t now,
    uint32_t from, uint32_t to)
{
	uint32_t n = 0;

	for (uint32_t age = from; age <= to && age < now; age++) {
		uint32_t number = now - age;
		const struct attack_slot *slot =
		    &e->slot[number % ATTACK_SLOTS];

		if (slot->number == number)
			n += slot->fact[fact];
	}
	return n;
}

/* In the last hour: of the slot before it as much as is still within. */
static uint32_t
in_last_hour(const struct attack_entry *e, enum attack_fact fact, int64_t now)
{
	uint32_t number = attack_slot_number(now);
	int64_t into = now % ATTACK_SLOT_SECONDS;
	uint32_t oldest = sum(e, fact, number, HOUR_SLOTS, HOUR_SLOTS);

	return sum(e, fact, number, 0, HOUR_SLOTS - 1) + (uint32_t)(
	    (uint64_t)oldest * (uint64_t)(ATTACK_SLOT_SECONDS - into) /
	    ATTACK_SLOT_SECONDS);
}

/* The median of the hours of a day before the last one. */
static uint32_t
usual_hour(const struct attack_entry *e, uint32_t number)
{
	enum { HOURS = 24 };
	uint32_t sorted[HOURS];

	for (uint32_t hour = 0; hour < HOURS; hour++) {
		uint32_t from = (hour + 1) * HOUR_SLOTS;
		uint32_t n = sum(e, ATTACK_POSTED, number, from,
		    from + HOUR_SLOTS - 1);
		uint32_t at = hour;

		for (; at > 0 && sorted[at - 1] > n; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = n;
	}
	return sorted[HOURS / 2];
}

/* ---- judging ---- */

/*
 * What a window says.  A quarter of the posts is enough to see that it is
 * over, and to keep what an older window would say from beginning it anew.
 */
enum verdict { TOO_FEW, GOOD, BAD };

static enum verdict
look_through(const struct attack_entry *e, enum attack_dimension d,
    const struct window *w, uint32_t number)
{
	uint64_t asked = sum(e, ATTACK_ASKED, number, w->from, w->to);
	uint64_t confirmed = sum(e, ATTACK_CONFIRMED, number, w->from, w->to);
	uint64_t enough = dimensions[d].judged * w->times;

	if (asked < enough / 4)
		return TOO_FEW;
	if (confirmed * 100 >= asked * w->off)
		return GOOD;
	if (e->state == ATTACK_ON)
		return BAD;
	if (asked < enough)
		return TOO_FEW;
	return confirmed * 100 < asked * w->on ? BAD : GOOD;
}

static bool
is_unconfirmed(const struct attack_entry *e, enum attack_dimension d,
    uint32_t number)
{
	enum verdict verdict = TOO_FEW;

	if (e->asked < dimensions[d].judged)
		return false;
	for (size_t i = 0; i < WINDOWS && verdict == TOO_FEW; i++)
		verdict = look_through(e, d, &windows[i], number);
	return verdict == BAD;
}

static bool
is_not_me(const struct attack_entry *e, enum attack_dimension d,
    uint32_t number)
{
	uint64_t notme = e->notme == 0 ? 0 :
	    sum(e, ATTACK_NOTME, number, 0, DAY_SLOTS);
	uint32_t percent = e->state == ATTACK_ON ? NOTME_OFF : NOTME_ON;

	return notme >= dimensions[d].notme && notme * 100 >=
	    (uint64_t)sum(e, ATTACK_ASKED, number, 0, DAY_SLOTS) * percent;
}

/* Those who are asked for more, and go: more than those who stay. */
static bool
is_knocked_at(const struct attack_entry *e, enum attack_dimension d,
    int64_t now)
{
	uint32_t posted = in_last_hour(e, ATTACK_POSTED, now);
	uint32_t challenged = in_last_hour(e, ATTACK_CHALLENGED, now);

	return challenged >= dimensions[d].judged && challenged > 2 * posted;
}

static bool
is_rush(const struct attack_entry *e, enum attack_dimension d, int64_t now)
{
	uint64_t posts = in_last_hour(e, ATTACK_POSTED, now);
	uint64_t most = dimensions[d].rush, usual;

	/* While it lasts, those who were asked for more belong to it. */
	if (e->state != ATTACK_CALM && is_knocked_at(e, d, now))
		return true;
	if (posts <= most / 2)
		return false;
	usual = usual_hour(e, attack_slot_number(now));
	if (most < usual * RUSH_TIMES)
		most = usual * RUSH_TIMES;
	return posts > (e->state != ATTACK_CALM ? most / 2 : most);
}

enum attack_state
attack_judge(const struct attack_entry *e, enum attack_dimension d,
    int64_t now, enum attack_why *ret_why)
{
	uint32_t number = attack_slot_number(now);

	*ret_why = ATTACK_UNCONFIRMED;
	if (is_unconfirmed(e, d, number))
		return ATTACK_ON;
	if (is_not_me(e, d, number)) {
		*ret_why = ATTACK_NOT_ME;
		return ATTACK_ON;
	}
	*ret_why = e->why;
	if (e->state == ATTACK_ON && is_knocked_at(e, d, now))
		return ATTACK_ON;
	*ret_why = ATTACK_MANY_POSTS;
	if (is_rush(e, d, now))
		return ATTACK_RUSH;
	*ret_why = ATTACK_OVER;
	return ATTACK_CALM;
}

struct attack_figures
attack_figures_of(const struct attack_entry *e, enum attack_dimension d,
    int64_t now)
{
	uint32_t number = attack_slot_number(now);

	return (struct attack_figures){ .source = { d, e->key, e->name },
		.state = e->state, .why = e->why, .since = e->since,
		.posts = in_last_hour(e, ATTACK_POSTED, now),
		.usual = usual_hour(e, number),
		.asked = sum(e, ATTACK_ASKED, number, 0, DAY_SLOTS),
		.confirmed = sum(e, ATTACK_CONFIRMED, number, 0, DAY_SLOTS),
		.notme = sum(e, ATTACK_NOTME, number, 0, DAY_SLOTS) };
}
