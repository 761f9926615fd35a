/* SPDX-License-Identifier: ISC */
/*
 * The engine's answers as the JSON that the admin socket promises.
 */
#ifndef APP_ADMIN_JSON_H
#define APP_ADMIN_JSON_H

#include "app/child.h"
#include "core/message.pb-c.h"

struct config;
struct json;

/* Each returns an owned object. */

/* One subscription of a listing; links start with base_url. */
struct json *admin_json_row(const Message__Subscription *,
    const char *base_url);
struct json *admin_json_queue(const Message__Queue *);
/* Adds what the engine tells: each configured list's counts, and so on. */
void admin_json_put_status(struct json *object, const Message__Status *,
    const struct config *);
struct json *admin_json_attack(const Message__Attack *);
/* When the database was compacted, and what became of it. */
struct json *admin_json_compaction(const Fact__Compaction *);
/* How reading the config went. */
struct json *admin_json_load(const struct child_load *);
/* One process of the tree. */
struct json *admin_json_process(const struct child_report *);

#endif
