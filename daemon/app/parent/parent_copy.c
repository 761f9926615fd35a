/* SPDX-License-Identifier: ISC */
/*
 * Who asked for a copy of the database, and how they hear of its end.
 */
#include "app/parent/parent_copy.h"

#include <signal.h>
#include <unistd.h>

#include "app/parent/member_talk.h"
#include "app/parent/parent_private.h"

static void
close_fd(struct copy *copy)
{
	if (copy->fd >= 0)
		close(copy->fd);
	copy->fd = -1;
}

/* The engine, too: it frees what a copier that was killed held on to. */
static void
tell_end(struct parent *p, enum copy_end end)
{
	struct member *asker = p->copy.asker;

	if (asker != NULL)
		member_send_copied(asker, end, true);
	if (asker != &p->engine)
		member_send_copied(&p->engine, end, false);
	p->copy.asker = NULL;
}

void
parent_copy_want(struct parent *p, struct member *by, int fd)
{
	if (p->copy.fd >= 0 || p->copier.pid != 0 ||
	    p->state != PARENT_READY) {
		member_send_copied(by, COPY_BUSY, true);
		close(fd);
		return;
	}
	p->copy = (struct copy){ .asker = by, .fd = fd };
}

bool
parent_copy_is_due(const struct parent *p)
{
	return p->copy.fd >= 0 && p->state == PARENT_READY;
}

void
parent_copy_on_start(struct parent *p)
{
	close_fd(&p->copy);
}

void
parent_copy_on_end(struct parent *p, const struct member *m, int wait_status)
{
	if (m == &p->copier) {
		tell_end(p, wait_status == 0 ? COPY_DONE : COPY_FAILED);
	} else if (m == p->copy.asker) {
		p->copy.asker = NULL;
		parent_copy_abandon(p);
	}
}

void
parent_copy_abandon(struct parent *p)
{
	/* Its death is told as any other. */
	if (p->copier.pid > 0)
		kill(p->copier.pid, SIGKILL);
	else if (p->copy.fd >= 0)
		tell_end(p, COPY_FAILED);
	close_fd(&p->copy);
}
