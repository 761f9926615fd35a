/* SPDX-License-Identifier: ISC */
/*
 * Processes that do nothing yet but live and die as all of them do.
 */
#include <unistd.h>

#include "app/child.h"

static void
on_peer(struct child *child, enum role peer, unsigned index, int fd,
    void *arg)
{
	(void)child;
	(void)peer;
	(void)index;
	(void)arg;
	close(fd);
}

static void
on_stop(struct child *child, void *arg)
{
	(void)arg;
	child_exit(child, 0);
}

static const struct child_callbacks callbacks = { .on_peer = on_peer,
    .on_stop = on_stop };

int
web_main(struct child *child)
{
	child_ready(child);
	return child_run(child, &callbacks, NULL);
}
