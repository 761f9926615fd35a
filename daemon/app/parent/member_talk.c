/* SPDX-License-Identifier: ISC */
/*
 * What the parent and a child say to each other: the messages of a control
 * channel, and who may say which.
 */
#include "app/parent/member_talk.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/parent/parent_private.h"
#include "base/log.h"

void
member_give_up(const struct member *m, int error)
{
	log_error("child_stuck", log_num("pid", m->pid),
	    log_errno("why", error));
	if (m->pid > 0)
		kill(m->pid, SIGKILL);
}

static void
send_control(struct member *m, const struct control *control, int fd)
{
	int error;

	if (m->control < 0)
		return;
	error = proc_send(m->control, control, sizeof(*control), fd);
	/* EAGAIN: hundreds wait unread.  EPIPE: it has ended by itself. */
	if (error < 0 && error != -EPIPE && error != -ECONNRESET)
		member_give_up(m, error);
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
member_send_copied(struct member *m, enum copy_end end, bool own)
{
	const struct control control = { .type = CONTROL_COPIED,
		.index = end, .role = own };

	send_control(m, &control, -1);
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

void
member_send_report(struct member *admin, const struct member *m)
{
	const struct control control = {
		.type = CONTROL_REPORT,
		.report = { .role = m->role, .index = m->index,
		    .pid = m->pid, .restarts = m->restarts,
		    .started_at = m->started_at },
	};

	send_control(admin, &control, -1);
}

void
member_send_peer(struct member *m, const struct member *peer, int fd)
{
	const struct control control = { .type = CONTROL_PEER,
	    .role = peer->role, .index = peer->index };

	send_control(m, &control, fd);
}

static void
take_ready(struct member *m, const struct control *control, int *fd)
{
	(void)control;
	(void)fd;
	if (m->ready)
		return;
	m->ready = true;
	parent_on_ready(m->parent);
}

static void
take_took(struct member *m, const struct control *control, int *fd)
{
	(void)fd;
	parent_reload_on_took(m->parent, control->index, control->role != 0);
}

static void
take_left(struct member *m, const struct control *control, int *fd)
{
	(void)control;
	(void)fd;
	m->left = true;
	parent_reload_on_left(m->parent);
}

static void
take_reload(struct member *m, const struct control *control, int *fd)
{
	(void)control;
	(void)fd;
	parent_reload_want(m->parent, m);
}

static void
take_copy(struct member *m, const struct control *control, int *fd)
{
	(void)control;
	if (*fd < 0)
		return;
	parent_copy_want(m->parent, m, *fd);
	*fd = -1;
}

static void
take_drop_copy(struct member *m, const struct control *control, int *fd)
{
	(void)control;
	(void)fd;
	parent_copy_abandon(m->parent);
}

#define FROM(role) (1u << (role))
enum { ANYBODY = FROM(ROLE_COUNT) - 1 };

/* What a child says, who may say it, and whoever takes the fd makes it -1. */
static const struct {
	enum control_type type;
	unsigned from;
	void (*take)(struct member *m, const struct control *, int *fd);
} sayings[] = {
	{ CONTROL_READY, ANYBODY, take_ready },
	{ CONTROL_TOOK, FROM(ROLE_ENGINE), take_took },
	{ CONTROL_LEFT, ANYBODY, take_left },
	{ CONTROL_RELOAD, FROM(ROLE_ADMIN), take_reload },
	{ CONTROL_COPY, FROM(ROLE_ADMIN) | FROM(ROLE_ENGINE), take_copy },
	{ CONTROL_DROP_COPY, FROM(ROLE_ENGINE), take_drop_copy },
};

void
member_on_control(int channel, short what, void *arg)
{
	struct member *m = arg;
	struct control control;
	int fd, ret;

	(void)what;
	ret = proc_recv(channel, &control, sizeof(control), &fd);
	if (ret == -EAGAIN || ret == -EINTR)
		return;
	if (ret != 1) {
		/* Its end tells more; SIGCHLD comes with that. */
		event_del(m->on_control);
		if (ret < 0)
			member_give_up(m, ret);
		return;
	}
	for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
		if (sayings[i].type == control.type &&
		    (sayings[i].from & FROM(m->role)) != 0)
			sayings[i].take(m, &control, &fd);
	}
	if (fd >= 0)
		close(fd);
}
