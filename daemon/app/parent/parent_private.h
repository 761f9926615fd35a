/* SPDX-License-Identifier: ISC */
/*
 * What the parent's files share: parent.c (the loop, signals), parent_fork.c
 * (becoming a child), parent_reload.c and parent_reload_end.c (the next
 * generation), parent_stop.c (stopping), member.c (one process: start,
 * connections, death) and member_talk.c (what is said to it, and what it
 * says).
 */
#ifndef APP_PARENT_PRIVATE_H
#define APP_PARENT_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/child_start.h"
#include "app/parent/generation.h"
#include "app/parent/parent.h"
#include "app/parent/parent_reload.h"
#include "io/proc.h"

struct event;
struct event_base;
struct parent;

/* One process, running or waiting for its next start. */
struct member {
	struct parent *parent;
	struct generation *generation;	/* NULL: the engine */
	enum role role;
	unsigned index;
	pid_t pid;		/* 0: not running */
	int control;
	struct event *on_control;
	bool ready, left;
	uint32_t reloads, answering;	/* it asked for; and hears of next */
	uint32_t restarts;
	int64_t started_ms;	/* monotonic */
	int64_t started_at;	/* wall, microseconds */
	int64_t due_ms;		/* of the next start */
	struct proc_backoff backoff;
};

enum parent_state { PARENT_STARTING, PARENT_READY, PARENT_STOPPING,
	PARENT_FAILED };

struct parent {
	const struct parent_setup *setup;
	struct event_base *base;
	struct event *on_signal, *on_time, *on_watchdog;
	int signal_fd;
	enum parent_state state;
	int stop_rank;		/* those up to it were told to stop */
	int64_t deadline_ms;	/* of those that were told */
	struct member engine;
	TAILQ_HEAD(generations, generation) generations;	/* by age */
	struct generation *serving;	/* at first the one that starts */
	struct reload reload;
};

/* All of them, the engine first: NULL, then the one before. */
struct member *parent_next(const struct parent *p, const struct member *m);
/* Makes its members, and adds it. */
void parent_add(struct parent *p, struct generation *g);
void parent_log_listeners(const struct parent *p, const char *event);

/*
 * Forks it and connects it with those it talks to.  True in the child, whose
 * end of the control channel is *ret_control.
 */
bool member_start(struct member *m, int *ret_control);
/* Notes that it is dead, and when it is to start again. */
void member_died(struct member *m, int wait_status);
/* New ends of a connection, if both are running. */
void member_connect(struct member *engine, struct member *other);
/* Drops the channel: a child ends when it sees that. */
void member_drop(struct member *m);
/* "web0", "engine". */
void member_name(const struct member *m, char ret_name[CHILD_NAME_SIZE]);
/* A member said that it is ready. */
void parent_on_ready(struct parent *p);

/* In the new process: takes the parent apart and goes its own way. */
int parent_become(struct parent *p, struct member *m, int control);

/* Stops all, in order; a second time: at once. */
void parent_stop(struct parent *p, const char *signal_name);
/* A child's end, whoever it was. */
void parent_on_death(struct parent *p, pid_t pid, int wait_status);
/* Kills who outstays the deadline; true once none is left. */
bool parent_has_ended(struct parent *p, int64_t now_ms);

#endif
