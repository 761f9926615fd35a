/* SPDX-License-Identifier: ISC */
/*
 * Budgets: a hash table of fixed size whose entries also stand in a list by
 * the time of their last event, so that the oldest is found at once.  An
 * entry has, for each window of the limit, a few marks: a time and how many
 * events happened up to then since the mark before.
 */
#include "core/budget.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/ip.h"
#include "base/mem.h"
#include "base/siphash.h"

enum { MARKS_MAX = 16 };
/* Ends a chain and the list: there is no such entry. */
#define NONE UINT32_MAX

struct mark {
	uint32_t time;		/* of its last event; 0: unused */
	uint32_t count;
};

struct entry {
	uint64_t key;
	uint32_t next;		/* in its chain */
	uint32_t newer, older;	/* in the list */
};

struct budget {
	struct limit limit;
	uint32_t step[LIMIT_WINDOWS_MAX];	/* events this near share a
						 * mark, seconds */
	size_t first_mark[LIMIT_WINDOWS_MAX];	/* of a window, in an entry */
	size_t marks[LIMIT_WINDOWS_MAX];	/* how many a window has */
	size_t marks_per_entry;
	uint32_t capacity, used;
	uint32_t chain_mask;
	uint32_t *chain;	/* first entry of each */
	uint32_t newest, oldest;
	struct entry *entry;
	struct mark *mark;	/* marks_per_entry for each entry */
};

struct budget *
budget_new(const struct limit *limit, size_t capacity)
{
	struct budget *b = MEM_NEW(struct budget);
	size_t chains = 1;

	assert(capacity > 0 && capacity < NONE / 2);
	b->limit = *limit;
	for (size_t w = 0; w < limit->count; w++) {
		bool exact = limit->window[w].count <= MARKS_MAX;

		b->marks[w] = exact ? limit->window[w].count : MARKS_MAX;
		b->step[w] = exact ? 1 :
		    limit->window[w].seconds / (MARKS_MAX - 1) + 1;
		b->first_mark[w] = b->marks_per_entry;
		b->marks_per_entry += b->marks[w];
	}
	b->newest = b->oldest = NONE;
	if (limit->count == 0)
		return b;
	while (chains < capacity)
		chains *= 2;
	b->capacity = (uint32_t)capacity;
	b->chain_mask = (uint32_t)chains - 1;
	b->chain = mem_new(chains, sizeof(b->chain[0]));
	memset(b->chain, 0xff, chains * sizeof(b->chain[0]));
	b->entry = mem_new(capacity, sizeof(b->entry[0]));
	b->mark = mem_new(capacity * b->marks_per_entry, sizeof(b->mark[0]));
	return b;
}

void
budget_free(struct budget *b)
{
	if (b == NULL)
		return;
	free(b->chain);
	free(b->entry);
	free(b->mark);
	free(b);
}

size_t
budget_key_count(const struct budget *b)
{
	return b->used;
}

/* Keys are seeded hashes, but others' may not be: mix them once more. */
static uint32_t *
chain_of(const struct budget *b, uint64_t key)
{
	key = (key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15);
	return &b->chain[(uint32_t)(key >> 32) & b->chain_mask];
}

static uint32_t
find(const struct budget *b, uint64_t key)
{
	uint32_t i;

	if (b->limit.count == 0)
		return NONE;
	i = *chain_of(b, key);
	while (i != NONE && b->entry[i].key != key)
		i = b->entry[i].next;
	return i;
}

static void
list_remove(struct budget *b, uint32_t i)
{
	const struct entry *e = &b->entry[i];

	*(e->newer != NONE ? &b->entry[e->newer].older : &b->newest) =
	    e->older;
	*(e->older != NONE ? &b->entry[e->older].newer : &b->oldest) =
	    e->newer;
}

static void
list_add_newest(struct budget *b, uint32_t i)
{
	b->entry[i].newer = NONE;
	b->entry[i].older = b->newest;
	*(b->newest != NONE ? &b->entry[b->newest].newer : &b->oldest) = i;
	b->newest = i;
}

