/* SPDX-License-Identifier: ISC */
/*
 * The engine's wall clock, and what is done when it jumps (core/steady.h):
 * it is told in the log and in the status, nothing ends by it, and mail that
 * waits for a time that went far away is tried at once.
 */
#ifndef APP_WALL_H
#define APP_WALL_H

#include <stdint.h>

struct engine;

/* Before the first look: what the database knows of the last process's. */
void wall_start(struct engine *, int64_t seen);
/* Looks at the clock: what it shows. */
int64_t wall_look(struct engine *);
/* Whatever ended until then is over; as of the last look. */
int64_t wall_past(const struct engine *);
/* What the next process is to know. */
int64_t wall_seen(const struct engine *);
/* Once a minute: keeps that up when nothing else is written. */
void wall_note(struct engine *);

#endif
