/* SPDX-License-Identifier: ISC */
/*
 * Starting another program with descriptors of its own.
 */
#ifndef IO_SPAWN_H
#define IO_SPAWN_H

#include <sys/types.h>

#include <stddef.h>

enum { SPAWN_FD_FIRST = 3 };

/*
 * Starts argv[0], a path, with the given descriptors as SPAWN_FD_FIRST and
 * so on, besides 0, 1 and 2; all others must be close-on-exec.  The caller
 * keeps its own.  A pid, or negative errno.
 */
pid_t spawn_program(const char *const argv[], const int fds[],
    size_t fd_count);
/* Kills it, whatever it does, and waits for it. */
void spawn_end(pid_t pid);

#endif