/* Makes room: the oldest has expired, or will be the first to. */
static uint32_t
evict_oldest(struct budget *b)
{
	uint32_t i = b->oldest;
	uint32_t *link = chain_of(b, b->entry[i].key);

	while (*link != i)
		link = &b->entry[*link].next;
	*link = b->entry[i].next;
	list_remove(b, i);
	return i;
}

static uint32_t
add(struct budget *b, uint64_t key)
{
	uint32_t i = b->used < b->capacity ? b->used++ : evict_oldest(b);
	uint32_t *chain = chain_of(b, key);

	b->entry[i] = (struct entry){ .key = key, .next = *chain };
	*chain = i;
	memset(&b->mark[i * b->marks_per_entry], 0,
	    b->marks_per_entry * sizeof(b->mark[0]));
	list_add_newest(b, i);
	return i;
}

/* Time as marks hold it: never 0, and good until 2106. */
static uint32_t
mark_time(int64_t s)
{
	if (s < 1)
		return 1;
	return s < UINT32_MAX ? (uint32_t)s : UINT32_MAX;
}

/*
 * A mark further ahead than its window is long is of a clock that was wrong:
 * it counts from now on, and not for as long as that was ahead.
 */
static void
window_settle(struct budget *b, uint32_t i, size_t w, uint32_t now)
{
	struct mark *m = &b->mark[i * b->marks_per_entry + b->first_mark[w]];
	size_t k = b->marks[w];

	if ((uint64_t)now + b->limit.window[w].seconds >= m[k - 1].time)
		return;
	while (k-- > 0 && m[k].time > now)
		m[k].time = now;
}

/* Seconds until window w of that entry has room again; 0: it has. */
static uint32_t
window_wait(const struct budget *b, uint32_t i, size_t w, uint32_t now)
{
	const struct mark *m = &b->mark[i * b->marks_per_entry +
	    b->first_mark[w]];
	uint32_t seconds = b->limit.window[w].seconds;
	uint64_t count = 0;

	/* From the newest on: the one that fills it has to go. */
	for (size_t k = b->marks[w]; k-- > 0;) {
		uint32_t age = now > m[k].time ? now - m[k].time : 0;

		if (m[k].time == 0 || age >= seconds)
			break;
		count += m[k].count;
		if (count >= b->limit.window[w].count)
			return seconds - age;
	}
	return 0;
}

/* How many events of window w still count. */
static uint64_t
window_used(const struct budget *b, uint32_t i, size_t w, uint32_t now)
{
	const struct mark *m = &b->mark[i * b->marks_per_entry +
	    b->first_mark[w]];
	uint64_t count = 0;

	for (size_t k = b->marks[w]; k-- > 0;) {
		uint32_t age = now > m[k].time ? now - m[k].time : 0;

		if (m[k].time == 0 || age >= b->limit.window[w].seconds)
			break;
		count += m[k].count;
	}
	return count;
}

static bool
is_same_step(const struct budget *b, size_t w, const struct mark *m,
    uint32_t when)
{
	return m->time != 0 && m->time / b->step[w] == when / b->step[w];
}

/* One more event at that time; marks stand in order, the newest last. */
static void
window_add(struct budget *b, uint32_t i, size_t w, uint32_t when)
{
	struct mark *m = &b->mark[i * b->marks_per_entry + b->first_mark[w]];
	size_t at = b->marks[w];

	while (at > 0 && m[at - 1].time > when)
		at--;
	if (at > 0 && is_same_step(b, w, &m[at - 1], when)) {
		m[at - 1].time = when;
		m[at - 1].count++;
	} else if (at < b->marks[w] && is_same_step(b, w, &m[at], when)) {
		m[at].count++;
	} else if (at > 0) {
		/* The oldest makes room; it counts no more, or is unused. */
		memmove(&m[0], &m[1], (at - 1) * sizeof(m[0]));
		m[at - 1] = (struct mark){ .time = when, .count = 1 };
	}
}

