/* SPDX-License-Identifier: ISC */
/*
 * One timer of the process.  Its signal ends the connection and does nothing
 * else; who notices the end asks the clock why.
 *
 * A mail has five deadlines, and hardly any is ever reached: the timer isn't
 * set for each, but rings at the first that it was set for, and then for the
 * one that there is by then.
 */
#include "smtp/deadline.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <signal.h>

#include "base/clock.h"
#include "smtp/redirect.h"

/* RFC 5321 §4.5.3.2, in fifths of the timeout, which is 5 minutes there. */
static const uint32_t fifths[] = {
	[WIRE_GREETING] = 5,
	[WIRE_EHLO] = 5,
	[WIRE_AUTH] = 5,
	[WIRE_MAIL] = 5,
	[WIRE_RCPT] = 5,
	[WIRE_DATA] = 2,
	[WIRE_BODY] = 3,
	[WIRE_DOT] = 10,
	[WIRE_OTHER] = 5,
	[WIRE_QUIT] = 5,
};
_Static_assert(sizeof(fifths) / sizeof(fifths[0]) == WIRE_STEPS,
    "each step has a time");

/* A signal's handler has no argument. */
static uint32_t timeout;
/* Monotonic, as all in milliseconds. */
static _Atomic int64_t deadline_at;	/* 0: none */
static _Atomic int64_t rings_at;	/* 0: never */

static void
set_timer(int64_t at, int64_t now)
{
	int64_t ms = at > now ? at - now : 1;

	rings_at = at;
	(void)setitimer(ITIMER_REAL, &(struct itimerval){ .it_value = {
	    .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 } }, NULL);
}

static void
on_alarm(int number)
{
	int64_t at = deadline_at, now = clock_monotonic_ms();
	int error = errno;

	(void)number;
	rings_at = 0;
	if (at != 0 && now >= at)
		redirect_hang_up();
	else if (at != 0)
		set_timer(at, now);
	errno = error;
}

int
deadline_init(uint32_t timeout_ms)
{
	struct sigaction action = { .sa_handler = on_alarm };

	timeout = timeout_ms;
	return sigaction(SIGALRM, &action, NULL);
}

void
deadline_set(enum wire_step step)
{
	int64_t now = clock_monotonic_ms();
	int64_t at = now + (int64_t)timeout * fifths[step] / 5;

	deadline_at = at;
	if (rings_at == 0 || rings_at > at)
		set_timer(at, now);
}

void
deadline_clear(void)
{
	deadline_at = 0;
}

bool
deadline_has_passed(void)
{
	int64_t at = deadline_at;

	return at != 0 && clock_monotonic_ms() >= at;
}
