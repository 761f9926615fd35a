/* SPDX-License-Identifier: ISC */
/*
 * The parent's loop.  Forking is done between two turns of it and never in a
 * callback, so that a child can leave the parent's loop, take it apart and
 * return from parent_run like anybody else.
 */
#include "app/parent/parent.h"

#include <sys/param.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/certificates.h"
#include "app/metrics/metrics.h"
#include "app/parent/member_talk.h"
#include "app/parent/parent_private.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/net.h"
#include "io/notify.h"

static void
on_sigchld(struct parent *p, const char *name)
{
	int wait_status;
	pid_t pid;

	(void)name;
	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
		parent_on_death(p, pid, wait_status);
}

static void
on_sighup(struct parent *p, const char *name)
{
	(void)name;
	parent_reload_want(p, NULL);
}

static void
on_sigusr1(struct parent *p, const char *name)
{
	int error = proc_pretend(p->setup->user);
	struct member *m = NULL;

	(void)name;
	if (error == 0) {
		error = log_reopen();
		proc_pretend_end(p->setup->user);
	}
	if (error < 0)
		log_error("log_not_reopened", log_errno("why", error));
	while ((m = parent_next(p, m)) != NULL)
		member_send_log(m);
}

static const struct {
	int number;
	const char *name;
	void (*handle)(struct parent *, const char *name);
} signals[] = {
	{ SIGCHLD, "CHLD", on_sigchld },
	{ SIGTERM, "TERM", parent_stop },
	{ SIGINT, "INT", parent_stop },
	{ SIGHUP, "HUP", on_sighup },
	{ SIGUSR1, "USR1", on_sigusr1 },
};
enum { SIGNAL_COUNT = sizeof(signals) / sizeof(signals[0]) };