bool
budget_peek(struct budget *b, uint64_t key, int64_t now_s,
    uint32_t *ret_retry_after)
{
	uint32_t i = find(b, key), now = mark_time(now_s);
	uint32_t wait = 0, one;

	for (size_t w = 0; i != NONE && w < b->limit.count; w++) {
		window_settle(b, i, w, now);
		one = window_wait(b, i, w, now);
		if (one > wait)
			wait = one;
	}
	*ret_retry_after = wait;
	return wait == 0;
}

uint32_t
budget_room(struct budget *b, uint64_t key, int64_t now_s)
{
	uint32_t i = find(b, key), now = mark_time(now_s);
	uint64_t room = UINT32_MAX;

	for (size_t w = 0; w < b->limit.count; w++) {
		uint64_t used = 0, most = b->limit.window[w].count;

		if (i != NONE) {
			window_settle(b, i, w, now);
			used = window_used(b, i, w, now);
		}
		if (room > most - (used < most ? used : most))
			room = most - (used < most ? used : most);
	}
	return (uint32_t)room;
}

unsigned
budget_percent(struct budget *b, uint64_t key, int64_t now_s)
{
	uint32_t i = find(b, key), now = mark_time(now_s);
	uint64_t percent = 0;

	for (size_t w = 0; i != NONE && w < b->limit.count; w++) {
		uint64_t most = b->limit.window[w].count, one;

		window_settle(b, i, w, now);
		one = (window_used(b, i, w, now) * 100 + most - 1) / most;
		if (one > percent)
			percent = one;
	}
	return percent < UINT32_MAX ? (unsigned)percent : UINT32_MAX;
}

bool
budget_counts(const struct budget *b, int64_t when_s, int64_t now_s)
{
	for (size_t w = 0; w < b->limit.count; w++) {
		if (now_s - when_s < b->limit.window[w].seconds)
			return true;
	}
	return false;
}

void
budget_note(struct budget *b, uint64_t key, int64_t when_s)
{
	uint32_t i = find(b, key);

	if (b->limit.count == 0)
		return;
	if (i == NONE) {
		i = add(b, key);
	} else {
		list_remove(b, i);
		list_add_newest(b, i);
	}
	for (size_t w = 0; w < b->limit.count; w++)
		window_add(b, i, w, mark_time(when_s));
}

void
budget_forget(struct budget *b, uint64_t key)
{
	uint32_t i = find(b, key);

	if (i != NONE)
		memset(&b->mark[i * b->marks_per_entry], 0,
		    b->marks_per_entry * sizeof(b->mark[0]));
}

bool
budget_take(struct budget *b, uint64_t key, int64_t now_s,
    uint32_t *ret_retry_after)
{
	if (!budget_peek(b, key, now_s, ret_retry_after))
		return false;
	budget_note(b, key, now_s);
	return true;
}

uint64_t
budget_text_key(struct slice text, uint64_t seed)
{
	uint8_t key[SIPHASH_KEY_SIZE] = { 0 };

	bytes_put_be(key, sizeof(seed), seed);
	return siphash(key, text);
}

/* Of the first bytes of an address; of a text that is none as it stands. */
static uint64_t
ip_key(const char *text, size_t v4, size_t v6, uint64_t seed)
{
	struct ip ip;

	if (ip_parse(slice_str(text), &ip) < 0)
		return budget_text_key(slice_str(text), seed);
	return budget_text_key(slice_of(ip.byte, ip.len == 4 ? v4 : v6), seed);
}

uint64_t
budget_network_key(const char *text, uint64_t seed)
{
	return ip_key(text, 4, 8, seed);
}

uint64_t
budget_site_key(const char *text, uint64_t seed)
{
	return ip_key(text, 3, 6, seed);
}
