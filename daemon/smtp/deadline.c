/* SPDX-License-Identifier: ISC */
/*
 * One timer of the process.  Its signal ends the connection and does nothing
 * else; who notices the end asks the clock why.
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

static void
on_alarm(int number)
{
	int error = errno;

	(void)number;
	redirect_hang_up();
	errno = error;
}

int
deadline_init(struct deadline *d, uint32_t timeout_ms)
{
	struct sigaction action = { .sa_handler = on_alarm };

	*d = (struct deadline){ .timeout_ms = timeout_ms };
	return sigaction(SIGALRM, &action, NULL);
}

static void
set_timer(int64_t ms)
{
	(void)setitimer(ITIMER_REAL, &(struct itimerval){ .it_value = {
	    .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 } }, NULL);
}

void
deadline_set(struct deadline *d, enum wire_step step)
{
	int64_t ms = (int64_t)d->timeout_ms * fifths[step] / 5;

	d->at = clock_monotonic_ms() + ms;
	set_timer(ms > 0 ? ms : 1);
}

void
deadline_clear(struct deadline *d)
{
	d->at = 0;
	set_timer(0);
}

bool
deadline_has_passed(const struct deadline *d)
{
	return d->at != 0 && clock_monotonic_ms() >= d->at;
}
