/* SPDX-License-Identifier: ISC */
/*
 * The double of the parent's part in it (app/child_copy.h).
 */
#include "app/engine/engine_world_copy.h"

#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "io/kv.h"

#define MUST(c, what) do {					\
	if (!(what))						\
		(c)->judge.fail(#what, __FILE__, __LINE__);	\
} while (0)

void
child_ask_copy(struct child *c, int fd)
{
	MUST(c, c->copy_fd == 0);
	c->copy_fd = dup(fd);
	MUST(c, c->copy_fd > 0);
}

static void
forget(struct child *c)
{
	MUST(c, c->copy_fd > 0);
	close(c->copy_fd);
	c->copy_fd = 0;
}

void
child_drop_copy(struct child *c)
{
	int status;

	if (c->copier > 0) {
		MUST(c, kill(c->copier, SIGKILL) == 0);
		MUST(c, waitpid(c->copier, &status, 0) == c->copier);
		c->copier = 0;
	}
	if (c->copy_fd > 0)
		forget(c);
}

bool
world_copy_is_wanted(const struct child *c)
{
	return c->copy_fd > 0;
}

static pid_t
start(struct child *c, int fd)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(kv_copy(c->folder, c->config.map_size, fd) == 0 ? 0 :
		    1);
	MUST(c, pid > 0);
	return pid;
}

void
world_copy_ends(struct child *c, enum copy_end end)
{
	int status;

	if (end == COPY_DONE) {
		MUST(c, waitpid(start(c, c->copy_fd), &status, 0) > 0);
		MUST(c, status == 0);
	}
	if (c->copy_fd > 0)
		forget(c);
	c->callbacks->on_copied(c, end, true, c->arg);
	world_settle(c);
}

void
world_copy_hangs(struct child *c)
{
	int fds[2];
	char byte;

	MUST(c, pipe(fds) == 0);
	c->copier = start(c, fds[1]);
	close(fds[1]);
	MUST(c, read(fds[0], &byte, 1) == 1);
	/* It holds the reading end itself, and waits for ever. */
	close(fds[0]);
}

bool
world_copy_hangs_yet(const struct child *c)
{
	return c->copier > 0;
}
