/* SPDX-License-Identifier: ISC */
/*
 * What the tests of budgets do with an engine: post from here and there, and
 * see which mails go and how many wait.
 */
#ifndef APP_ENGINE_WORLD_HELD_H
#define APP_ENGINE_WORLD_HELD_H

#include "app/engine/engine_world.h"

/* Sets limits.per_domain and limits.total, for the lives to come. */
void world_limit(struct child *, const char *per_domain, const char *total);
/* Asks for "daily" from there; `origin` is base_url's or "". */
void world_post_from(struct child *, const char *address, const char *ip,
    const char *origin);
/* The same from an address that is nothing special. */
void world_post_one(struct child *, const char *address);
/* All that comes now, each delivered: their names before the @; borrowed. */
const char *world_all_mail(struct child *);
/* The same once so many microseconds have passed. */
const char *world_mail_after(struct child *, int64_t us);
/* So many have to be held back, by either. */
void world_expect_held(struct child *, uint64_t by_total, uint64_t by_domain);

#endif
