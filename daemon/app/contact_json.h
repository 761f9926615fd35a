/* SPDX-License-Identifier: ISC */
/*
 * All that is known of one address as JSON: for the administrator, and for
 * the person.
 */
#ifndef APP_CONTACT_JSON_H
#define APP_CONTACT_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "core/message.pb-c.h"

struct json;

/* Contact, subscriptions, suppressions and events; owned. */
struct json *contact_json(const Message__Contact *);

/* A time as RFC 3339, or null for 0. */
void contact_json_put_time(struct json *object, const char *name,
    int64_t wall_us);
/* {"name": "value", …}. */
void contact_json_put_pairs(struct json *object, const char *name,
    Fact__Pair *const *pairs, size_t count);
/* ["item", …]. */
void contact_json_put_strings(struct json *object, const char *name,
    char *const *item, size_t count);

#endif
