/* SPDX-License-Identifier: ISC */
/*
 * The copier of an engine's world: a copy is made when the test says so.
 */
#ifndef APP_ENGINE_WORLD_COPY_H
#define APP_ENGINE_WORLD_COPY_H

#include "app/engine/engine_world.h"

/* Has the engine asked for a copy that has not ended? */
bool world_copy_is_wanted(const struct child *);
/* It ends like this: COPY_DONE after it was made by a process of its own. */
void world_copy_ends(struct child *, enum copy_end);
/*
 * A copier that begins and gets no further, until the engine has the copy
 * dropped: then world_copy_hangs_yet is false.
 */
void world_copy_hangs(struct child *);
bool world_copy_hangs_yet(const struct child *);

#endif
