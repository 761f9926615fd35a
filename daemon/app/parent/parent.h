/* SPDX-License-Identifier: ISC */
/*
 * The parent: forks the children, restarts who dies, hands them the ends of
 * their connections, passes signals on, starts a new generation of them when
 * the config is loaded anew, and stops them in order.  It reads no foreign
 * byte.
 */
#ifndef APP_PARENT_H
#define APP_PARENT_H

#include "app/child.h"

struct buf;
struct generation;
struct metrics;
struct proc_user;

/* Where further generations come from. */
struct parent_source {
	/*
	 * In a process of its own, with the fd of an empty file: saves there
	 * what `load` needs and returns 0; or the lines on what is wrong, 1.
	 */
	int (*try)(const void *arg, int fd);
	/* Of that, which it takes: NULL after adding lines to `error`. */
	struct generation *(*load)(const void *arg, int fd,
	    const struct generation *former, struct buf *error);
	const void *arg;
	const char *path;	/* what is read, for what isn't its fault */
};

/* Borrowed, but for what is said to be taken. */
struct parent_setup {
	struct generation *first;	/* taken */
	int secret;			/* taken */
	struct metrics *metrics;	/* NULL: nothing is counted */
	const struct proc_user *user;	/* NULL: stay who we are */
	const struct parent_source *source;
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
