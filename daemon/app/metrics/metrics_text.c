/* SPDX-License-Identifier: ISC */
/*
 * All rows as text: those that were counted, summed up over the processes,
 * and those that are read off now.
 */
#include "app/metrics/metrics_private.h"

#include <stdlib.h>

#include "base/mem.h"

/* A series on its way out. */
struct telling {
	const struct metrics *metrics;
	const struct metrics_row *row;
	const struct metrics_place *place;
	struct metric_label label[METRICS_LABELS];
	size_t label_count;
	struct buf *out;
};

/* Those of one slot on top of what is there. */
static void
add_cells(const struct telling *t, size_t slot, size_t series,
    uint64_t *cells)
{
	const struct metric_cell *from = shared_slot(t->metrics->memory,
	    slot);

	from += t->place->offset + series * t->place->cells;
	for (size_t i = 0; i < t->place->cells; i++)
		cells[i] += metric_read(&from[i]);
}

static void
tell(const struct telling *t, const uint64_t *cells)
{
	const struct metric_series series = {
		.name = t->row->name,
		.labels = t->label,
		.label_count = t->label_count,
		.decimals = t->row->decimals,
	};

	if (t->row->type == METRIC_HISTOGRAM)
		metric_write_histogram(t->out, &series, t->row->bounds,
		    cells);
	else
		metric_write(t->out, &series, cells[0]);
}

static bool
is_empty(const uint64_t *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (cells[i] != 0)
			return false;
	}
	return true;
}

/*
 * Of several labels most combinations never come up, and are told once they
 * have; a single one's values are all there from the start.
 */
static void
tell_sum(struct telling *t, size_t series)
{
	const struct shared *memory = t->metrics->memory;
	uint64_t *cells = mem_new(t->place->cells, sizeof(*cells));

	for (size_t slot = 0; slot < shared_count(memory); slot++) {
		if (shared_is_used(memory, slot))
			add_cells(t, slot, series, cells);
	}
	if (t->label_count < 2 || !is_empty(cells, t->place->cells))
		tell(t, cells);
	free(cells);
}

static void
tell_each_process(struct telling *t)
{
	const struct shared *memory = t->metrics->memory;

	for (size_t slot = 0; slot < shared_count(memory); slot++) {
		enum role role = slot < METRICS_SLOT_WEB ? (enum role)slot :
		    ROLE_WEB;
		char name[CHILD_NAME_SIZE];
		uint64_t n = 0;

		if (!shared_is_used(memory, slot))
			continue;
		child_name(role, (unsigned)(slot - role), name);
		t->label[0] = (struct metric_label){ "process",
			slice_str(name) };
		t->label_count = 1;
		add_cells(t, slot, 0, &n);
		tell(t, &n);
	}
}

/* All values of this label and those behind it. */
static void
tell_labels(struct telling *t, size_t label, size_t series)
{
	const struct metrics_label *l = &t->row->label[label];

	if (label == METRICS_LABELS) {
		tell_sum(t, series);
		return;
	}
	if (l->name == NULL) {
		tell_labels(t, label + 1, series);
		return;
	}
	t->label_count = label + 1;
	for (size_t i = 0; i < t->place->values[label]; i++) {
		struct buf value = { 0 };

		metrics_add_value(l, i, &value);
		t->label[label] = (struct metric_label){ l->name,
			buf_slice(&value) };
		tell_labels(t, label + 1,
		    series * t->place->values[label] + i);
		buf_fini(&value);
	}
}

void
metrics_write(const struct metrics *m, struct buf *out)
{
	if (m == NULL || m->own == NULL)
		return;
	for (size_t id = 0; id < METRICS_IDS; id++) {
		const struct metrics_row *row = &m->rows[id];
		struct telling t = { .metrics = m, .row = row,
			.place = &m->place[id], .out = out };

		metric_write_head(out, row->name, row->type, row->help);
		if (row->per_process)
			tell_each_process(&t);
		else
			tell_labels(&t, 0, 0);
	}
}
