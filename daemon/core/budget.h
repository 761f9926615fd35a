/* SPDX-License-Identifier: ISC */
/*
 * Budgets: how often something may happen for a key (a network, a mailbox)
 * within the sliding windows of a limit.  Never more than the limit says;
 * windows of more than 16 events are counted in steps of 1/15 of their time,
 * and may open up to one step late.  What a clock that was wrong put further
 * ahead than its window is long counts from when that is seen.  Memory is
 * bounded: when all places are taken, the key whose last event is oldest makes
 * room.
 */
#ifndef CORE_BUDGET_H
#define CORE_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "core/limit.h"

struct budget;

/* For at most `capacity` keys (at least 1); copies the limit.  Owned. */
struct budget *budget_new(const struct limit *limit, size_t capacity);
void budget_free(struct budget *budget);

/*
 * Whether one more is allowed now (seconds since 1970, or any clock); if so
 * it is counted.  If not, *ret_retry_after is the seconds to wait, >= 1;
 * else 0.
 */
bool budget_take(struct budget *budget, uint64_t key, int64_t now_s,
    uint32_t *ret_retry_after);
/* The same answer, nothing counted. */
bool budget_peek(struct budget *budget, uint64_t key, int64_t now_s,
    uint32_t *ret_retry_after);
/* How many more are allowed now; UINT32_MAX when there is no limit. */
uint32_t budget_room(struct budget *budget, uint64_t key, int64_t now_s);
/* How much of the fullest window is used up: percent, rounded up. */
unsigned budget_percent(struct budget *budget, uint64_t key, int64_t now_s);
/* Would what happened then still count now? */
bool budget_counts(const struct budget *budget, int64_t when_s,
    int64_t now_s);
/* Counts what happened at that time, allowed or not: for a new start. */
void budget_note(struct budget *budget, uint64_t key, int64_t when_s);
/* Counts from nothing again for that key. */
void budget_forget(struct budget *budget, uint64_t key);
/* How many keys it holds, expired ones too. */
size_t budget_key_count(const struct budget *budget);

/*
 * Keys of a text (address_budget_key's), of an IP's network (IPv4 /32, IPv6
 * /64), and of the site it is part of (/24, /48).  The seed is random, so that
 * nobody can make keys collide.
 */
uint64_t budget_text_key(struct slice text, uint64_t seed);
uint64_t budget_network_key(const char *ip, uint64_t seed);
uint64_t budget_site_key(const char *ip, uint64_t seed);

#endif