static void
on_signal(evutil_socket_t fd, short what, void *arg)
{
	struct signalfd_siginfo info;

	(void)what;
	while (read(fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		for (size_t i = 0; i < SIGNAL_COUNT; i++) {
			if ((uint32_t)signals[i].number == info.ssi_signo)
				signals[i].handle(arg, signals[i].name);
		}
	}
}

static void
on_time(evutil_socket_t fd, short what, void *arg)
{
	/* The loop looks at the clock each time it comes round. */
	(void)fd;
	(void)what;
	(void)arg;
}

static void
on_watchdog(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	notify_send("WATCHDOG=1");
}

/* We live as long as this loop does; who else hangs is ours to see. */
static void
keep_watchdog(struct parent *p)
{
	int64_t us = notify_watchdog_us();
	const struct timeval often = { us / 1000000, us % 1000000 };

	if (us == 0)
		return;
	p->on_watchdog = event_new(p->base, -1, EV_PERSIST, on_watchdog, p);
	if (p->on_watchdog == NULL || event_add(p->on_watchdog, &often) < 0)
		mem_die();
}

struct member *
parent_next(const struct parent *p, const struct member *m)
{
	const struct generation *g;

	if (m == NULL)
		return (struct member *)(uintptr_t)&p->engine;
	g = m->generation;
	if (g != NULL && m + 1 < g->members + g->member_count)
		return (struct member *)(uintptr_t)(m + 1);
	g = g != NULL ? TAILQ_NEXT(g, link) : TAILQ_FIRST(&p->generations);
	return g != NULL ? g->members : NULL;
}

/* Where it really listens: the config may have left the port to the kernel. */
static void
add_listener(const struct generation *g, size_t i, struct buf *out)
{
	const char *scheme = "http://";
	char name[NET_NAME_SIZE];

	net_name(g->sockets.fds[i], name);
	if (name[0] == 'u')
		scheme = "";
	else if (i < g->sockets.public_count &&
	    certificates_of(g->certificates, i) != NULL)
		scheme = "https://";
	buf_printf(out, "%s%s%s", out->len > 0 ? "," : "", scheme, name);
}

void
parent_log_listeners(const struct parent *p, const char *event)
{
	const struct generation *g = p->serving;
	size_t count = g->sockets.public_count, metrics = count + 1;
	struct buf public = { 0 }, extra = { 0 };
	struct log_field fields[3] = { 0 };

	for (size_t i = 0; i < count; i++)
		add_listener(g, i, &public);
	fields[0] = log_slice("listen", buf_slice(&public));
	/* The admin socket is between them. */
	if (metrics < g->sockets.count) {
		add_listener(g, metrics, &extra);
		fields[1] = log_slice("metrics", buf_slice(&extra));
	}
	log_event(LOG_LEVEL_INFO, event, fields);
	buf_fini(&public);
	buf_fini(&extra);
}

void
parent_on_ready(struct parent *p)
{
	struct member *m = NULL;

	parent_reload_on_ready(p);
	if (p->state != PARENT_STARTING)
		return;
	while ((m = parent_next(p, m)) != NULL) {
		if (!m->ready)
			return;
	}
	p->state = PARENT_READY;
	p->serving->state = GENERATION_SERVING;
	parent_log_listeners(p, "ready");
	notify_send("READY=1");
}

static void
init_member(struct parent *p, struct member *m, struct generation *g,
    enum role role, unsigned index)
{
	*m = (struct member){ .parent = p, .generation = g, .role = role,
	    .index = index, .control = -1 };
}

/* A counter doesn't begin anew because the config was loaded anew. */
static void
count_on(const struct generation *former, struct generation *g)
{
	for (size_t i = 0; i < g->member_count; i++) {
		struct member *m = &g->members[i];

		for (size_t k = 0; k < former->member_count; k++) {
			const struct member *before = &former->members[k];

			if (before->role == m->role &&
			    before->index == m->index)
				m->restarts = before->restarts;
		}
	}
}

void
parent_add(struct parent *p, struct generation *g)
{
	g->members = mem_new(2 + g->web_processes, sizeof(struct member));
	init_member(p, &g->members[g->member_count++], g, ROLE_MAILER, 0);
	init_member(p, &g->members[g->member_count++], g, ROLE_ADMIN, 0);
	for (unsigned i = 0; i < g->web_processes; i++)
		init_member(p, &g->members[g->member_count++], g, ROLE_WEB,
		    i);
	count_on(p->serving, g);
	TAILQ_INSERT_TAIL(&p->generations, g, link);
}

static void
parent_init(struct parent *p, const struct parent_setup *setup)
{
	sigset_t set;

	*p = (struct parent){ .setup = setup, .serving = setup->first };
	TAILQ_INIT(&p->generations);
	init_member(p, &p->engine, NULL, ROLE_ENGINE, 0);
	parent_reload_init(p);
	p->serving->state = GENERATION_STARTING;
	parent_add(p, setup->first);

	sigemptyset(&set);
	for (size_t i = 0; i < SIGNAL_COUNT; i++)
		sigaddset(&set, signals[i].number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	p->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	p->base = event_base_new();
	if (p->signal_fd < 0 || p->base == NULL)
		abort();
	p->on_signal = event_new(p->base, p->signal_fd, EV_READ | EV_PERSIST,
	    on_signal, p);
	p->on_time = event_new(p->base, -1, 0, on_time, p);
	if (p->on_signal == NULL || p->on_time == NULL ||
	    event_add(p->on_signal, NULL) < 0)
		mem_die();
	keep_watchdog(p);
	certificates_keep(p->serving->certificates, p->base);
}

/* Those that have left and ended. */
static void
free_generations(struct parent *p, bool all)
{
	struct generation *g, *next;

	for (g = TAILQ_FIRST(&p->generations); g != NULL; g = next) {
		bool running = false;

		next = TAILQ_NEXT(g, link);
		for (size_t i = 0; i < g->member_count; i++)
			running |= g->members[i].pid != 0;
		if (!all && (running || g->state != GENERATION_LEAVING))
			continue;
		TAILQ_REMOVE(&p->generations, g, link);
		generation_free(g);
	}
}

static void
parent_fini(struct parent *p)
{
	struct member *m = NULL;

	while ((m = parent_next(p, m)) != NULL)
		member_drop(m);
	sockets_close(&p->serving->sockets);
	sockets_remove(&p->serving->sockets);
	certificates_leave(p->serving->certificates);
	parent_reload_fini(p);
	free_generations(p, true);
	event_free(p->on_signal);
	event_free(p->on_time);
	if (p->on_watchdog != NULL)
		event_free(p->on_watchdog);
	event_base_free(p->base);
	close(p->signal_fd);
	if (p->setup->secret >= 0)
		close(p->setup->secret);
}

/* When it is to start; INT64_MAX: not of its own accord. */
static int64_t
start_of(const struct parent *p, const struct member *m)
{
	bool first = m->role == ROLE_ENGINE;

	if (m->pid != 0 || (m->generation != NULL &&
	    (m->generation->state == GENERATION_WAITING ||
	    m->generation->state == GENERATION_LEAVING)))
		return INT64_MAX;
	/* What makes a start fail is its: before the others wait for it. */
	if (p->state == PARENT_READY ||
	    (p->state == PARENT_STARTING && (first || p->engine.ready)))
		return m->due_ms;
	return INT64_MAX;
}

/* Sleeps no longer than until the next thing that is due. */
static void
set_timer(struct parent *p, int64_t now)
{
	bool ending = p->state == PARENT_STOPPING ||
	    p->state == PARENT_FAILED;
	int64_t due = ending ? p->deadline_ms : parent_reload_due(p);
	struct member *m = NULL;
	struct timeval tv;

	while ((m = parent_next(p, m)) != NULL)
		due = MIN(due, start_of(p, m));
	event_del(p->on_time);
	if (due == INT64_MAX)
		return;
	due = due > now ? due - now : 0;
	tv = (struct timeval){ due / 1000, due % 1000 * 1000 };
	event_add(p->on_time, &tv);
}

/* Who is due; true in the child. */
static bool
start_due(struct parent *p, int64_t now, struct member **ret_member,
    int *ret_control)
{
	struct member *m = NULL;

	while ((m = parent_next(p, m)) != NULL) {
		if (start_of(p, m) <= now && member_start(m, ret_control)) {
			*ret_member = m;
			return true;
		}
	}
	return false;
}

int
parent_run(const struct parent_setup *setup)
{
	struct member *m;
	struct parent p;
	int64_t now;
	int control;
	bool failed;

	parent_init(&p, setup);
	while (now = clock_monotonic_ms(), !parent_has_ended(&p, now)) {
		free_generations(&p, false);
		parent_reload_look(&p, now);
		if (start_due(&p, now, &m, &control))
			return parent_become(&p, m, control);
		set_timer(&p, clock_monotonic_ms());
		if (event_base_loop(p.base, EVLOOP_ONCE) < 0)
			abort();
	}
	failed = p.state == PARENT_FAILED;
	parent_fini(&p);
	if (!failed)
		log_info("stopped", log_num("pid", getpid()));
	return failed ? 1 : 0;
}
