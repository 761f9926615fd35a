/* SPDX-License-Identifier: ISC */
/*
 * The parent: forks the children, restarts who dies, hands them the ends of
 * their connections, passes signals on, and stops them in order.  It reads no
 * foreign byte.
 */
#ifndef APP_PARENT_H
#define APP_PARENT_H

#include "app/child.h"

struct certificates;
struct metrics;
struct proc_user;

/* Borrowed, but for the fds, which are taken. */
struct parent_setup {
	const struct config *config;
	const struct templates *templates;
	const int *listeners;		/* of the web processes */
	int listener_count;
	const int *admin_listeners;	/* the socket, then metrics if any */
	int admin_listener_count;
	int secret;
	int password;			/* -1: none */
	struct certificates *certificates;	/* NULL: none */
	struct metrics *metrics;		/* NULL: none */
	unsigned web_processes;
	const struct proc_user *user;	/* NULL: stay who we are */
	int (*const *mains)(struct child *);	/* by role */
	/* Where each child ends its set-up; NULL: no sandbox. */
	int (*confine)(enum role, const struct config *);
};

/*
 * Runs until told to stop.  Returns in the children too, with their exit
 * status: the caller cleans up its memory and exits with it, in either case.
 */
int parent_run(const struct parent_setup *);

#endif
