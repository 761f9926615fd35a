/* SPDX-License-Identifier: ISC */
/*
 * What must be there before anything is forked: the user to become, the
 * database's folder, the secret file, what the mail server wants, the
 * sockets (bound here, or by a service manager), certificates and their keys,
 * the log.
 */
#ifndef APP_LAUNCH_H
#define APP_LAUNCH_H

#include <stdbool.h>

#include "io/proc.h"

struct buf;
struct certificates;
struct config;
struct passed;

/* Plain values; the fds are open. */
struct launch {
	bool changes_user;
	struct proc_user user;
	int *listeners;		/* one for each listener of the config */
	int listener_count;
	int admin_listeners[2];	/* the socket; metrics, if configured */
	int admin_listener_count;
	int secret;
	int password;		/* the mail server's; -1: none is needed */
	struct certificates *certificates;
	struct passed *passed;	/* what the service manager bound */
};

/*
 * Gets it all; -1 after adding one line on what is wrong to `error`.  Either
 * way give it to launch_fini.
 */
int launch_init(struct launch *, const struct config *, bool debug,
    struct buf *error);
/* Frees the memory; the fds are whoever's took them. */
void launch_fini(struct launch *);
/*
 * Removes the files of the sockets that nobody listens on any more, at the
 * end of the parent: the next one may already be there.  A service manager's
 * stay.
 */
void launch_remove_sockets(const struct launch *, const struct config *);

#endif
