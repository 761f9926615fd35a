/* SPDX-License-Identifier: ISC */
/*
 * A place is a bit that marks it, then line, class and tag, the tag being when
 * it may start by the clock of its line and class.  Networks' last tags stand
 * in a table of small sets.
 */
#include "core/fair.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

enum { TAG_BITS = 48, CLASS_SHIFT = TAG_BITS, LINE_SHIFT = TAG_BITS + 2,
	MARK_SHIFT = 62, WAYS = 8 };
_Static_assert(FAIR_LINES == 1 << (MARK_SHIFT - LINE_SHIFT) &&
    FAIR_CLASSES == 1 << (LINE_SHIFT - CLASS_SHIFT), "a place has room");

#define MARK (UINT64_C(1) << MARK_SHIFT)
#define TAG_MASK ((UINT64_C(1) << TAG_BITS) - 1)

struct clock {
	uint64_t now;		/* the tag that was served last */
	uint64_t end;		/* above all tags given */
};

struct network {
	uint64_t key;
	uint64_t next;		/* the place it can't be before; 0: unused */
};

struct fair {
	struct clock clock[FAIR_LINES][FAIR_CLASSES];
	size_t set_mask;
	struct network (*set)[WAYS];
};

struct fair *
fair_new(size_t networks)
{
	struct fair *f = MEM_NEW(struct fair);
	size_t sets = 1;

	while (sets * WAYS < networks)
		sets *= 2;
	f->set_mask = sets - 1;
	f->set = mem_new(sets, sizeof(f->set[0]));
	return f;
}

void
fair_free(struct fair *f)
{
	if (f == NULL)
		return;
	free(f->set);
	free(f);
}

static uint64_t
make_place(unsigned line, unsigned class, uint64_t tag)
{
	assert(line < FAIR_LINES && class < FAIR_CLASSES);
	return MARK | (uint64_t)line << LINE_SHIFT |
	    (uint64_t)class << CLASS_SHIFT | (tag & TAG_MASK);
}

static uint64_t
tag_of(uint64_t place)
{
	return place & TAG_MASK;
}

bool
fair_is_place(uint64_t place)
{
	return place >> MARK_SHIFT == 1;
}

unsigned
fair_line_of(uint64_t place)
{
	return (unsigned)(place >> LINE_SHIFT) & (FAIR_LINES - 1);
}

unsigned
fair_class_of(uint64_t place)
{
	return (unsigned)(place >> CLASS_SHIFT) & (FAIR_CLASSES - 1);
}

uint64_t
fair_line_start(unsigned line)
{
	return make_place(line, 0, 0);
}

static struct clock *
clock_of(struct fair *f, uint64_t place)
{
	return &f->clock[fair_line_of(place)][fair_class_of(place)];
}

/* How far a network stands behind what is served now. */
static uint64_t
debt_of(struct fair *f, const struct network *n)
{
	const struct clock *clock = clock_of(f, n->next);

	return n->next != 0 && tag_of(n->next) > clock->now ?
	    tag_of(n->next) - clock->now : 0;
}

/*
 * The entry of a network in a place's line and class: its own, or the one
 * whose loss matters least.
 */
static struct network *
entry_for(struct fair *f, uint64_t network, uint64_t place)
{
	uint64_t hash = (network ^ place >> TAG_BITS) *
	    UINT64_C(0x9e3779b97f4a7c15);
	struct network *set = f->set[(hash >> 32) & f->set_mask];
	struct network *least = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].key == network &&
		    set[i].next >> TAG_BITS == place >> TAG_BITS)
			return &set[i];
		if (debt_of(f, &set[i]) < debt_of(f, least))
			least = &set[i];
	}
	*least = (struct network){ .key = network, .next = place };
	return least;
}

/* That tag is a network's from now on. */
static void
take_tag(struct fair *f, struct network *n, uint64_t place)
{
	struct clock *clock = clock_of(f, place);

	if (n->next <= place)
		n->next = place + 1;
	if (clock->end <= tag_of(place))
		clock->end = tag_of(place) + 1;
}

uint64_t
fair_join(struct fair *f, unsigned line, unsigned class, uint64_t network)
{
	uint64_t place = make_place(line, class, f->clock[line][class].now);
	struct network *n = entry_for(f, network, place);

	if (n->next > place)
		place = n->next;
	take_tag(f, n, place);
	return place;
}

void
fair_rejoin(struct fair *f, uint64_t place, uint64_t network)
{
	struct clock *clock = clock_of(f, place);

	if (clock->end == 0)
		clock->now = tag_of(place);
	take_tag(f, entry_for(f, network, place), place);
}

void
fair_serve(struct fair *f, uint64_t place)
{
	struct clock *clock = clock_of(f, place);

	if (tag_of(place) > clock->now)
		clock->now = tag_of(place);
}

void
fair_clear(struct fair *f, unsigned line)
{
	for (size_t i = 0; i < FAIR_CLASSES; i++)
		f->clock[line][i].now = f->clock[line][i].end;
}
