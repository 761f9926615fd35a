/* SPDX-License-Identifier: ISC */
/*
 * One child as the parent sees it.  The connections are a star: each process
 * talks to the engine and to nobody else.
 */
#include "app/parent/parent_private.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/ipc.h"

void
member_name(const struct member *m, char ret_name[CHILD_NAME_SIZE])
{
	child_name(m->role, m->index, ret_name);
}

static void
send_control(struct member *m, const struct control *control, int fd)
{
	int error;

	if (m->control < 0)
		return;
	error = proc_send(m->control, control, sizeof(*control), fd);
	if (error == -EAGAIN) {
		/* Hundreds wait unread: it is stuck, and starting it anew is
		 * the one thing that helps. */
		log_error("child_stuck", log_num("pid", m->pid));
		kill(m->pid, SIGKILL);
	}
}

void
member_send(struct member *m, enum control_type type)
{
	const struct control control = { .type = type };

	send_control(m, &control, -1);
}

void
member_send_settings(struct member *m, const struct generation *g)
{
	const struct control control = { .type = CONTROL_SETTINGS,
		.index = g->number };

	send_control(m, &control, g->kept);
}

void
member_send_load(struct member *m, const struct child_load *load, int why)
{
	const struct control control = { .type = CONTROL_LOAD,
		.load = *load };

	send_control(m, &control, why);
}

void
member_send_log(struct member *m)
{
	enum log_level level;
	int fd = log_fd(&level);
	struct control control = { .type = CONTROL_LOG, .index = level,
		.role = CONTROL_LOG_FILE };

	if (fd == LOG_SYSLOG_FD)
		control.role = CONTROL_LOG_SYSLOG;
	else if (fd == STDERR_FILENO)
		control.role = CONTROL_LOG_STDERR;
	send_control(m, &control, control.role == CONTROL_LOG_FILE ? fd : -1);
}

static void
report_to(struct member *admin, const struct member *m)
{
	const struct control control = {
		.type = CONTROL_REPORT,
		.report = { .role = m->role, .index = m->index,
		    .pid = m->pid, .restarts = m->restarts,
		    .started_at = m->started_at },
	};

	send_control(admin, &control, -1);
}

/* Each admin is told of its own generation, and of the engine. */
static bool
hears_of(const struct member *admin, const struct member *m)
{
	return admin->role == ROLE_ADMIN && (m->generation == NULL ||
	    m->generation == admin->generation);
}

static void
report(const struct member *m)
{
	for (struct member *to = NULL;
	    (to = parent_next(m->parent, to)) != NULL;) {
		if (hears_of(to, m))
			report_to(to, m);
	}
}

/* What it missed. */
static void
report_all_to(struct member *admin)
{
	struct member *m = NULL;

	while ((m = parent_next(admin->parent, m)) != NULL) {
		if (hears_of(admin, m))
			report_to(admin, m);
	}
	parent_reload_tell(admin->parent, admin);
}

static void
send_peer(struct member *m, const struct member *peer, int fd)
{
	const struct control control = { .type = CONTROL_PEER,
	    .role = peer->role, .index = peer->index };

	send_control(m, &control, fd);
}

void
member_connect(struct member *engine, struct member *other)
{
	int fds[2], error;

	if (engine->pid == 0 || other->pid == 0)
		return;
	error = ipc_pair(fds);
	if (error < 0) {
		log_error("no_socket_pair", log_errno("why", error));
		return;
	}
	send_peer(engine, other, fds[0]);
	send_peer(other, engine, fds[1]);
	close(fds[0]);
	close(fds[1]);
}

/*
 * Mail is the serving generation's business alone: what one that leaves has on
 * its way it finishes, and one that starts may yet fail.
 */
static bool
has_engine(const struct member *m)
{
	return m->generation != NULL && (m->role != ROLE_MAILER ||
	    m->generation == m->parent->serving);
}

static void
connect_all(struct member *m)
{
	struct parent *p = m->parent;

	if (has_engine(m))
		member_connect(&p->engine, m);
	if (m->generation != NULL)
		return;
	for (struct member *other = NULL;
	    (other = parent_next(p, other)) != NULL;) {
		if (has_engine(other))
			member_connect(m, other);
	}
}

