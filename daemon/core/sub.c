/* SPDX-License-Identifier: ISC */
/*
 * The table.  Every cell is written out, so that what nothing follows from
 * was decided too.
 */
#include "core/sub.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct sub_step table[SUB_STATES][SUB_EVENTS] = {
	[SUB_NONE] = {
		[SUB_SUBSCRIBE] = { SUB_PENDING, SUB_ASK },
		[SUB_CONFIRM] = { SUB_NONE, 0 },
		[SUB_UNSUBSCRIBE] = { SUB_NONE, 0 },
		[SUB_NOTME] = { SUB_NONE, 0 },
		[SUB_UNDO] = { SUB_NONE, 0 },
		[SUB_EXPIRE] = { SUB_NONE, 0 },
	},
	[SUB_PENDING] = {
		[SUB_SUBSCRIBE] = { SUB_PENDING, SUB_ASK },
		[SUB_CONFIRM] = { SUB_CONFIRMED,
		    SUB_WRITE | SUB_CANCEL | SUB_WELCOME },
		[SUB_UNSUBSCRIBE] = { SUB_NONE, SUB_CANCEL | SUB_FORGET },
		[SUB_NOTME] = { SUB_SUPPRESSED, SUB_CANCEL | SUB_SUPPRESS },
		[SUB_UNDO] = { SUB_PENDING, 0 },
		[SUB_EXPIRE] = { SUB_NONE, SUB_CANCEL | SUB_FORGET },
	},
	[SUB_CONFIRMED] = {
		[SUB_SUBSCRIBE] = { SUB_CONFIRMED, SUB_ALREADY },
		[SUB_CONFIRM] = { SUB_CONFIRMED, 0 },
		[SUB_UNSUBSCRIBE] = { SUB_UNSUBSCRIBED,
		    SUB_WRITE | SUB_CANCEL },
		[SUB_NOTME] = { SUB_UNSUBSCRIBED, SUB_WRITE | SUB_CANCEL },
		[SUB_UNDO] = { SUB_CONFIRMED, 0 },
		[SUB_EXPIRE] = { SUB_CONFIRMED, 0 },
	},
	[SUB_UNSUBSCRIBED] = {
		[SUB_SUBSCRIBE] = { SUB_PENDING, SUB_ASK },
		[SUB_CONFIRM] = { SUB_UNSUBSCRIBED, 0 },
		[SUB_UNSUBSCRIBE] = { SUB_UNSUBSCRIBED, 0 },
		[SUB_NOTME] = { SUB_UNSUBSCRIBED, 0 },
		[SUB_UNDO] = { SUB_UNSUBSCRIBED, 0 },
		[SUB_EXPIRE] = { SUB_UNSUBSCRIBED, 0 },
	},
	[SUB_SUPPRESSED] = {
		[SUB_SUBSCRIBE] = { SUB_SUPPRESSED, 0 },
		[SUB_CONFIRM] = { SUB_SUPPRESSED, 0 },
		[SUB_UNSUBSCRIBE] = { SUB_SUPPRESSED, SUB_CANCEL },
		[SUB_NOTME] = { SUB_SUPPRESSED, SUB_CANCEL },
		[SUB_UNDO] = { SUB_PENDING, SUB_RELEASE },
		[SUB_EXPIRE] = { SUB_SUPPRESSED, SUB_FORGET },
	},
};

static const char *const state_names[] = {
	[SUB_NONE] = "none",
	[SUB_PENDING] = "pending",
	[SUB_CONFIRMED] = "confirmed",
	[SUB_UNSUBSCRIBED] = "unsubscribed",
	[SUB_SUPPRESSED] = "suppressed",
};
_Static_assert(COUNT(state_names) == SUB_STATES, "each state has a name");

struct sub_step
sub_step(enum sub_state state, enum sub_event event)
{
	return table[state][event];
}

const char *
sub_state_name(enum sub_state state)
{
	return state_names[state];
}
