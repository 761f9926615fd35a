/* SPDX-License-Identifier: ISC */
/*
 * When the database is compacted (app/engine/store_compact.h): once something
 * was deleted, after as long as the config lets it stay in the file; or when
 * the administrator wants it.
 */
#ifndef APP_COMPACT_H
#define APP_COMPACT_H

#include <stdbool.h>
#include <stdint.h>

#include "app/child_copy.h"
#include "core/message.pb-c.h"

struct compact;
struct engine;
struct peer;
struct turn;

struct compact *compact_new(void);
void compact_free(struct compact *);

/* Its row in meta: asks for it while gathering; reads it. */
void compact_gather(struct turn *);
void compact_load(struct turn *);
/* Before the commit of a turn: notes that something is deleted by it. */
void compact_note(struct turn *);
/*
 * Begins what is due, gives up what can't go on.  To be asked between turns;
 * when next: microseconds, INT64_MAX for not by time.
 */
int64_t compact_look(struct engine *, int64_t now);
/* A copy has ended, the own one or another's. */
void compact_on_copied(struct engine *, enum copy_end, bool own);
/* The engine stops: there is to be no more of it. */
void compact_stop(struct engine *);

/* The administrator's order: answered at the end.  Takes the question. */
void compact_order(struct engine *, struct peer *, Message__Envelope *);
/* Borrowed, to be told. */
Fact__Compaction *compact_last(const struct engine *);
bool compact_is_on(const struct engine *);

#endif
