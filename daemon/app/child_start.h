/* SPDX-License-Identifier: ISC */
/*
 * Between the parent and a child: what a child starts with, and the messages
 * on its control channel.  For parent.c and child.c alone.
 */
#ifndef APP_CHILD_START_H
#define APP_CHILD_START_H

#include <stdint.h>

#include "app/child.h"

enum control_type {
	CONTROL_PEER = 1,	/* role, index, and an fd */
	CONTROL_STOP,
	CONTROL_LEAVE,
	CONTROL_REPORT,		/* report */
	CONTROL_LOG,		/* index: the level; role: an enum control_log,
				 * and a file's fd */
	CONTROL_SETTINGS,	/* index: the generation; and an fd */
	CONTROL_LOAD,		/* load; why: a file's fd, or none */
	CONTROL_COPIED,		/* index: enum copy_end; role: 1: its own */
	/* These a child sends: */
	CONTROL_READY,
	CONTROL_TOOK,		/* index: the generation; role: 1; 0: can't */
	CONTROL_LEFT,		/* it takes no new work any more */
	CONTROL_RELOAD,
	CONTROL_COPY,		/* and an fd */
	CONTROL_DROP_COPY,
};

enum control_log { CONTROL_LOG_STDERR, CONTROL_LOG_SYSLOG,
	CONTROL_LOG_FILE };

/* Nowhere is padding in it: that would be whatever the sender's stack holds. */
struct control {
	uint32_t type;
	uint32_t role;
	uint32_t index;
	uint32_t zero;
	struct child_report report;
	struct child_load load;
};

/* The fds are taken, the rest is borrowed. */
struct child_start {
	enum role role;
	unsigned index;
	uint32_t generation;
	int control;
	const struct config *config;
	const struct templates *templates;
	const int *listeners;
	int listener_count;
	struct certificates *certificates;
	struct metrics *metrics;	/* NULL: none */
	int secret;		/* -1 for all but the engine */
	int password;		/* the mailer's; -1: none */
	int copy;		/* -1 for all but the copier */
	/* Enters the sandbox, before the loop runs; NULL: there is none. */
	int (*confine)(enum role, const struct config *);
};

/* Makes a child with a loop of its own, runs its main, returns its status. */
int child_main(const struct child_start *, int (*main)(struct child *));

#endif
