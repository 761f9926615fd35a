/* SPDX-License-Identifier: ISC */
/*
 * Where each number stands: every process has a slot with room for all of
 * them, laid out by the table, so that a sum is taken cell by cell.  Two
 * processes may share a slot for a while, when one takes the other's place.
 */
#include "app/metrics/metrics_private.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"

bool
metrics_add_value(const struct metrics_label *label, size_t i, struct buf *out)
{
	if (label->values == NULL)
		return label->add(i, out);
	if (i >= label->values->n_values)
		return false;
	for (const char *c = label->values->values[i].name; *c != '\0'; c++)
		buf_add_char(out, *c >= 'A' && *c <= 'Z' ?
		    (char)(*c - 'A' + 'a') : *c);
	return true;
}

static size_t
count_values(const struct metrics_label *label)
{
	struct buf unused = { 0 };
	size_t n = 0;

	if (label->name == NULL)
		return 1;
	while (metrics_add_value(label, n, &unused))
		n++;
	buf_fini(&unused);
	return n;
}

/* Lays them out one behind the other; returns how many cells that takes. */
static size_t
lay_out(struct metrics *m)
{
	size_t offset = 0;

	for (size_t id = 0; id < METRICS_IDS; id++) {
		const struct metrics_row *row = &m->rows[id];
		struct metrics_place *p = &m->place[id];
		size_t series = 1;

		p->offset = offset;
		p->cells = row->type == METRIC_HISTOGRAM ?
		    metric_histogram_cells(row->bounds) : 1;
		for (size_t i = 0; i < METRICS_LABELS; i++) {
			p->values[i] = count_values(&row->label[i]);
			series *= p->values[i];
		}
		offset += series * p->cells;
	}
	return offset;
}

struct metrics *
metrics_new(const struct metrics_row *rows, unsigned webs)
{
	struct metrics *m = MEM_NEW(struct metrics);

	m->rows = rows;
	m->memory = shared_new(METRICS_SLOT_WEB + webs,
	    lay_out(m) * sizeof(struct metric_cell));
	if (m->memory == NULL) {
		free(m);
		return NULL;
	}
	return m;
}

void
metrics_free(struct metrics *m)
{
	if (m == NULL)
		return;
	shared_free(m->memory);
	free(m);
}

int
metrics_keep(struct metrics *m, enum role role, unsigned index)
{
	size_t slot = (size_t)role + index;
	int error;

	if (m == NULL)
		return 0;
	if (slot >= shared_count(m->memory))
		return -ERANGE;
	error = shared_keep(m->memory, slot, role == ROLE_ADMIN);
	if (error == 0)
		m->own = shared_slot(m->memory, slot);
	return error;
}

/* ---- counting ---- */

static struct metric_cell *
cell_of(struct metrics *m, enum metrics_id id, struct metrics_at at)
{
	const struct metrics_place *p = &m->place[id];
	size_t n = 0;

	for (size_t i = 0; i < METRICS_LABELS; i++) {
		size_t value = at.label[i];

		n = n * p->values[i] + (value < p->values[i] ? value :
		    p->values[i] - 1);
	}
	return m->own + p->offset + n * p->cells;
}

void
metrics_add(struct metrics *m, enum metrics_id id, struct metrics_at at,
    uint64_t n)
{
	if (m != NULL && m->own != NULL)
		metric_add(cell_of(m, id, at), n);
}

void
metrics_set(struct metrics *m, enum metrics_id id, struct metrics_at at,
    uint64_t n)
{
	if (m != NULL && m->own != NULL)
		metric_set(cell_of(m, id, at), n);
}

void
metrics_observe(struct metrics *m, enum metrics_id id, struct metrics_at at,
    uint64_t value)
{
	if (m != NULL && m->own != NULL)
		metric_observe(cell_of(m, id, at), m->rows[id].bounds, value);
}
