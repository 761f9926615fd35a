/* SPDX-License-Identifier: ISC */
/*
 * The way of a reload, from one state to the next.
 */
#include "app/parent/parent_reload.h"

#include <sys/wait.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/certificates.h"
#include "app/parent/parent_private.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/files.h"
#include "io/notify.h"

enum { TRY_MS = 60000, START_MS = 30000, LEAVING_MAX = 8 };

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

/* ---- telling ---- */

static int
why_file(const struct reload *r)
{
	int fd = r->why.len > 0 ? files_memory() : -1;

	if (fd >= 0)
		(void)files_write_fd(fd, buf_slice(&r->why));
	return fd;
}

static void
tell(const struct reload *r, struct member *m, int why)
{
	struct child_load load = r->load;

	load.answered = m->answering;
	member_send_load(m, &load, why);
}

void
parent_reload_tell(struct parent *p, struct member *admin)
{
	int why = why_file(&p->reload);

	tell(&p->reload, admin, why);
	if (why >= 0)
		close(why);
}

static void
tell_all(struct parent *p)
{
	int why = why_file(&p->reload);
	struct member *m = NULL;

	while ((m = parent_next(p, m)) != NULL) {
		if (m->role == ROLE_ADMIN)
			tell(&p->reload, m, why);
	}
	if (why >= 0)
		close(why);
}

static void
answer_for_all(struct parent *p)
{
	struct member *m = NULL;

	while ((m = parent_next(p, m)) != NULL)
		m->answering = m->reloads;
}

/* ---- its end ---- */

static void
finish(struct parent *p)
{
	p->reload.state = RELOAD_NONE;
	p->reload.again = false;
	p->reload.next = p->reload.former = NULL;
	tell_all(p);
	notify_send("READY=1");
}

static void
send_to_all_of(const struct generation *g, enum control_type type)
{
	for (size_t i = 0; i < g->member_count; i++)
		member_send(&g->members[i], type);
}

/* Those that leave have their time, but so many at once only. */
static void
hurry_the_oldest(struct parent *p)
{
	struct generation *g;
	unsigned leaving = 0;

	TAILQ_FOREACH(g, &p->generations, link)
		leaving += g->state == GENERATION_LEAVING;
	TAILQ_FOREACH(g, &p->generations, link) {
		if (g->state == GENERATION_LEAVING && leaving > LEAVING_MAX) {
			send_to_all_of(g, CONTROL_STOP);
			leaving--;
		}
	}
}

/* No new process is made of it; its sockets that stay are the other's. */
static void
leave_to(struct parent *p, struct generation *g, struct generation *other)
{
	g->state = GENERATION_LEAVING;
	sockets_leave_to(&g->sockets, &other->sockets);
	sockets_drop(&g->sockets);
	generation_retire(g);
	send_to_all_of(g, CONTROL_LEAVE);
	hurry_the_oldest(p);
}

static void
log_refusal(const struct buf *why)
{
	struct slice rest = buf_slice(why), line;

	while (rest.len > 0 && slice_split(&rest, '\n', &line))
		log_error("reload_refused", log_slice("why", line));
}

/* All is as it was before; takes what stands in `why`. */
static void
refuse(struct parent *p)
{
	struct reload *r = &p->reload;
	bool told = r->state == RELOAD_TELLING || r->state == RELOAD_STARTING;

	log_refusal(&r->why);
	r->load.refused_at = clock_wall_us();
	if (r->next != NULL)
		leave_to(p, r->next, p->serving);
	r->next = NULL;
	if (told && p->engine.pid != 0) {
		r->state = RELOAD_UNDOING;
		member_send_settings(&p->engine, p->serving);
		return;
	}
	finish(p);
}

static void __attribute__((format(printf, 2, 3)))
refuse_for(struct parent *p, const char *fmt, ...)
{
	va_list ap;

	buf_reset(&p->reload.why);
	va_start(ap, fmt);
	buf_printf(&p->reload.why, "%s: ", p->setup->source->path);
	buf_vprintf(&p->reload.why, fmt, ap);
	va_end(ap);
	refuse(p);
}

