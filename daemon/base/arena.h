/* SPDX-License-Identifier: ISC */
/*
 * Memory that is all freed at once: what lives as long as one turn of work.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/slice.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *);
/* All that it gave is gone; it keeps one block for what comes next. */
void arena_reset(struct arena *);
/* Zeroed, aligned for any type; dies with the arena. */
void *arena_alloc(struct arena *, size_t size);
/* Copies, with a NUL behind them. */
struct slice arena_copy(struct arena *, struct slice);
char *arena_text(struct arena *, const char *text);

#endif
