/* SPDX-License-Identifier: ISC */
/*
 * A child's side of the control channel, and the loop that all of them share.
 */
#include "app/child.h"

#include <sys/resource.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/child_start.h"
#include "app/metrics/metrics.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/files.h"
#include "io/proc.h"

struct child {
	struct child_start start;
	struct event_base *base;
	const struct child_callbacks *callbacks;
	void *arg;
	bool ended;
	int status;
	int64_t noted_at, noted_cpu;	/* usage, microseconds */
};

static const char *const role_names[] = {
	[ROLE_ENGINE] = "engine",
	[ROLE_COPIER] = "copier",
	[ROLE_MAILER] = "mailer",
	[ROLE_ADMIN] = "admin",
	[ROLE_WEB] = "web",
};
_Static_assert(sizeof(role_names) / sizeof(role_names[0]) == ROLE_COUNT,
    "each role has a name");

const char *
role_name(enum role role)
{
	return role_names[role];
}

void
child_name(enum role role, unsigned index, char ret_name[CHILD_NAME_SIZE])
{
	if (role == ROLE_WEB)
		snprintf(ret_name, CHILD_NAME_SIZE, "%s%u", role_name(role),
		    index);
	else
		snprintf(ret_name, CHILD_NAME_SIZE, "%s", role_name(role));
}

struct event_base *
child_base(struct child *child)
{
	return child->base;
}

const struct config *
child_config(const struct child *child)
{
	return child->start.config;
}

const struct templates *
child_templates(const struct child *child)
{
	return child->start.templates;
}

unsigned
child_index(const struct child *child)
{
	return child->start.index;
}

uint32_t
child_generation(const struct child *child)
{
	return child->start.generation;
}

int
child_listener_count(const struct child *child)
{
	return child->start.listener_count;
}

int
child_listener_fd(const struct child *child, int i)
{
	return child->start.listeners[i];
}

struct metrics *
child_metrics(const struct child *child)
{
	return child->start.metrics;
}

struct certificates *
child_certificates(const struct child *child)
{
	return child->start.certificates;
}

int
child_secret_fd(const struct child *child)
{
	return child->start.secret;
}

int
child_password_fd(const struct child *child)
{
	return child->start.password;
}

int
child_copy_fd(const struct child *child)
{
	return child->start.copy;
}

static void
on_load(struct child *child, const struct control *control, int fd)
{
	struct child_load load = control->load;
	struct buf why = { 0 };

	if (fd >= 0 && child->callbacks->on_load != NULL)
		(void)files_read_fd(fd, &why);
	load.why = buf_str(&why);
	if (child->callbacks->on_load != NULL)
		child->callbacks->on_load(child, &load, child->arg);
	buf_fini(&why);
}

static void
close_listeners(struct child *child)
{
	for (int i = 0; i < child->start.listener_count; i++)
		close(child->start.listeners[i]);
	child->start.listener_count = 0;
}

static void
tell_parent_with(struct child *child, struct control control, int fd)
{
	int error = proc_send(child->start.control, &control, sizeof(control),
	    fd);

	if (error < 0 && error != -EPIPE)
		log_error("control_failed", log_errno("why", error));
}

static void
tell_parent(struct child *child, struct control control)
{
	tell_parent_with(child, control, -1);
}

/* An address that is no longer wanted is free for others at once. */
static void
leave(struct child *child)
{
	child->callbacks->on_leave(child, child->arg);
	close_listeners(child);
	tell_parent(child, (struct control){ .type = CONTROL_LEFT });
}

/* True when it took the fd. */
static bool
takes_fd(struct child *child, const struct control *control, int fd)
{
	const struct child_callbacks *callbacks = child->callbacks;

	if (control->type == CONTROL_PEER && control->role < ROLE_COUNT)
		callbacks->on_peer(child, (enum role)control->role,
		    control->index, fd, child->arg);
	else if (control->type == CONTROL_SETTINGS &&
	    callbacks->on_settings != NULL)
		callbacks->on_settings(child, control->index, fd, child->arg);
	else if (control->type == CONTROL_LOG)
		log_follow(fd, (enum log_level)control->index, NULL);
	else
		return false;
	return true;
}

/* Without a file.  One that is missing was one too many for this process. */
static void
follow_log(const struct control *control)
{
	enum log_level level = (enum log_level)control->index;

	switch ((enum control_log)control->role) {
	case CONTROL_LOG_STDERR:
		log_follow(STDERR_FILENO, level, NULL);
		break;
	case CONTROL_LOG_SYSLOG:
		log_follow(LOG_SYSLOG_FD, level, NULL);
		break;
	case CONTROL_LOG_FILE:
		log_error("log_not_reopened", log_errno("why", -EMFILE));
		break;
	}
}