static void
on_control(evutil_socket_t channel, short what, void *arg)
{
	struct member *m = arg;
	struct control control;
	int fd, ret;

	(void)what;
	ret = proc_recv(channel, &control, sizeof(control), &fd);
	if (ret == -EAGAIN || ret == -EINTR)
		return;
	if (fd >= 0)
		close(fd);
	if (ret != 1) {
		/* Its end tells more; SIGCHLD comes with that. */
		event_del(m->on_control);
		return;
	}
	if (control.type == CONTROL_READY && !m->ready) {
		m->ready = true;
		parent_on_ready(m->parent);
	} else if (control.type == CONTROL_TOOK && m->role == ROLE_ENGINE) {
		parent_reload_on_took(m->parent, control.index,
		    control.role != 0);
	} else if (control.type == CONTROL_LEFT) {
		m->left = true;
		parent_reload_on_left(m->parent);
	} else if (control.type == CONTROL_RELOAD && m->role == ROLE_ADMIN) {
		parent_reload_want(m->parent, m);
	}
}

static void
note_start(struct member *m, pid_t pid, int control)
{
	char name[CHILD_NAME_SIZE];

	m->pid = pid;
	m->control = control;
	m->ready = m->left = false;
	m->reloads = m->answering = 0;
	m->started_ms = clock_monotonic_ms();
	m->started_at = clock_wall_us();
	m->on_control = event_new(m->parent->base, control,
	    EV_READ | EV_PERSIST, on_control, m);
	if (m->on_control == NULL || event_add(m->on_control, NULL) < 0)
		mem_die();
	member_name(m, name);
	log_debug("child_started", log_str("child", name),
	    log_num("pid", pid));
}

bool
member_start(struct member *m, int *ret_control)
{
	int control = -1;
	pid_t pid = proc_fork(&control);

	if (pid == 0) {
		*ret_control = control;
		return true;
	}
	if (pid < 0) {
		log_error("no_process", log_errno("why", pid));
		m->due_ms = clock_monotonic_ms() +
		    proc_backoff_next(&m->backoff, 0);
		return false;
	}
	note_start(m, pid, control);
	connect_all(m);
	if (m->role == ROLE_ADMIN)
		report_all_to(m);
	else
		report(m);
	return false;
}

void
member_drop(struct member *m)
{
	if (m->control < 0)
		return;
	event_free(m->on_control);
	m->on_control = NULL;
	close(m->control);
	m->control = -1;
}

static void
log_death(const struct member *m, int wait_status, int64_t delay_ms)
{
	bool killed = WIFSIGNALED(wait_status);
	char name[CHILD_NAME_SIZE];

	member_name(m, name);
	log_warn("child_died", log_str("child", name), log_num("pid", m->pid),
	    killed ? log_num("signal", WTERMSIG(wait_status)) :
	    log_num("status", WEXITSTATUS(wait_status)),
	    log_num("restart_ms", delay_ms));
}

/*
 * The database is read through memory and LMDB has no checksums: a file that
 * is damaged, cut short or can't be read ends whoever reads it.
 */
static void
log_suspicion(const struct member *m, int wait_status)
{
	int signal = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;

	if (m->role == ROLE_ENGINE && (signal == SIGBUS ||
	    signal == SIGSEGV || signal == SIGABRT))
		log_error("database_suspect", log_num("signal", signal),
		    log_str("advice", "if it happens again, the database is "
		    "damaged: stop assentd, run assentctl fsck, restore a "
		    "backup"));
}

/* It is started again, unless its generation leaves. */
static bool
comes_back(const struct member *m)
{
	return m->parent->state == PARENT_READY && (m->generation == NULL ||
	    m->generation->state == GENERATION_SERVING);
}

void
member_died(struct member *m, int wait_status)
{
	int64_t now = clock_monotonic_ms();
	int64_t delay = 0;

	/* What it said last may still be in the channel. */
	if (m->control >= 0)
		on_control(m->control, 0, m);
	member_drop(m);
	if (comes_back(m)) {
		delay = proc_backoff_next(&m->backoff, now - m->started_ms);
		m->due_ms = now + delay;
		m->restarts++;
	}
	if (comes_back(m) || (m->parent->state != PARENT_FAILED &&
	    m->parent->state != PARENT_STARTING && wait_status != 0))
		log_death(m, wait_status, delay);
	log_suspicion(m, wait_status);
	m->pid = 0;
	report(m);
}
