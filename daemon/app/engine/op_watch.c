/* SPDX-License-Identifier: ISC */
/*
 * The watch's row: read at the start, written when there is something new.
 */
#include "app/engine/engine.h"
#include "app/engine/rows.h"
#include "app/engine/watch_private.h"
#include "base/log.h"

static Record__Watch *
get_row(struct turn *turn)
{
	return rows_get(turn, STORE_META, rows_key_meta("watch"),
	    &record__watch__descriptor);
}

void
watch_gather(struct turn *turn)
{
	(void)get_row(turn);
}

/* Of another version, or nonsense: then it is found out about again. */
static bool
read_source(const Record__Watch__Source *source, struct attack_row *ret_row)
{
	if (source->dimension >= ATTACK_DIMENSIONS ||
	    source->state >= ATTACK_STATES || source->why >= ATTACK_WHYS ||
	    source->n_slots > ATTACK_SLOTS)
		return false;
	*ret_row = (struct attack_row){ .head = {
		.source = { (enum attack_dimension)source->dimension,
		    source->key, source->name },
		.state = (enum attack_state)source->state,
		.why = (enum attack_why)source->why,
		.since = source->since } };
	for (size_t i = 0; i < source->n_slots; i++) {
		const Record__Watch__Slot *slot = source->slots[i];
		struct attack_row_slot *to = &ret_row->slot[i];

		if (slot->n_facts != ATTACK_FACTS)
			return false;
		to->slot = slot->number;
		memcpy(to->fact, slot->facts, sizeof(to->fact));
		ret_row->count++;
	}
	return true;
}

void
watch_load(struct turn *turn)
{
	struct watch *w = turn->engine->watch;
	const Record__Watch *known = get_row(turn);
	struct attack_row row;

	if (known == NULL)
		return;
	w->mode = known->mode;
	for (size_t i = 0; i < known->n_told_at && i < ATTACK_DIMENSIONS; i++)
		w->told_at[i] = known->told_at[i];
	for (size_t i = 0; i < known->n_sources; i++) {
		if (read_source(known->sources[i], &row))
			attack_load(w->attack, &row);
	}
}

struct save {
	struct turn *turn;
	Record__Watch record;
};

static Record__Watch__Slot *
make_slot(struct turn *turn, const struct attack_row_slot *from)
{
	Record__Watch__Slot *slot = arena_alloc(turn->arena, sizeof(*slot));

	record__watch__slot__init(slot);
	slot->number = from->slot;
	slot->n_facts = ATTACK_FACTS;
	slot->facts = arena_alloc(turn->arena, sizeof(from->fact));
	memcpy(slot->facts, from->fact, sizeof(from->fact));
	return slot;
}

static void
add_row(const struct attack_row *row, void *arg)
{
	struct save *save = arg;
	struct turn *turn = save->turn;
	Record__Watch *record = &save->record;
	Record__Watch__Source *source = arena_alloc(turn->arena,
	    sizeof(*source));

	record__watch__source__init(source);
	source->dimension = row->head.source.dimension;
	source->key = row->head.source.key;
	source->name = turn_text(turn, row->head.source.name);
	source->state = row->head.state;
	source->why = row->head.why;
	source->since = row->head.since;
	source->n_slots = row->count;
	source->slots = arena_alloc(turn->arena,
	    row->count * sizeof(*source->slots));
	for (size_t i = 0; i < row->count; i++)
		source->slots[i] = make_slot(turn, &row->slot[i]);
	record->sources = turn_grow(turn, record->sources, record->n_sources,
	    sizeof(*record->sources));
	record->sources[record->n_sources++] = source;
}

void
watch_put(struct turn *turn)
{
	struct watch *w = turn->engine->watch;
	struct save save = { .turn = turn };

	record__watch__init(&save.record);
	save.record.mode = w->mode;
	save.record.n_told_at = ATTACK_DIMENSIONS;
	save.record.told_at = w->told_at;
	attack_save(w->attack, add_row, &save);
	rows_put(turn, STORE_META, rows_key_meta("watch"),
	    &save.record.base);
	w->has_changed = false;
}

static void
watch_apply(struct turn *turn, struct op *op)
{
	(void)op;
	turn->engine->watch->is_saving = false;
	watch_tell(turn);
	watch_put(turn);
}

static const struct op_class op_watch = {
	.name = "watch",
	.apply = watch_apply,
};

void
watch_save(struct engine *e)
{
	if (!e->watch->has_changed || e->watch->is_saving || !e->started)
		return;
	e->watch->is_saving = true;
	turn_queue(e, &op_watch, 0);
}
