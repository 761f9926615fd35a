/* SPDX-License-Identifier: ISC */
/*
 * On posix_spawn, which doesn't copy the caller's memory.
 */
#include "io/spawn.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

enum { FDS_MAX = 4, ABOVE = 64 };

/*
 * The targets may be taken by the sources themselves: so first copies above
 * both, closed by exec, then each to its place.
 */
static int
plan(posix_spawn_file_actions_t *actions, const int fds[], size_t fd_count,
    int ret_copies[])
{
	for (size_t i = 0; i < fd_count; i++)
		ret_copies[i] = -1;
	for (size_t i = 0; i < fd_count; i++) {
		int error;

		ret_copies[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, ABOVE);
		if (ret_copies[i] < 0)
			return errno;
		error = posix_spawn_file_actions_adddup2(actions,
		    ret_copies[i], SPAWN_FD_FIRST + (int)i);
		if (error != 0)
			return error;
	}
	return 0;
}

/* posix_spawn wants strings that could be written to, and writes none. */
static char *const *
writable(const char *const argv[])
{
	union {
		const char *const *in;
		char *const *out;
	} u = { .in = argv };

	return u.out;
}

pid_t
spawn_program(const char *const argv[], const int fds[], size_t fd_count)
{
	posix_spawn_file_actions_t actions;
	int copies[FDS_MAX], error;
	pid_t pid = -1;

	if (fd_count > FDS_MAX)
		return -EINVAL;
	error = posix_spawn_file_actions_init(&actions);
	if (error != 0)
		return -error;
	error = plan(&actions, fds, fd_count, copies);
	if (error == 0)
		error = posix_spawn(&pid, argv[0], &actions, NULL,
		    writable(argv), environ);
	for (size_t i = 0; i < fd_count; i++) {
		if (copies[i] >= 0)
			(void)close(copies[i]);
	}
	(void)posix_spawn_file_actions_destroy(&actions);
	return error != 0 ? -error : pid;
}

void
spawn_end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}
