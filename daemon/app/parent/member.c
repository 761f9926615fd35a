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

#include "app/parent/member_talk.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/ipc.h"

void
member_name(const struct member *m, char ret_name[CHILD_NAME_SIZE])
{
	child_name(m->role, m->index, ret_name);
}

/* Each admin is told of its own generation, and of those of none. */
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
			member_send_report(to, m);
	}
}

/* What it missed. */
static void
report_all_to(struct member *admin)
{
	struct member *m = NULL;

	while ((m = parent_next(admin->parent, m)) != NULL) {
		if (hears_of(admin, m))
			member_send_report(admin, m);
	}
	parent_reload_tell(admin->parent, admin);
}

void
member_connect(struct member *engine, struct member *other)
{
	int fds[2], error;

	if (engine->pid == 0 || other->pid == 0)
		return;
	error = ipc_pair(fds);
	if (error < 0) {
		member_give_up(other, error);
		return;
	}
	member_send_peer(engine, other, fds[0]);
	member_send_peer(other, engine, fds[1]);
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
	if (m != &p->engine)
		return;
	for (struct member *other = NULL;
	    (other = parent_next(p, other)) != NULL;) {
		if (has_engine(other))
			member_connect(m, other);
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
	    EV_READ | EV_PERSIST, member_on_control, m);
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
	if (m->role == ROLE_COPIER)
		parent_copy_on_start(m->parent);
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

/* It is started again, unless it has no more to do or its generation leaves. */
static bool
comes_back(const struct member *m)
{
	return m->parent->state == PARENT_READY && m->role != ROLE_COPIER &&
	    (m->generation == NULL ||
	    m->generation->state == GENERATION_SERVING);
}

/* And hasn't said so: as one does that can't start, or copy. */
static bool
ends_badly(const struct member *m, int wait_status)
{
	if (m->parent->state == PARENT_FAILED ||
	    m->parent->state == PARENT_STARTING)
		return false;
	return m->role == ROLE_COPIER ? WIFSIGNALED(wait_status) :
	    wait_status != 0;
}

void
member_died(struct member *m, int wait_status)
{
	int64_t now = clock_monotonic_ms();
	int64_t delay = 0;

	/* What it said last may still be in the channel. */
	if (m->control >= 0)
		member_on_control(m->control, 0, m);
	member_drop(m);
	if (comes_back(m)) {
		delay = proc_backoff_next(&m->backoff, now - m->started_ms);
		m->due_ms = now + delay;
		m->restarts++;
	}
	if (comes_back(m) || ends_badly(m, wait_status))
		log_death(m, wait_status, delay);
	log_suspicion(m, wait_status);
	m->pid = 0;
	report(m);
}
