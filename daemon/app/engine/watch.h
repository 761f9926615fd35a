/* SPDX-License-Identifier: ISC */
/*
 * The engine's watch for attacks: tells core/attack.h what happens, and others
 * what it found: the price of a post, the log, the owner.  What it knows
 * outlives the process in a row of meta, which is at most a minute old.
 */
#ifndef APP_WATCH_H
#define APP_WATCH_H

#include <stdbool.h>

#include "app/engine/turn.h"
#include "core/attack.h"
#include "core/price.h"
#include "core/record.pb-c.h"

struct engine;
struct watch;

struct watch *watch_new(struct engine *);
void watch_free(struct watch *);

/* A post was taken, or has to show more.  Times are microseconds. */
void watch_post(struct engine *, const Message__Subscribe *, bool is_taken,
    int64_t now);
/* What became of one about lists, which was mailed (or would have been) at
 * that time. */
void watch_request(struct engine *, const Record__Request *,
    enum attack_fact, int64_t when, int64_t now);
/* How a post comes, and how all do. */
enum price_mood watch_mood_of_post(const struct engine *,
    const Message__Subscribe *);
enum price_mood watch_mood(const struct engine *);
/* Once a minute. */
void watch_look(struct engine *, int64_t now);

/* By the administrator's word, until it is auto again: written with the
 * turn. */
void watch_set_mode(struct turn *, Record__Watch__Mode);
Record__Watch__Mode watch_mode(const struct engine *);
/* All that isn't calm. */
void watch_each(const struct engine *, int64_t now, attack_callback,
    void *arg);

/* Within the start's turn: wants the row, and reads it. */
void watch_gather(struct turn *);
void watch_load(struct turn *);
/* Writes it; or queues that, if there is anything new. */
void watch_put(struct turn *);
void watch_save(struct engine *);

#endif
