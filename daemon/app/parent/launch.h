/* SPDX-License-Identifier: ISC */
/*
 * What must be there before anything is forked.  Once and for all: the user
 * to become, the database's folder, the secret file.  For each generation: the
 * log, certificates and their keys, what the mail server wants, the sockets
 * (bound here, or by a service manager).
 */
#ifndef APP_LAUNCH_H
#define APP_LAUNCH_H

#include <stdbool.h>
#include <stdint.h>

#include "io/proc.h"

struct buf;
struct files;
struct generation;
struct passed;

/* Plain values. */
struct launch {
	bool debug;		/* whatever the config says of the log */
	bool changes_user;
	struct proc_user user;
	char *user_name;	/* owned, the user's */
	int secret;		/* an open fd */
	struct passed *passed;	/* what the service manager bound */
	/* What was started with, and can't change any more. */
	char *path;		/* of the config */
	char *database, *secret_file, *config_user;
	uint64_t map_size;
	bool has_syslog;
};

/*
 * Gets it all, and the first generation, whose settings were read; -1 after
 * adding lines on what is wrong to `error`.  Either way give it to
 * launch_fini, and the generation to generation_free.
 */
int launch_init(struct launch *, struct generation *first, bool debug,
    struct buf *error);
/* Frees the memory; the fd is whoever's took it. */
void launch_fini(struct launch *);

/*
 * In a process of its own, as a crash or a leak is nothing there: reads and
 * tries all that a reload needs, and saves what was read to the fd, or the
 * lines on what is wrong.  The exit status: 0 or 1.
 */
int launch_try(const struct launch *, int fd);
/*
 * A generation from what was saved to that fd, which it takes: what the
 * former has already is shared with it.  NULL after adding to `error`.
 */
struct generation *launch_load(const struct launch *, int kept,
    const struct generation *former, struct buf *error);

#endif