static void
on_message(struct child *child, const struct control *control, int fd)
{
	const struct child_callbacks *callbacks = child->callbacks;

	if (fd >= 0 && takes_fd(child, control, fd))
		return;
	if (control->type == CONTROL_STOP)
		callbacks->on_stop(child, child->arg);
	else if (control->type == CONTROL_LEAVE)
		leave(child);
	else if (control->type == CONTROL_LOG)
		follow_log(control);
	else if (control->type == CONTROL_LOAD)
		on_load(child, control, fd);
	else if (control->type == CONTROL_REPORT &&
	    callbacks->on_report != NULL)
		callbacks->on_report(child, &control->report, child->arg);
	else if (control->type == CONTROL_COPIED &&
	    callbacks->on_copied != NULL)
		callbacks->on_copied(child, (enum copy_end)control->index,
		    control->role != 0, child->arg);
	if (fd >= 0)
		close(fd);
}

static void
on_control(evutil_socket_t channel, short what, void *arg)
{
	struct child *child = arg;
	struct control control;
	int fd, ret;

	(void)what;
	while (!child->ended) {
		ret = proc_recv(channel, &control, sizeof(control), &fd);
		if (ret == -EAGAIN || ret == -EINTR)
			return;
		if (ret != 1) {
			log_debug("parent_gone", log_errno("why", ret));
			child_exit(child, 1);
			return;
		}
		on_message(child, &control, fd);
	}
}

static int64_t
microseconds(struct timeval t)
{
	return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_usec;
}

/* At most once a second, and only when there is something to do anyway: who
 * sleeps uses up nothing. */
static void
note_usage(struct child *child)
{
	int64_t now = clock_monotonic_us(), cpu;
	struct rusage usage;

	if (child->start.metrics == NULL ||
	    now - child->noted_at < CLOCK_SECOND ||
	    getrusage(RUSAGE_SELF, &usage) < 0)
		return;
	cpu = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
	metrics_add(child->start.metrics, METRICS_CPU, METRICS_AT(0),
	    (uint64_t)(cpu - child->noted_cpu));
	metrics_set(child->start.metrics, METRICS_MEMORY, METRICS_AT(0),
	    (uint64_t)usage.ru_maxrss * 1024);
	child->noted_at = now;
	child->noted_cpu = cpu;
}

static int
confine(const struct child_start *start)
{
	return start->confine != NULL ? start->confine(start->role,
	    start->config) : 0;
}

int
child_enter(struct child *child)
{
	int error = proc_end_with(child->start.control);

	if (error == 0)
		return confine(&child->start);
	log_error("no_copier", log_errno("why", error));
	return -1;
}

int
child_run(struct child *child, const struct child_callbacks *callbacks,
    void *arg)
{
	struct event *control = event_new(child->base, child->start.control,
	    EV_READ | EV_PERSIST, on_control, child);

	if (control == NULL || event_add(control, NULL) < 0)
		mem_die();
	if (confine(&child->start) < 0) {
		event_free(control);
		return 1;
	}
	child->callbacks = callbacks;
	child->arg = arg;
	note_usage(child);
	while (!child->ended && event_base_loop(child->base,
	    EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY) == 0)
		note_usage(child);
	event_free(control);
	return child->ended ? child->status : 1;
}

void
child_ready(struct child *child)
{
	tell_parent(child, (struct control){ .type = CONTROL_READY });
}

void
child_took_settings(struct child *child, uint32_t generation, bool taken)
{
	tell_parent(child, (struct control){ .type = CONTROL_TOOK,
	    .index = generation, .role = taken });
}

void
child_ask_reload(struct child *child)
{
	tell_parent(child, (struct control){ .type = CONTROL_RELOAD });
}

void
child_ask_copy(struct child *child, int fd)
{
	tell_parent_with(child, (struct control){ .type = CONTROL_COPY }, fd);
}

void
child_drop_copy(struct child *child)
{
	tell_parent(child, (struct control){ .type = CONTROL_DROP_COPY });
}

void
child_exit(struct child *child, int status)
{
	child->ended = true;
	child->status = status;
	event_base_loopbreak(child->base);
}

int
child_main(const struct child_start *start, int (*main)(struct child *))
{
	struct child child = { .start = *start };
	int status;

	child.base = event_base_new();
	if (child.base == NULL) {
		log_error("no_event_loop", log_errno("why", errno));
		return 1;
	}
	status = main(&child);
	/* Connections that were closed are let go of by the loop. */
	(void)event_base_loop(child.base, EVLOOP_NONBLOCK);
	event_base_free(child.base);
	close(start->control);
	close_listeners(&child);
	if (start->secret >= 0)
		close(start->secret);
	if (start->password >= 0)
		close(start->password);
	if (start->copy >= 0)
		close(start->copy);
	return status;
}
