/* SPDX-License-Identifier: ISC */
/*
 * How the parent's children end: in order when it is told to stop, at once
 * when one of them couldn't start.
 */
#include "app/parent/parent_private.h"

#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "app/parent/member_talk.h"
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

/* Is it running, and does its time to end come with that rank? */
static bool
is_due(const struct member *m, int rank)
{
	return m->pid > 0 && stop_ranks[m->role] <= rank;
}

static void
kill_ranks(struct parent *p, int rank)
{
	struct member *m = NULL;

	while ((m = parent_next(p, m)) != NULL) {
		if (is_due(m, rank))
			kill(m->pid, SIGKILL);
	}
}

static bool
rank_is_running(const struct parent *p, int rank)
{
	struct member *m = NULL;

	while ((m = parent_next(p, m)) != NULL) {
		if (is_due(m, rank))
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
		struct member *m = NULL;

		p->stop_rank++;
		p->deadline_ms = clock_monotonic_ms() + STOP_MS;
		while ((m = parent_next(p, m)) != NULL) {
			if (stop_ranks[m->role] == p->stop_rank)
				member_send(m, CONTROL_STOP);
		}
	}
}

/* So that whoever comes now is refused, and doesn't wait in vain. */
static void
close_listeners(struct parent *p)
{
	struct generation *g;

	TAILQ_FOREACH(g, &p->generations, link) {
		if (g != p->serving)
			sockets_leave_to(&g->sockets, &p->serving->sockets);
		sockets_close(&g->sockets);
	}
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
	parent_reload_abandon(p);
	close_listeners(p);
	stop_more(p);
}

/* A child that couldn't start has said why; the others go at once. */
static void
fail(struct parent *p)
{
	struct member *m = NULL;

	p->state = PARENT_FAILED;
	p->deadline_ms = clock_monotonic_ms() + FAILED_MS;
	while ((m = parent_next(p, m)) != NULL)
		member_drop(m);
}

static struct member *
find(const struct parent *p, pid_t pid)
{
	struct member *m = NULL;

	while ((m = parent_next(p, m)) != NULL && m->pid != pid)
		;
	return m;
}

void
parent_on_death(struct parent *p, pid_t pid, int wait_status)
{
	struct member *m = find(p, pid);

	if (parent_reload_on_death(p, pid, wait_status) || m == NULL)
		return;
	member_died(m, wait_status);
	parent_reload_on_end(p, m, wait_status);
	if (p->state == PARENT_STARTING) {
		if (WIFSIGNALED(wait_status))
			log_error("child_died",
			    log_str("child", role_name(m->role)),
			    log_num("signal", WTERMSIG(wait_status)));
		fail(p);
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
