/* SPDX-License-Identifier: ISC */
/*
 * How a reload ends: it is refused, or its generation serves; and whoever
 * asked is told.
 */
#include "app/parent/parent_reload_end.h"

#include <sys/wait.h>

#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include "app/certificates.h"
#include "app/parent/member_talk.h"
#include "app/parent/parent_private.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/files.h"
#include "io/notify.h"

enum { LEAVE_MS = 30000, LEAVING_MAX = 8 };

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

void
parent_reload_answer(struct parent *p)
{
	struct member *m = NULL;

	while ((m = parent_next(p, m)) != NULL)
		m->answering = m->reloads;
}

/* ---- its end ---- */

void
parent_reload_finish(struct parent *p)
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

void
parent_reload_refuse(struct parent *p)
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
	parent_reload_finish(p);
}

void
parent_reload_refuse_for(struct parent *p, const char *fmt, ...)
{
	va_list ap;

	buf_reset(&p->reload.why);
	va_start(ap, fmt);
	buf_printf(&p->reload.why, "%s: ", p->setup->source->path);
	buf_vprintf(&p->reload.why, fmt, ap);
	va_end(ap);
	parent_reload_refuse(p);
}

void
parent_reload_refuse_death(struct parent *p, const char *who, int wait_status)
{
	if (WIFSIGNALED(wait_status))
		parent_reload_refuse_for(p, "%s ended with signal %d\n", who,
		    WTERMSIG(wait_status));
	else
		parent_reload_refuse_for(p, "%s ended with status %d\n", who,
		    WEXITSTATUS(wait_status));
}

void
parent_reload_lose_engine(struct parent *p)
{
	struct reload *r = &p->reload;

	if (r->again) {
		parent_reload_refuse_for(p, "the engine ended meanwhile\n");
		return;
	}
	leave_to(p, r->next, p->serving);
	r->next = NULL;
	r->state = RELOAD_NONE;
	r->again = r->wanted = true;
}

void
parent_reload_succeed(struct parent *p)
{
	parent_log_listeners(p, "reloaded");
	parent_reload_finish(p);
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
	parent_reload_succeed(p);
}

void
parent_reload_serve(struct parent *p)
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
	p->reload.deadline_ms = clock_monotonic_ms() + LEAVE_MS;
	p->reload.former = former;
	leave_to(p, former, g);
	parent_reload_on_left(p);
}

void
parent_reload_abandon(struct parent *p)
{
	struct reload *r = &p->reload;

	if (r->trial > 0)
		kill(r->trial, SIGKILL);
	if (r->state == RELOAD_LEAVING)
		parent_reload_succeed(p);
	if (r->next != NULL)
		leave_to(p, r->next, p->serving);
	r->next = NULL;
	if (r->state == RELOAD_NONE && !r->wanted)
		return;
	r->state = RELOAD_NONE;
	r->wanted = false;
	parent_reload_answer(p);
	buf_reset(&r->why);
	buf_add_str(&r->why, "assentd is told to stop\n");
	r->load.refused_at = clock_wall_us();
	tell_all(p);
}
