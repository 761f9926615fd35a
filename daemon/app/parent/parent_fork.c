/* SPDX-License-Identifier: ISC */
/*
 * From the parent to a child: everything that isn't this child's is closed and
 * cleared, keys first, before it does anything of its own.
 */
#include "app/parent/parent_private.h"

#include <sys/prctl.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/certificates.h"
#include "app/metrics/metrics.h"
#include "base/log.h"
#include "base/mem.h"

/* The parent's loop, and its ends of all channels. */
static void
leave_loop(struct parent *p)
{
	struct member *m = NULL;

	while ((m = parent_next(p, m)) != NULL)
		member_drop(m);
	certificates_leave(p->serving->certificates);
	event_free(p->on_signal);
	event_free(p->on_time);
	if (p->on_watchdog != NULL)
		event_free(p->on_watchdog);
	event_base_free(p->base);
	close(p->signal_fd);
	parent_reload_fini(p);
}

/* What the copier is to write to is nobody else's. */
static int
copy_fd(const struct parent *p, enum role role)
{
	if (role == ROLE_COPIER)
		return p->copy.fd;
	if (p->copy.fd >= 0)
		close(p->copy.fd);
	return -1;
}

/* Sockets that they share are the own one's. */
static void
free_others(struct parent *p, struct generation *own)
{
	struct generation *g;

	while ((g = TAILQ_FIRST(&p->generations)) != NULL) {
		TAILQ_REMOVE(&p->generations, g, link);
		if (g == own)
			continue;
		sockets_leave_to(&g->sockets, &own->sockets);
		generation_free(g);
	}
}

static void
close_many(const int *fds, int count)
{
	for (int i = 0; i < count; i++)
		close(fds[i]);
}

static void
choose_sockets(const struct sockets *s, struct child_start *start)
{
	int public_count = (int)s->public_count;
	int admin_count = (int)(s->count - s->public_count);

	if (start->role == ROLE_WEB) {
		start->listeners = s->fds;
		start->listener_count = public_count;
	} else {
		close_many(s->fds, public_count);
	}
	if (start->role == ROLE_ADMIN) {
		start->listeners = s->fds + public_count;
		start->listener_count = admin_count;
	} else {
		close_many(s->fds + public_count, admin_count);
	}
}

/* Keeps of the parent's things what this role may have. */
static void
choose_things(const struct parent_setup *s, struct generation *g,
    struct child_start *start)
{
	choose_sockets(&g->sockets, start);
	/* Before anything that could be made to tell them. */
	if (start->role != ROLE_WEB)
		certificates_forget(g->certificates);
	start->certificates = g->certificates;
	if (start->role == ROLE_ENGINE)
		start->secret = s->secret;
	else if (s->secret >= 0)
		close(s->secret);
	if (start->role == ROLE_MAILER)
		start->password = g->password;
	else if (g->password >= 0)
		close(g->password);
	if (g->kept >= 0)
		close(g->kept);
	/* Whoever runs closes what it has by itself. */
	g->password = g->kept = -1;
}

static int
run(const struct parent_setup *s, const struct child_start *start)
{
	int error = metrics_keep(s->metrics, start->role, start->index);

	if (error < 0) {
		log_error("no_metrics", log_errno("why", error));
		return 1;
	}
	error = s->user != NULL ? proc_become(s->user) : 0;
	if (error == 0)
		return child_main(start, s->mains[start->role]);
	log_error("no_privilege_drop", log_str("user", s->user->name),
	    log_errno("why", error));
	return 1;
}

int
parent_become(struct parent *p, struct member *m, int control)
{
	struct generation *g = m->generation != NULL ? m->generation :
	    p->serving;
	struct child_start start = { .role = m->role, .index = m->index,
	    .generation = g->number, .control = control,
	    .config = g->settings.config, .templates = g->settings.templates,
	    .secret = -1, .password = -1, .copy = copy_fd(p, m->role),
	    .metrics = p->setup->metrics, .confine = p->setup->confine };
	char name[CHILD_NAME_SIZE], title[32];
	int status;

	member_name(m, name);
	snprintf(title, sizeof(title), "assentd-%s", name);
	prctl(PR_SET_NAME, title, 0, 0, 0);
	log_rename(name);
	/* The epoll fd is shared with the parent until it is made anew. */
	if (event_reinit(p->base) < 0)
		return 1;
	leave_loop(p);
	free_others(p, g);
	if (g != p->serving)
		generation_log(g);
	choose_things(p->setup, g, &start);
	status = run(p->setup, &start);
	sockets_free(&g->sockets);
	generation_free(g);
	return status;
}
