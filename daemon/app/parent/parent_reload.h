/* SPDX-License-Identifier: ISC */
/*
 * Loading the config anew, all or nothing.  A process of its own tries it; the
 * parent loads what that one read; the engine takes it; new processes start;
 * and when all are ready the former generation leaves, which is when whoever
 * asked is told.  When a step before that fails, the engine goes back and the
 * former generation goes on.
 */
#ifndef APP_PARENT_RELOAD_H
#define APP_PARENT_RELOAD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "app/child_report.h"
#include "base/buf.h"

struct generation;
struct member;
struct parent;

enum reload_state { RELOAD_NONE, RELOAD_TRYING, RELOAD_TELLING,
	RELOAD_STARTING, RELOAD_LEAVING, RELOAD_UNDOING };

struct reload {
	enum reload_state state;
	bool wanted;		/* once more, when this one has ended */
	bool again;		/* the engine was lost on the way once */
	pid_t trial;		/* 0: not running */
	int fd;			/* what the trial writes to; -1: none */
	int64_t deadline_ms;	/* of trying, starting and leaving */
	struct generation *next;	/* NULL, or what is to serve */
	struct generation *former;	/* NULL, or what leaves for it */
	uint32_t numbers;	/* of generations: the last one */
	struct child_load load;	/* how it went last, but for its `why` */
	struct buf why;
};

void parent_reload_init(struct parent *p);
void parent_reload_fini(struct parent *p);
/* A signal's wish, or a member's, who hears how it went; NULL: nobody. */
void parent_reload_want(struct parent *p, struct member *by);
/* Begins if one is wanted and can begin, and sees to the deadline. */
void parent_reload_look(struct parent *p, int64_t now_ms);
/* When to look again; INT64_MAX: when something happens. */
int64_t parent_reload_due(const struct parent *p);

/* These return at once when it isn't about the reload. */
bool parent_reload_on_death(struct parent *p, pid_t pid, int wait_status);
void parent_reload_on_end(struct parent *p, struct member *m,
    int wait_status);
void parent_reload_on_took(struct parent *p, uint32_t generation,
    bool taken);
void parent_reload_on_ready(struct parent *p);
void parent_reload_on_left(struct parent *p);
/* The parent stops: nobody waits any longer. */
void parent_reload_abandon(struct parent *p);
/* Tells an admin process how it went last. */
void parent_reload_tell(struct parent *p, struct member *admin);

#endif
