/* SPDX-License-Identifier: ISC */
/*
 * The way of a reload, from one state to the next; parent_reload_end.c has
 * where it ends.
 */
#include "app/parent/parent_reload.h"

#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/parent/member_talk.h"
#include "app/parent/parent_private.h"
#include "app/parent/parent_reload_end.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/files.h"
#include "io/notify.h"

enum { TRY_MS = 60000, START_MS = 30000 };

void
parent_reload_init(struct parent *p)
{
	p->reload = (struct reload){ .fd = -1,
		.load = { .loaded_at = clock_wall_us() } };
	p->serving->number = ++p->reload.numbers;
}

static void
close_trial(struct reload *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
}

void
parent_reload_fini(struct parent *p)
{
	close_trial(&p->reload);
	buf_fini(&p->reload.why);
}

void
parent_reload_want(struct parent *p, struct member *by)
{
	p->reload.wanted = true;
	if (by != NULL)
		by->reloads++;
}

static bool
can_begin(const struct parent *p)
{
	return p->reload.wanted && p->reload.state == RELOAD_NONE &&
	    p->state == PARENT_READY && p->engine.pid != 0 &&
	    p->engine.ready;
}

static void
begin(struct parent *p, int64_t now)
{
	const struct parent_source *source = p->setup->source;
	struct reload *r = &p->reload;
	int channel = -1;

	r->wanted = false;
	parent_reload_answer(p);
	notify_reloading();
	r->state = RELOAD_TRYING;
	r->deadline_ms = now + TRY_MS;
	r->fd = files_memory();
	r->trial = r->fd >= 0 ? proc_fork(&channel) : r->fd;
	if (r->trial == 0) {
		log_rename("trial");
		_exit(source->try(source->arg, r->fd));
	}
	if (r->trial < 0) {
		parent_reload_refuse_for(p, "cannot try the config: %s\n",
		    strerror(-(int)r->trial));
		r->trial = 0;
	} else {
		close(channel);
	}
}

void
parent_reload_look(struct parent *p, int64_t now)
{
	struct reload *r = &p->reload;

	if (can_begin(p))
		begin(p, now);
	else if (r->state == RELOAD_TRYING && now >= r->deadline_ms)
		kill(r->trial, SIGKILL);
	else if (r->state == RELOAD_LEAVING && now >= r->deadline_ms)
		parent_reload_succeed(p);
	else if (r->state == RELOAD_STARTING && now >= r->deadline_ms)
		parent_reload_refuse_for(p, "the new processes don't get "
		    "ready: see the log\n");
}

int64_t
parent_reload_due(const struct parent *p)
{
	const struct reload *r = &p->reload;

	if (r->state == RELOAD_NONE)
		return can_begin(p) ? 0 : INT64_MAX;
	/* The engine answers, or ends. */
	return r->state == RELOAD_TELLING || r->state == RELOAD_UNDOING ?
	    INT64_MAX : r->deadline_ms;
}

/* What it read is good, as far as it could tell. */
static void
load(struct parent *p)
{
	const struct parent_source *source = p->setup->source;
	struct reload *r = &p->reload;
	int fd = r->fd;

	r->fd = -1;
	buf_reset(&r->why);
	r->next = source->load(source->arg, fd, p->serving, &r->why);
	if (r->next == NULL) {
		parent_reload_refuse(p);
		return;
	}
	r->next->number = ++r->numbers;
	r->next->state = GENERATION_WAITING;
	parent_add(p, r->next);
	r->state = RELOAD_TELLING;
	if (p->engine.pid == 0)
		parent_reload_lose_engine(p);
	else
		member_send_settings(&p->engine, r->next);
}

bool
parent_reload_on_death(struct parent *p, pid_t pid, int wait_status)
{
	struct reload *r = &p->reload;

	if (r->trial == 0 || pid != r->trial)
		return false;
	r->trial = 0;
	if (r->state != RELOAD_TRYING)
		return true;
	buf_reset(&r->why);
	if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0) {
		load(p);
		return true;
	}
	if (WIFEXITED(wait_status))
		(void)files_read_fd(r->fd, &r->why);
	close_trial(r);
	if (r->why.len > 0)
		parent_reload_refuse(p);
	else
		parent_reload_refuse_death(p,
		    "the process that tried the config", wait_status);
	return true;
}

void
parent_reload_on_took(struct parent *p, uint32_t generation, bool taken)
{
	struct reload *r = &p->reload;

	if (r->state == RELOAD_UNDOING &&
	    generation == p->serving->number) {
		parent_reload_finish(p);
	} else if (r->state == RELOAD_TELLING &&
	    generation == r->next->number) {
		if (!taken) {
			parent_reload_refuse_for(p, "the engine can't take "
			    "the config: see the log\n");
			return;
		}
		r->state = RELOAD_STARTING;
		r->deadline_ms = clock_monotonic_ms() + START_MS;
		r->next->state = GENERATION_STARTING;
	}
}

void
parent_reload_on_ready(struct parent *p)
{
	const struct reload *r = &p->reload;

	if (r->state != RELOAD_STARTING)
		return;
	for (size_t i = 0; i < r->next->member_count; i++) {
		if (!r->next->members[i].ready)
			return;
	}
	parent_reload_serve(p);
}

void
parent_reload_on_end(struct parent *p, struct member *m, int wait_status)
{
	struct reload *r = &p->reload;
	char name[CHILD_NAME_SIZE], who[32];

	parent_reload_on_left(p);
	if (m->role == ROLE_ENGINE && r->state == RELOAD_UNDOING)
		parent_reload_finish(p);
	else if (m->role == ROLE_ENGINE && (r->state == RELOAD_TELLING ||
	    r->state == RELOAD_STARTING))
		parent_reload_lose_engine(p);
	else if (m->generation != NULL && m->generation == r->next) {
		member_name(m, name);
		snprintf(who, sizeof(who), "the new %s", name);
		parent_reload_refuse_death(p, who, wait_status);
	}
}
