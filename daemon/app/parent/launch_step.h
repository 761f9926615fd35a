/* SPDX-License-Identifier: ISC */
/*
 * A launch is made of steps, which stop at the first that fails.  For
 * launch.c (once and for all), launch_load.c (a generation's) and
 * launch_reload.c alone.
 */
#ifndef APP_LAUNCH_STEP_H
#define APP_LAUNCH_STEP_H

#include <sys/types.h>

#include "app/parent/launch.h"

struct config;
struct sockets;

struct launch_step {
	const struct launch *launch;
	struct generation *generation;
	const struct generation *former;	/* NULL: the first is made */
	const struct config *config;
	struct buf *error;
};

/* FILE:LINE: what is wrong and what would be right. */
void launch_say(const struct launch_step *, unsigned line, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
/* Whom to become; NULL: nobody else. */
const struct proc_user *launch_user(const struct launch *);
/* Makes one level of folder, the user's own; fine if it is there. */
int launch_make_folder(const struct launch_step *, const char *path,
    mode_t mode);

/* The generation's log, to be followed by whoever works by it. */
int launch_open_log(struct launch_step *);
/* The generation's settings were read: gets all else.  0, or -1. */
int launch_fill(struct launch_step *);

#endif
