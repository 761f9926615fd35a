/* SPDX-License-Identifier: ISC */
/*
 * What a process gives up for good, once it has what it needs: a table of the
 * system calls that are left to it (seccomp), of the places it may still open
 * and the ports it may connect to (Landlock), limits, and its capabilities.
 * What the kernel hasn't got of these is left out.
 */
#ifndef IO_SANDBOX_H
#define IO_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct sandbox;

/*
 * Groups of calls, as bits.  What belongs to none (to work with what is open,
 * with memory, time and signals) everybody has.
 */
enum sandbox_calls {
	SANDBOX_OPEN = 1 << 0,		/* open and look for files */
	SANDBOX_CHANGE = 1 << 1,	/* make, rename, remove, flush them */
	SANDBOX_ACCEPT = 1 << 2,	/* accept connections */
	SANDBOX_CONNECT = 1 << 3,	/* TCP and UDP sockets of its own */
	SANDBOX_SYSLOG = 1 << 4,	/* Unix datagram sockets */
	SANDBOX_THREAD = 1 << 5,	/* threads */
	SANDBOX_FORK = 1 << 6,		/* processes: start, kill, wait */
	SANDBOX_EXEC = 1 << 7,		/* other programs */
	SANDBOX_MANAGE = 1 << 8,	/* users, listening, a new sandbox */
};

/* What may be done with a file, or with all below a folder. */
enum sandbox_use {
	SANDBOX_READ,
	SANDBOX_RUN,		/* read and execute */
	SANDBOX_WRITE,		/* everything but to execute */
};

/* None of the places but those that are allowed; owned. */
struct sandbox *sandbox_new(unsigned calls);
void sandbox_free(struct sandbox *);
void sandbox_allow_calls(struct sandbox *, unsigned calls);
/* All places and ports stay as they are: for who can't know them before. */
void sandbox_allow_anywhere(struct sandbox *);
/* A path, of which a copy is kept; one that isn't there at the entry is
 * forgotten, and made later it stays closed. */
void sandbox_allow_path(struct sandbox *, const char *path,
    enum sandbox_use);
/* To connect to by TCP. */
void sandbox_allow_port(struct sandbox *, uint16_t port);

/*
 * Enters it: no core dumps, nothing to be read by others of the same user
 * through /proc, no new privileges, only the capabilities of that set, and no
 * processes unless SANDBOX_FORK or SANDBOX_THREAD is allowed.
 *
 * A call that isn't allowed fails, with EPERM or ENOSYS.  One that no honest
 * program tries (another program, another user, another's memory, the kernel
 * itself) ends the process by SIGSYS, with a line in the log that names it;
 * with SANDBOX_MANAGE it fails like the others.  0, or negative errno: then it
 * must not go on.
 */
int sandbox_enter(const struct sandbox *, uint64_t capabilities);

/*
 * What this kernel and this build have of it, such as "seccomp landlock-7";
 * "none".  To be asked before entering one.  True: it is all there.
 */
bool sandbox_describe(struct buf *out);

#endif
