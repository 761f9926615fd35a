/* SPDX-License-Identifier: ISC */
/*
 * The parent's loop.  Forking is done between two turns of it and never in a
 * callback, so that a child can leave the parent's loop, take it apart and
 * return from parent_run like anybody else.
 */
#include "app/parent/parent.h"

#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/certificates.h"
#include "app/metrics/metrics.h"
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
	(void)p;
	log_warn("reload_refused", log_str("signal", name), log_str("why",
	    "this version can't reload: restart it to use a new config"));
}

static void
on_sigusr1(struct parent *p, const char *name)
{
	int error = proc_pretend(p->setup->user);

	(void)name;
	if (error == 0) {
		error = log_reopen();
		proc_pretend_end(p->setup->user);
	}
	if (error < 0)
		log_error("log_not_reopened", log_errno("why", error));
	for (size_t i = 0; i < p->member_count; i++)
		member_send(&p->members[i], CONTROL_REOPEN);
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
		abort();
}

static void
log_ready(const struct parent *p)
{
	struct buf listen = { 0 };

	for (int i = 0; i < p->setup->listener_count; i++) {
		char name[NET_NAME_SIZE];

		net_name(p->setup->listeners[i], name);
		buf_printf(&listen, "%s%s%s", i > 0 ? "," : "",
		    name[0] == 'u' ? "" : certificates_of(
		    p->setup->certificates, (size_t)i) != NULL ? "https://" :
		    "http://", name);
	}
	log_info("ready", log_slice("listen", buf_slice(&listen)));
	buf_fini(&listen);
	notify_send("READY=1");
}

void
parent_on_ready(struct parent *p)
{
	if (p->state != PARENT_STARTING)
		return;
	for (size_t i = 0; i < p->member_count; i++) {
		if (!p->members[i].ready)
			return;
	}
	p->state = PARENT_READY;
	log_ready(p);
}

static struct member *
add_member(struct parent *p, enum role role, unsigned index)
{
	struct member *m = &p->members[p->member_count++];

	*m = (struct member){ .parent = p, .role = role, .index = index,
	    .control = -1 };
	return m;
}

static void
parent_init(struct parent *p, const struct parent_setup *setup)
{
	sigset_t set;

	*p = (struct parent){ .setup = setup, .listening = true };
	p->members = mem_new(3 + setup->web_processes, sizeof(struct member));
	add_member(p, ROLE_ENGINE, 0);
	add_member(p, ROLE_MAILER, 0);
	add_member(p, ROLE_ADMIN, 0);
	for (unsigned i = 0; i < setup->web_processes; i++)
		add_member(p, ROLE_WEB, i);

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
		abort();
	keep_watchdog(p);
	certificates_keep(setup->certificates, p->base);
}

static void
parent_fini(struct parent *p)
{
	for (size_t i = 0; i < p->member_count; i++)
		member_drop(&p->members[i]);
	certificates_leave(p->setup->certificates);
	event_free(p->on_signal);
	event_free(p->on_time);
	if (p->on_watchdog != NULL)
		event_free(p->on_watchdog);
	event_base_free(p->base);
	close(p->signal_fd);
	free(p->members);
}

static void
close_many(const int *fds, int count)
{
	for (int i = 0; i < count; i++)
		close(fds[i]);
}

/* Keeps of the parent's things what this role may have. */
static void
choose_things(const struct parent_setup *s, struct child_start *start)
{
	if (start->role == ROLE_WEB) {
		start->listeners = s->listeners;
		start->listener_count = s->listener_count;
	} else {
		close_many(s->listeners, s->listener_count);
	}
	if (start->role == ROLE_ADMIN) {
		start->listeners = s->admin_listeners;
		start->listener_count = s->admin_listener_count;
	} else {
		close_many(s->admin_listeners, s->admin_listener_count);
	}
	/* Before anything that could be made to tell them. */
	if (start->role != ROLE_WEB)
		certificates_forget(s->certificates);
	start->certificates = s->certificates;
	if (start->role == ROLE_ENGINE)
		start->secret = s->secret;
	else if (s->secret >= 0)
		close(s->secret);
	if (start->role == ROLE_MAILER)
		start->password = s->password;
	else if (s->password >= 0)
		close(s->password);
}

/* In the new process: takes the parent apart and goes its own way. */
static int
run_child(struct parent *p, struct member *m, int control)
{
	const struct parent_setup *s = p->setup;
	struct child_start start = { .role = m->role, .index = m->index,
	    .control = control, .config = s->config,
	    .templates = s->templates, .secret = -1, .password = -1,
	    .metrics = s->metrics, .confine = s->confine };
	char name[16], title[32];
	int error;

	member_name(m, name);
	snprintf(title, sizeof(title), "assentd-%s", name);
	prctl(PR_SET_NAME, title, 0, 0, 0);
	log_rename(name);
	/* The epoll fd is shared with the parent until it is made anew. */
	if (event_reinit(p->base) < 0)
		return 1;
	parent_fini(p);
	choose_things(s, &start);
	error = metrics_keep(s->metrics, start.role, start.index);
	if (error < 0) {
		log_error("no_metrics", log_errno("why", error));
		return 1;
	}
	error = s->user != NULL ? proc_become(s->user) : 0;
	if (error < 0) {
		log_error("no_privilege_drop", log_str("user", s->user->name),
		    log_errno("why", error));
		return 1;
	}
	return child_main(&start, s->mains[start.role]);
}

/* When it is to start; INT64_MAX: not of its own accord. */
static int64_t
start_of(const struct parent *p, const struct member *m)
{
	bool first = m->role == ROLE_ENGINE;

	/* What makes a start fail is its: before the others wait for it. */
	if (m->pid == 0 && (p->state == PARENT_READY ||
	    (p->state == PARENT_STARTING && (first || p->members[0].ready))))
		return m->due_ms;
	return INT64_MAX;
}

/* Sleeps no longer than until the next thing that is due. */
static void
set_timer(struct parent *p, int64_t now)
{
	bool ending = p->state == PARENT_STOPPING ||
	    p->state == PARENT_FAILED;
	int64_t due = ending ? p->deadline_ms : INT64_MAX;
	struct timeval tv;

	for (size_t i = 0; i < p->member_count; i++)
		due = MIN(due, start_of(p, &p->members[i]));
	event_del(p->on_time);
	if (due == INT64_MAX)
		return;
	due = due > now ? due - now : 0;
	tv = (struct timeval){ due / 1000, due % 1000 * 1000 };
	event_add(p->on_time, &tv);
}

int
parent_run(const struct parent_setup *setup)
{
	struct parent p;
	int64_t now;
	int control;
	bool failed;

	parent_init(&p, setup);
	while (now = clock_monotonic_ms(), !parent_has_ended(&p, now)) {
		for (size_t i = 0; i < p.member_count; i++) {
			struct member *m = &p.members[i];

			if (start_of(&p, m) <= now &&
			    member_start(m, &control))
				return run_child(&p, m, control);
		}
		set_timer(&p, clock_monotonic_ms());
		if (event_base_loop(p.base, EVLOOP_ONCE) < 0)
			abort();
	}
	failed = p.state == PARENT_FAILED;
	parent_close_listeners(&p);
	if (setup->secret >= 0)
		close(setup->secret);
	if (setup->password >= 0)
		close(setup->password);
	parent_fini(&p);
	if (!failed)
		log_info("stopped", log_num("pid", getpid()));
	return failed ? 1 : 0;
}