/* That may not be the config's fault: once more when it is back. */
static void
lose_engine(struct parent *p)
{
	struct reload *r = &p->reload;

	if (r->again) {
		refuse_for(p, "the engine ended meanwhile\n");
		return;
	}
	leave_to(p, r->next, p->serving);
	r->next = NULL;
	r->state = RELOAD_NONE;
	r->again = r->wanted = true;
}

/* Whoever connects from now on meets the new config. */
static void
succeed(struct parent *p)
{
	parent_log_listeners(p, "reloaded");
	finish(p);
}

void
parent_reload_on_left(struct parent *p)
{
	const struct reload *r = &p->reload;

	if (r->state != RELOAD_LEAVING)
		return;
	for (size_t i = 0; i < r->former->member_count; i++) {
		const struct member *m = &r->former->members[i];

		if (m->pid != 0 && !m->left)
			return;
	}
	succeed(p);
}

static void
serve(struct parent *p)
{
	struct generation *former = p->serving, *g = p->reload.next;

	g->state = GENERATION_SERVING;
	p->serving = g;
	member_connect(&p->engine, &g->members[0]);
	generation_log(g);
	member_send_log(&p->engine);
	certificates_keep(g->certificates, p->base);
	p->reload.load.loaded_at = clock_wall_us();
	p->reload.load.refused_at = 0;
	buf_reset(&p->reload.why);
	p->reload.state = RELOAD_LEAVING;
	p->reload.next = NULL;
	p->reload.deadline_ms = clock_monotonic_ms() + START_MS;
	p->reload.former = former;
	leave_to(p, former, g);
	parent_reload_on_left(p);
}

/* ---- its steps ---- */

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
	answer_for_all(p);
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
		refuse_for(p, "cannot try the config: %s\n",
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
		succeed(p);
	else if (r->state == RELOAD_STARTING && now >= r->deadline_ms)
		refuse_for(p, "the new processes don't get ready: see the "
		    "log\n");
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
		refuse(p);
		return;
	}
	r->next->number = ++r->numbers;
	r->next->state = GENERATION_WAITING;
	parent_add(p, r->next);
	r->state = RELOAD_TELLING;
	if (p->engine.pid == 0)
		lose_engine(p);
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
		refuse(p);
	else
		refuse_for(p, "the process that tried the config ended with "
		    "%s %d\n", WIFSIGNALED(wait_status) ? "signal" :
		    "status", WIFSIGNALED(wait_status) ?
		    WTERMSIG(wait_status) : WEXITSTATUS(wait_status));
	return true;
}

void
parent_reload_on_took(struct parent *p, uint32_t generation, bool taken)
{
	struct reload *r = &p->reload;

	if (r->state == RELOAD_UNDOING &&
	    generation == p->serving->number) {
		finish(p);
	} else if (r->state == RELOAD_TELLING &&
	    generation == r->next->number) {
		if (!taken) {
			refuse_for(p, "the engine can't take the config: see "
			    "the log\n");
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
	serve(p);
}

void
parent_reload_on_end(struct parent *p, struct member *m, int wait_status)
{
	struct reload *r = &p->reload;
	char name[16];

	parent_reload_on_left(p);
	if (m->role == ROLE_ENGINE && r->state == RELOAD_UNDOING)
		finish(p);
	else if (m->role == ROLE_ENGINE && (r->state == RELOAD_TELLING ||
	    r->state == RELOAD_STARTING))
		lose_engine(p);
	else if (m->generation != NULL && m->generation == r->next) {
		member_name(m, name);
		refuse_for(p, "the new %s ended with %s %d as it started\n",
		    name, WIFSIGNALED(wait_status) ? "signal" : "status",
		    WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) :
		    WEXITSTATUS(wait_status));
	}
}

void
parent_reload_abandon(struct parent *p)
{
	struct reload *r = &p->reload;

	if (r->trial > 0)
		kill(r->trial, SIGKILL);
	if (r->state == RELOAD_LEAVING)
		succeed(p);
	if (r->next != NULL)
		leave_to(p, r->next, p->serving);
	r->next = NULL;
	if (r->state == RELOAD_NONE && !r->wanted)
		return;
	r->state = RELOAD_NONE;
	r->wanted = false;
	answer_for_all(p);
	buf_reset(&r->why);
	buf_add_str(&r->why, "assentd is told to stop\n");
	r->load.refused_at = clock_wall_us();
	tell_all(p);
}
