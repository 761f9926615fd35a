/* SPDX-License-Identifier: ISC */
/*
 * Sums of hashes, added on one side and taken off on the other: a sum that
 * isn't zero has an odd entry.
 */
#include "app/engine/fsck_books.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/*
 * Ten million contacts make some 400 entries a sum.  One that is damaged in
 * more places isn't understood better by all of them.
 */
enum { SUMS = 1 << 18, ODD_MAX = 256, KEY_MAX = 64 };

struct trace {
	struct fsck_entry entry;
	enum fsck_side side;
	unsigned table;
	uint8_t key_len;
	char key[KEY_MAX];
};

struct fsck_books {
	uint64_t sum[SUMS];
	struct trace *traces;
	size_t trace_count, trace_room;
};

static const struct {
	const char *named, *namer;
} words[FSCK_BOOKS] = {
	[FSCK_BOOK_CONTACT] = { "contact", "address" },
	[FSCK_BOOK_REQUEST] = { "request that waits", "address" },
	[FSCK_BOOK_STUB] = { "confirmed request", "contact" },
	[FSCK_BOOK_COOKIE] = { "cookie", "request" },
	[FSCK_BOOK_DUE] = { "due time", "request" },
	[FSCK_BOOK_END] = { "due time", "contact" },
	[FSCK_BOOK_EVENT] = { "ledger event", "row of its chain" },
};

struct fsck_books *
fsck_books_new(void)
{
	return MEM_NEW(struct fsck_books);
}

void
fsck_books_free(struct fsck_books *b)
{
	if (b == NULL)
		return;
	free(b->traces);
	free(b);
}

/* The finaliser of SplitMix64, a bijection that mixes well. */
static uint64_t
mix(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static uint64_t
hash_of(const struct fsck_entry *e)
{
	uint64_t h = mix((uint64_t)e->book + 1);

	h = mix(h ^ e->id);
	h = mix(h + e->with[0]);
	return mix(h ^ e->with[1]);
}

static uint64_t *
sum_of(struct fsck_books *b, uint64_t hash)
{
	return &b->sum[hash % SUMS];
}

void
fsck_books_add(struct fsck_books *b, enum fsck_side side,
    struct fsck_entry entry)
{
	uint64_t hash = hash_of(&entry);

	*sum_of(b, hash) += side == FSCK_NAMES ? hash : -hash;
}

bool
fsck_books_close(struct fsck_books *b, bool *ret_more)
{
	size_t odd = 0;

	for (size_t i = 0; i < SUMS; i++) {
		if (b->sum[i] != 0 && ++odd > ODD_MAX)
			b->sum[i] = 0;
	}
	*ret_more = odd > ODD_MAX;
	return odd == 0;
}

void
fsck_books_trace(struct fsck_books *b, enum fsck_side side,
    struct fsck_entry entry, unsigned table, struct slice key)
{
	struct trace *t;

	if (*sum_of(b, hash_of(&entry)) == 0 || key.len > KEY_MAX)
		return;
	if (b->trace_count == b->trace_room) {
		b->trace_room = 2 * b->trace_room + 64;
		b->traces = mem_resize(b->traces, b->trace_room,
		    sizeof(*b->traces));
	}
	t = &b->traces[b->trace_count++];
	*t = (struct trace){ .entry = entry, .side = side, .table = table,
		.key_len = (uint8_t)key.len };
	memcpy(t->key, key.p, key.len);
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
compare_entries(const struct fsck_entry *a, const struct fsck_entry *b)
{
	int order = compare_numbers(a->book, b->book);

	if (order == 0)
		order = compare_numbers(a->id, b->id);
	for (size_t i = 0; i < 2 && order == 0; i++)
		order = compare_numbers(a->with[i], b->with[i]);
	return order;
}

static int
compare_traces(const void *a, const void *b)
{
	const struct trace *x = a, *y = b;
	int order = compare_entries(&x->entry, &y->entry);

	return order != 0 ? order : compare_numbers(x->side, y->side);
}

static void
describe(const struct trace *t, struct buf *out)
{
	buf_reset(out);
	if (t->side == FSCK_IS)
		buf_printf(out, "is named by no %s",
		    words[t->entry.book].namer);
	else
		buf_printf(out, "names a %s that is missing, or not its "
		    "own: %" PRIu64, words[t->entry.book].named,
		    t->entry.id);
}

/* How many from the first are the same entry; how many of those name: they
 * come first. */
static size_t
count_same(const struct trace *t, size_t count, size_t *ret_names)
{
	size_t same = 0;

	*ret_names = 0;
	while (same < count && compare_entries(&t[same].entry,
	    &t[0].entry) == 0) {
		*ret_names += t[same].side == FSCK_NAMES;
		same++;
	}
	return same;
}

void
fsck_books_each_odd(struct fsck_books *b, void (*on_odd)(unsigned table,
    struct slice key, const char *what, void *arg), void *arg)
{
	struct buf what = { 0 };
	size_t same, names;

	if (b->trace_count > 0)
		qsort(b->traces, b->trace_count, sizeof(*b->traces),
		    compare_traces);
	for (size_t at = 0; at < b->trace_count; at += same) {
		const struct trace *t = &b->traces[at];
		size_t pairs;

		same = count_same(t, b->trace_count - at, &names);
		pairs = names < same - names ? names : same - names;
		for (size_t i = 0; i < same; i++) {
			/* Each that names has one that it names. */
			if (i < pairs || (i >= names && i < names + pairs))
				continue;
			describe(&t[i], &what);
			on_odd(t[i].table, slice_of(t[i].key, t[i].key_len),
			    buf_str(&what), arg);
		}
	}
	buf_fini(&what);
}
