/* SPDX-License-Identifier: ISC */
/*
 * A library that is loaded before all others (LD_PRELOAD) and stands between
 * a process and the system: it makes the n-th call of a kind fail, be short,
 * or be the last one of its process, and moves clocks.
 *
 * The page that tells it what to do is a file, named in the environment, that
 * the test writes to at any time; all processes of a daemon share it, and map
 * it before any of them is confined.  Without that file nothing happens.
 */
#ifndef FAULT_SHIM_H
#define FAULT_SHIM_H

#include <stdatomic.h>
#include <stdint.h>

#define SHIM_FILE "ASSENT_FAULTS"	/* in the environment */
/* It stays open as this, for the program that the mailer starts, which may
 * open nothing. */
enum { SHIM_FD = 900 };

/* Who calls: known by the name that a child gives itself (PR_SET_NAME); that
 * program by its own. */
enum shim_role { SHIM_PARENT, SHIM_ENGINE, SHIM_MAILER, SHIM_ADMIN, SHIM_WEB,
	SHIM_SMTP, SHIM_OTHER, SHIM_ROLES };

/* Files, sockets and all else (pipes, terminals) are told apart. */
enum shim_kind {
	SHIM_WRITE, SHIM_READ, SHIM_SEND, SHIM_RECEIVE, SHIM_PUT, SHIM_GET,
	SHIM_SYNC, SHIM_SIZE, SHIM_OPEN, SHIM_NAME, SHIM_MAP, SHIM_ACCEPT,
	SHIM_CONNECT, SHIM_FORK, SHIM_MEMORY
};

enum shim_action {
	SHIM_FAIL,		/* with that errno, without having done it */
	SHIM_SHORT,		/* half of it is done, where that can be */
	SHIM_END_BEFORE,	/* the process ends, as if by kill -9 */
	SHIM_END_AFTER
};

/* An end of ours is a status, so that each signal seen is a crash. */
enum { SHIM_STATUS = 137 };

/* Numbers of 64 bits each, so that any language writes them. */
struct shim_page {
	_Atomic int64_t armed;	/* the rest is read while this is 1 */
	int64_t roles, kinds;	/* bits: 1 << role, 1 << kind */
	int64_t nth;		/* of those calls, from 1; 0: none */
	int64_t sticky;		/* and all after it */
	int64_t action, error;
	_Atomic int64_t count, hits;	/* since it was armed */
	struct {
		_Atomic int64_t monotonic, wall;	/* nanoseconds */
	} ahead[SHIM_ROLES];
};

/* What is to become of a call. */
enum shim_verdict { SHIM_PASS, SHIM_FAILED, SHIM_HALF, SHIM_LAST };

/* Counts the call.  SHIM_FAILED: errno is set. */
enum shim_verdict shim_judge(enum shim_kind);
/* SHIM_WRITE, SHIM_SEND or SHIM_PUT, or their counterparts. */
enum shim_kind shim_kind_of(int fd, enum shim_kind file);
/* After a call that was the last one. */
_Noreturn void shim_end(void);

#endif
