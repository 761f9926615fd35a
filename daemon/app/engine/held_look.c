/* SPDX-License-Identifier: ISC */
/*
 * Going through the lines: whose mails may go now.  Only looks; what it picks
 * is looked at again as the turn comes to it (op_unhold.c).
 */
#include "app/engine/held_private.h"

#include <stdlib.h>

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/mail_source.h"
#include "app/engine/rows.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/heap.h"

/* The first in a line that may move on. */
struct head {
	unsigned line;
	struct outbox_key key;	/* sequence 0: nobody is there */
	uint64_t domain;	/* of that mail */
	uint32_t room;		/* so many more may go */
	unsigned picked;	/* of its line, by this look */
};

struct look {
	struct engine *engine;
	int64_t now;
	struct head *head;
	size_t head_count;
	uint32_t wait;		/* seconds until a domain has room; 0: none */
};

struct first {
	struct engine *engine;
	struct head *head;
};

static bool
on_first(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	const uint8_t *k = (const uint8_t *)key.p;
	struct first *first = arg;
	uint64_t place = bytes_get_be(k, 8);
	Record__Outbox *row = NULL;
	bool is_known;

	if (!fair_is_place(place) ||
	    fair_line_of(place) != first->head->line)
		return false;
	if (found == STORE_FOUND)
		row = record__outbox__unpack(heap_allocator(), value.len,
		    (const uint8_t *)value.p);
	/* What can't be read is passed by. */
	is_known = row != NULL && mail_source_knows(row);
	if (is_known) {
		first->head->key = (struct outbox_key){ place,
			bytes_get_be(k + 8, 8) };
		first->head->domain = budgets_domain_key(first->engine,
		    row->address);
	}
	if (row != NULL)
		record__outbox__free_unpacked(row, NULL);
	return !is_known;
}

/* Moves on to whoever stands behind. */
static void
find_next(struct engine *e, struct head *head)
{
	struct first first = { e, head };
	struct rows_key from = rows_key_pair(head->key.due,
	    head->key.sequence + 1);

	head->key.sequence = 0;
	store_scan(e->store, &(struct store_scan){ .table = STORE_OUTBOX,
	    .from = rows_key_slice(&from), .limit = SIZE_MAX,
	    .on_row = on_first, .arg = &first });
}

/* Has the domain room?  Else its line waits. */
static bool
domain_has_room(struct look *look, uint64_t domain, uint32_t *ret_room)
{
	uint32_t wait;

	*ret_room = budgets_domain_room(look->engine, domain, look->now,
	    &wait);
	if (*ret_room == 0 && (look->wait == 0 || wait < look->wait))
		look->wait = wait;
	return *ret_room > 0;
}

/* Adds the first of an open line, if it may go; false: the line is empty. */
static bool
look_at(struct look *look, unsigned line)
{
	struct held_line *l = &look->engine->held->line[line];
	struct head *head = &look->head[look->head_count];

	*head = (struct head){ .line = line, .room = UINT32_MAX,
		.key.due = fair_line_start(line) };
	if (line != HELD_TOTAL_LINE && !l->has_changed &&
	    !domain_has_room(look, l->domain, &head->room))
		return true;
	find_next(look->engine, head);
	if (head->key.sequence == 0)
		return false;
	l->has_changed = false;
	/* In a line that several share, the first one's domain decides. */
	if (line != HELD_TOTAL_LINE) {
		l->domain = head->domain;
		if (!domain_has_room(look, l->domain, &head->room))
			return true;
	}
	look->head_count++;
	return true;
}

static void
look_at_all(struct look *look)
{
	struct held *h = look->engine->held;

	for (size_t i = 0; i < h->open_count;) {
		if (look_at(look, h->open[i]))
			i++;
		else
			held_close(h, i);
	}
}

static bool
goes_before(const struct head *a, const struct head *b)
{
	unsigned class_a = fair_class_of(a->key.due);
	unsigned class_b = fair_class_of(b->key.due);

	return class_a < class_b ||
	    (class_a == class_b && a->picked < b->picked);
}

/* The best class first, and the lines in turn. */
static struct head *
best_head(struct look *look)
{
	struct head *best = NULL;

	for (size_t i = 0; i < look->head_count; i++) {
		struct head *head = &look->head[i];

		if (head->room > 0 && head->key.sequence != 0 &&
		    (best == NULL || goes_before(head, best)))
			best = head;
	}
	return best;
}

static void
pick(struct look *look, struct head *head)
{
	struct engine *e = look->engine;

	turn_queue(e, &op_unhold, head->key.sequence)->due = head->key.due;
	e->held->moving++;
	held_line_last(e->held, head->line);
	head->picked++;
	head->room--;
	find_next(e, head);
}

static int64_t
after(int64_t now, uint32_t seconds)
{
	return (now / CLOCK_SECOND + seconds) * CLOCK_SECOND;
}

static uint32_t
least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

int64_t
held_look(struct engine *e, int64_t now)
{
	struct held *h = e->held;
	struct look look = { .engine = e, .now = now };
	struct head *head;
	uint32_t room, wait;

	if (h->open_count == 0 || h->moving > 0 || e->outbox.credit == 0 ||
	    store_is_above(e->store, ENGINE_MAILS_PERCENT))
		return INT64_MAX;
	room = budgets_total_room(e, now, &wait);
	if (room == 0)
		return after(now, wait);
	h->gone = 0;
	look.head = mem_new(h->open_count, sizeof(*look.head));
	look_at_all(&look);
	room = least(room, least(e->outbox.credit, HELD_LOOK_MAX));
	while (room-- > 0 && (head = best_head(&look)) != NULL)
		pick(&look, head);
	free(look.head);
	return h->moving == 0 && look.wait > 0 ? after(now, look.wait) :
	    INT64_MAX;
}
