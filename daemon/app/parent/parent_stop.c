/* SPDX-License-Identifier: ISC */
/*
 * How the parent's children end: in order when it is told to stop, at once
 * when one of them couldn't start.
 */
#include "app/parent/parent_private.h"

#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "io/notify.h"

enum { STOP_MS = 20000, FAILED_MS = 2000, RANK_LAST = 2 };

/* In which order they stop: who feeds others goes first. */
static const int stop_ranks[] = {
	[ROLE_WEB] = 0,
	[ROLE_ADMIN] = 0,
	[ROLE_MAILER] = 1,
	[ROLE_ENGINE] = RANK_LAST,
};
_Static_assert(sizeof(stop_ranks) / sizeof(stop_ranks[0]) == ROLE_COUNT,
    "each role has a rank");

/* All up to that rank. */
static void
kill_ranks(struct parent *p, int rank)
{
	for (size_t i = 0; i < p->member_count; i++) {
		if (p->members[i].pid > 0 &&
		    stop_ranks[p->members[i].role] <= rank)
			kill(p->members[i].pid, SIGKILL);
	}
}

static bool
rank_is_running(const struct parent *p, int rank)
{
	for (size_t i = 0; i < p->member_count; i++) {
		if (p->members[i].pid > 0 &&
		    stop_ranks[p->members[i].role] <= rank)
			return true;
	}
	return false;
}

/* Once all up to this rank are gone, the next ones are told. */
static void
stop_more(struct parent *p)
{
	while (p->stop_rank < RANK_LAST &&
	    !rank_is_running(p, p->stop_rank)) {
		p->stop_rank++;
		p->deadline_ms = clock_monotonic_ms() + STOP_MS;
		for (size_t i = 0; i < p->member_count; i++) {
			if (stop_ranks[p->members[i].role] == p->stop_rank)
				member_send(&p->members[i], CONTROL_STOP);
		}
	}
}

void
parent_close_listeners(struct parent *p)
{
	const struct parent_setup *s = p->setup;

	if (!p->listening)
		return;
	p->listening = false;
	for (int i = 0; i < s->listener_count; i++)
		close(s->listeners[i]);
	for (int i = 0; i < s->admin_listener_count; i++)
		close(s->admin_listeners[i]);
}

void
parent_stop(struct parent *p, const char *signal_name)
{
	if (p->state == PARENT_STOPPING || p->state == PARENT_FAILED) {
		kill_ranks(p, RANK_LAST);
		return;
	}
	log_info("stopping", log_str("signal", signal_name));
	notify_send("STOPPING=1");
	p->state = PARENT_STOPPING;
	p->stop_rank = -1;
	parent_close_listeners(p);
	stop_more(p);
}

/* A child that couldn't start has said why; the others go at once. */
static void
fail(struct parent *p)
{
	p->state = PARENT_FAILED;
	p->deadline_ms = clock_monotonic_ms() + FAILED_MS;
	for (size_t i = 0; i < p->member_count; i++)
		member_drop(&p->members[i]);
}

void
parent_on_death(struct parent *p, pid_t pid, int wait_status)
{
	for (size_t i = 0; i < p->member_count; i++) {
		struct member *m = &p->members[i];

		if (m->pid != pid)
			continue;
		member_died(m, wait_status);
		if (p->state == PARENT_STARTING) {
			if (WIFSIGNALED(wait_status))
				log_error("child_died",
				    log_str("child", role_name(m->role)),
				    log_num("signal", WTERMSIG(wait_status)));
			fail(p);
		}
	}
	if (p->state == PARENT_STOPPING)
		stop_more(p);
}

bool
parent_has_ended(struct parent *p, int64_t now)
{
	if (p->state != PARENT_STOPPING && p->state != PARENT_FAILED)
		return false;
	if (now >= p->deadline_ms && rank_is_running(p, RANK_LAST)) {
		log_warn("stop_overdue", log_str("action", "kill"));
		/* Those that weren't told yet still get their time. */
		kill_ranks(p, p->state == PARENT_STOPPING ? p->stop_rank :
		    RANK_LAST);
		p->deadline_ms = now + STOP_MS;
	}
	return !rank_is_running(p, RANK_LAST);
}
