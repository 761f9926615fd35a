/* SPDX-License-Identifier: ISC */
/*
 * A generation: one reading of the config, and the processes that work by it.
 * A reload starts another; when that serves, the one before it leaves.  The
 * engine belongs to none: it takes each generation's config when it comes.
 */
#ifndef APP_GENERATION_H
#define APP_GENERATION_H

#include <sys/queue.h>

#include <stddef.h>
#include <stdint.h>

#include "app/parent/sockets.h"
#include "app/settings.h"
#include "base/log.h"

struct certificates;
struct member;

/* Waiting: for the engine to take its settings. */
enum generation_state { GENERATION_WAITING, GENERATION_STARTING,
	GENERATION_SERVING, GENERATION_LEAVING };

/* All of it is its own; an fd of -1 isn't there. */
struct generation {
	TAILQ_ENTRY(generation) link;
	uint32_t number;
	enum generation_state state;
	struct settings settings;
	struct certificates *certificates;
	struct sockets sockets;
	int kept;		/* what io/files kept of the settings */
	int password;		/* the mail server's */
	int log;		/* as log_follow takes it, until it serves */
	enum log_level log_level;
	unsigned web_processes;
	struct member *members;
	size_t member_count;
};

/* Nothing in it yet. */
struct generation *generation_new(void);
/* This process logs as its config says, from now on. */
void generation_log(struct generation *);
/*
 * Frees what new processes would need; those that there are go on.  Leaves
 * its sockets alone.
 */
void generation_retire(struct generation *);
/* Closes and frees all of it; NULL is fine. */
void generation_free(struct generation *);

#endif
