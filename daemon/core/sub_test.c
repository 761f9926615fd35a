/* SPDX-License-Identifier: ISC */
/*
 * Every cell of the subscription table, written a second time as one line of
 * text each, so that a change of either must be meant.
 */
#include "core/sub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *const expected[] = {
	"none subscribe pending ask",
	"none confirm none",
	"none unsubscribe none",
	"none notme none",
	"none undo none",
	"none expire none",
	"pending subscribe pending ask",
	"pending confirm confirmed welcome cancel write",
	"pending unsubscribe none cancel forget",
	"pending notme suppressed cancel suppress",
	"pending undo pending",
	"pending expire none cancel forget",
	"confirmed subscribe confirmed already",
	"confirmed confirm confirmed",
	"confirmed unsubscribe unsubscribed cancel write",
	"confirmed notme unsubscribed cancel write",
	"confirmed undo confirmed",
	"confirmed expire confirmed",
	"unsubscribed subscribe pending ask",
	"unsubscribed confirm unsubscribed",
	"unsubscribed unsubscribe unsubscribed",
	"unsubscribed notme unsubscribed",
	"unsubscribed undo unsubscribed",
	"unsubscribed expire unsubscribed",
	"suppressed subscribe suppressed",
	"suppressed confirm suppressed",
	"suppressed unsubscribe suppressed cancel",
	"suppressed notme suppressed cancel",
	"suppressed undo pending release",
	"suppressed expire suppressed forget",
};
_Static_assert(sizeof(expected) / sizeof(expected[0]) ==
    SUB_STATES * SUB_EVENTS, "every cell");

static const char *const event_names[] = {
	[SUB_SUBSCRIBE] = "subscribe",
	[SUB_CONFIRM] = "confirm",
	[SUB_UNSUBSCRIBE] = "unsubscribe",
	[SUB_NOTME] = "notme",
	[SUB_UNDO] = "undo",
	[SUB_EXPIRE] = "expire",
};
_Static_assert(sizeof(event_names) / sizeof(event_names[0]) == SUB_EVENTS,
    "each event has a name");

static const struct {
	unsigned bit;
	const char *name;
} effects[] = {
	{ SUB_ASK, "ask" }, { SUB_WELCOME, "welcome" },
	{ SUB_ALREADY, "already" }, { SUB_CANCEL, "cancel" },
	{ SUB_WRITE, "write" }, { SUB_SUPPRESS, "suppress" },
	{ SUB_RELEASE, "release" }, { SUB_FORGET, "forget" },
};

static void
describe(enum sub_state state, enum sub_event event, char *text, size_t size)
{
	struct sub_step step = sub_step(state, event);
	int n = snprintf(text, size, "%s %s %s", sub_state_name(state),
	    event_names[event], sub_state_name(step.next));

	for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
		if (step.effects & effects[i].bit)
			n += snprintf(text + n, size - (size_t)n, " %s",
			    effects[i].name);
	}
}

static void
test_every_cell(void **state)
{
	(void)state;
	for (int s = 0; s < SUB_STATES; s++) {
		for (int e = 0; e < SUB_EVENTS; e++) {
			char text[128];

			describe((enum sub_state)s, (enum sub_event)e, text,
			    sizeof(text));
			assert_string_equal(text,
			    expected[s * SUB_EVENTS + e]);
		}
	}
}

/* Nobody becomes confirmed but by confirming a pending request. */
static void
test_only_a_pending_request_confirms(void **state)
{
	(void)state;
	for (int s = 0; s < SUB_STATES; s++) {
		for (int e = 0; e < SUB_EVENTS; e++) {
			struct sub_step step = sub_step((enum sub_state)s,
			    (enum sub_event)e);

			if (s != SUB_CONFIRMED && step.next == SUB_CONFIRMED)
				assert_true(s == SUB_PENDING &&
				    e == SUB_CONFIRM);
		}
	}
}

/* Leaving always works, whatever the state: nobody stays confirmed. */
static void
test_leaving_always_works(void **state)
{
	static const enum sub_event leave[] = { SUB_UNSUBSCRIBE, SUB_NOTME };

	(void)state;
	for (int s = 0; s < SUB_STATES; s++) {
		for (size_t i = 0; i < 2; i++) {
			struct sub_step step = sub_step((enum sub_state)s,
			    leave[i]);

			assert_int_not_equal(step.next, SUB_CONFIRMED);
			assert_int_not_equal(step.next, SUB_PENDING);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell),
		cmocka_unit_test(test_only_a_pending_request_confirms),
		cmocka_unit_test(test_leaving_always_works),
	};

	return cmocka_run_group_tests_name("sub", tests, NULL, NULL);
}
