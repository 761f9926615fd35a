/* SPDX-License-Identifier: ISC */
/*
 * Counts by time, in small tables whose least used entries make room.
 */
#include "core/attack_private.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { WAYS = 8 };

/* A power of two each: sets of WAYS entries. */
static const size_t sets[ATTACK_DIMENSIONS] = { [ATTACK_TOTAL] = 1,
	[ATTACK_LIST] = 32, [ATTACK_ORIGIN] = 32, [ATTACK_SITE] = 512 };

struct attack {
	attack_callback on_change;
	void *arg;
	struct attack_entry (*set[ATTACK_DIMENSIONS])[WAYS];
};

struct attack *
attack_new(attack_callback on_change, void *arg)
{
	struct attack *a = MEM_NEW(struct attack);

	a->on_change = on_change;
	a->arg = arg;
	for (size_t d = 0; d < ATTACK_DIMENSIONS; d++)
		a->set[d] = mem_new(sets[d], sizeof(a->set[d][0]));
	return a;
}

void
attack_free(struct attack *a)
{
	if (a == NULL)
		return;
	for (size_t d = 0; d < ATTACK_DIMENSIONS; d++)
		free(a->set[d]);
	free(a);
}

/* ---- finding one ---- */

static struct attack_entry *
set_of(const struct attack *a, enum attack_dimension d, uint64_t key)
{
	uint64_t mixed = (key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15);

	return a->set[d][mixed >> 32 & (sets[d] - 1)];
}

static struct attack_entry *
find(const struct attack *a, enum attack_dimension d, uint64_t key)
{
	struct attack_entry *set = set_of(a, d, key);

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].last != 0 && set[i].key == key)
			return &set[i];
	}
	return NULL;
}

/* Which matters less: calm before others, then the longer silent. */
static bool
matters_less(const struct attack_entry *a, const struct attack_entry *b)
{
	return a->state != b->state ? a->state < b->state : a->last < b->last;
}

static struct attack_entry *
find_or_add(struct attack *a, const struct attack_source *source)
{
	struct attack_entry *e = find(a, source->dimension, source->key);
	struct attack_entry *set = set_of(a, source->dimension, source->key);

	if (e != NULL)
		return e;
	e = &set[0];
	for (size_t i = 1; i < WAYS; i++) {
		if (matters_less(&set[i], e))
			e = &set[i];
	}
	*e = (struct attack_entry){ .key = source->key };
	for (size_t i = 0; i + 1 < sizeof(e->name) &&
	    source->name[i] != '\0'; i++)
		e->name[i] = source->name[i];
	return e;
}

/* ---- counting ---- */

static struct attack_slot *
slot_for(struct attack_entry *e, uint32_t number)
{
	struct attack_slot *slot = &e->slot[number % ATTACK_SLOTS];

	if (slot->number != number)
		*slot = (struct attack_slot){ .number = number };
	if (number > e->last)
		e->last = number;
	return slot;
}

static void
set_state(struct attack *a, struct attack_entry *e, enum attack_dimension d,
    int64_t now)
{
	enum attack_why why;
	enum attack_state state = attack_judge(e, d, now, &why);
	struct attack_figures figures;

	if (state == e->state)
		return;
	e->state = state;
	e->why = why;
	e->since = now;
	figures = attack_figures_of(e, d, now);
	a->on_change(&figures, a->arg);
}

void
attack_count(struct attack *a, const struct attack_source *source,
    enum attack_fact fact, int64_t when, int64_t now)
{
	struct attack_entry *e = find_or_add(a, source);
	uint32_t number = attack_slot_number(when);
	uint32_t last = attack_slot_number(now);

	slot_for(e, last);
	if (number <= last && last - number < ATTACK_SLOTS)
		slot_for(e, number)->fact[fact]++;
	e->asked += fact == ATTACK_ASKED;
	e->notme += fact == ATTACK_NOTME;
	set_state(a, e, source->dimension, now);
}

enum attack_state
attack_state_of(const struct attack *a, enum attack_dimension dimension,
    uint64_t key)
{
	const struct attack_entry *e = find(a, dimension, key);

	return e != NULL ? e->state : ATTACK_CALM;
}

/* ---- all of them ---- */

static void
each(const struct attack *a, void (*on_entry)(struct attack_entry *,
    enum attack_dimension, void *arg), void *arg)
{
	for (size_t d = 0; d < ATTACK_DIMENSIONS; d++) {
		for (size_t i = 0; i < sets[d] * WAYS; i++) {
			struct attack_entry *e = &a->set[d][i / WAYS][i % WAYS];

			if (e->last != 0)
				on_entry(e, (enum attack_dimension)d, arg);
		}
	}
}

struct look {
	struct attack *attack;
	int64_t now;
	attack_callback on_figures;
	void (*on_row)(const struct attack_row *, void *arg);
	void *arg;
};

static void
look_at(struct attack_entry *e, enum attack_dimension d, void *arg)
{
	const struct look *look = arg;

	set_state(look->attack, e, d, look->now);
}

void
attack_look(struct attack *a, int64_t now)
{
	each(a, look_at, &(struct look){ .attack = a, .now = now });
}

static void
tell(struct attack_entry *e, enum attack_dimension d, void *arg)
{
	const struct look *look = arg;
	struct attack_figures figures;

	if (e->state == ATTACK_CALM)
		return;
	figures = attack_figures_of(e, d, look->now);
	look->on_figures(&figures, look->arg);
}

void
attack_each(const struct attack *a, int64_t now, attack_callback on_figures,
    void *arg)
{
	each(a, tell, &(struct look){ .now = now, .on_figures = on_figures,
	    .arg = arg });
}

static void
save(struct attack_entry *e, enum attack_dimension d, void *arg)
{
	const struct look *look = arg;
	struct attack_row row = { .head = { .source = { d, e->key, e->name },
		.state = e->state, .why = e->why, .since = e->since } };

	/* A network that is calm is found out about again. */
	if (d == ATTACK_SITE && e->state == ATTACK_CALM)
		return;
	for (size_t i = 0; i < ATTACK_SLOTS; i++) {
		const struct attack_slot *slot = &e->slot[i];
		struct attack_row_slot *to = &row.slot[row.count];

		if (slot->number == 0 || e->last - slot->number > DAY_SLOTS)
			continue;
		to->slot = slot->number;
		memcpy(to->fact, slot->fact, sizeof(to->fact));
		row.count++;
	}
	look->on_row(&row, look->arg);
}

void
attack_save(const struct attack *a,
    void (*on_row)(const struct attack_row *, void *arg), void *arg)
{
	each(a, save, &(struct look){ .on_row = on_row, .arg = arg });
}

void
attack_load(struct attack *a, const struct attack_row *row)
{
	struct attack_entry *e = find_or_add(a, &row->head.source);

	e->state = row->head.state;
	e->why = row->head.why;
	e->since = row->head.since;
	for (size_t i = 0; i < row->count; i++) {
		const uint32_t *fact = row->slot[i].fact;

		memcpy(slot_for(e, row->slot[i].slot)->fact, fact,
		    sizeof(row->slot[i].fact));
		e->asked += fact[ATTACK_ASKED];
		e->notme += fact[ATTACK_NOTME];
	}
}
