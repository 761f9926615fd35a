/* SPDX-License-Identifier: ISC */
/*
 * What a test asks of the engine as the administrator.
 */
#ifndef APP_ENGINE_WORLD_ADMIN_H
#define APP_ENGINE_WORLD_ADMIN_H

#include "app/engine/engine_world.h"

/* Asks as admin; borrowed until the next question. */
const Message__Envelope *world_ask_admin(struct child *,
    Message__Envelope *question, Message__Envelope__BodyCase answer);
/* The outbox, or one mail of it, 0: all; borrowed as well. */
const Message__Queue *world_ask_queue(struct child *,
    Message__QueueQuery__Action, uint64_t sequence);
/* Has an address erased. */
const Message__Acted *world_erase(struct child *, const char *address,
    bool all, bool suppress);
/* Has it suppressed for a reason, such as "complaint"; NULL: no more. */
const Message__Acted *world_suppress(struct child *, const char *address,
    const char *reason);
/* What admin is shown of an address; borrowed until the next question. */
const Message__Contact *world_ask_show(struct child *, const char *address);
/* The same with what was sealed. */
const Message__Contact *world_ask_proof(struct child *, const char *address);
/* The same as a line: states, then events; borrowed until the next call. */
const char *world_show(struct child *, const char *address);
/* In how many rows of any table a text stands. */
size_t world_rows_with(struct child *, const char *text);

#endif
