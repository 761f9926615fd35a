/* SPDX-License-Identifier: ISC */
/*
 * A database with rows of each kind: of those who stay, leave, wait, deny, are
 * erased, suppressed and told that they are subscribed already.
 */
#ifndef APP_ENGINE_WORLD_FULL_H
#define APP_ENGINE_WORLD_FULL_H

#include "app/engine/engine_world_admin.h"

enum { WORLD_PEOPLE = 24 };

/* Has the engine make it, in a life of its own. */
void world_fill(struct child *);
/* A post of NAME@example.org for a list, with a cookie of its own. */
void world_post_for(struct child *, const char *name, int list);

/* A seed, printed: $ASSENT_SEED, or a new one; and numbers from it. */
uint64_t world_seed(void);
uint64_t world_random(uint64_t *seed);

#endif
