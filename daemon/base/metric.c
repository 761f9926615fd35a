/* SPDX-License-Identifier: ISC */
/*
 * Counting is relaxed: numbers order nothing else, and a reader may see one
 * cell of a histogram a moment before another.
 */
#include "base/metric.h"

#include <assert.h>

/* Another process adds to it: a lock in this one would be no lock. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2 &&
    sizeof(struct metric_cell) == sizeof(uint64_t),
    "cells are bare and lock-free");

void
metric_add(struct metric_cell *cell, uint64_t n)
{
	atomic_fetch_add_explicit(&cell->n, n, memory_order_relaxed);
}

void
metric_set(struct metric_cell *cell, uint64_t n)
{
	atomic_store_explicit(&cell->n, n, memory_order_relaxed);
}

uint64_t
metric_read(const struct metric_cell *cell)
{
	return atomic_load_explicit(&cell->n, memory_order_relaxed);
}

/* ---- histograms: a cell for each bucket, the one without a bound, the sum */

size_t
metric_histogram_cells(const struct metric_bounds *bounds)
{
	return bounds->count + 2;
}

void
metric_observe(struct metric_cell *cells, const struct metric_bounds *bounds,
    uint64_t value)
{
	size_t i = 0;

	while (i < bounds->count && value > bounds->bound[i])
		i++;
	metric_add(&cells[i], 1);
	metric_add(&cells[bounds->count + 1], value);
}

/* ---- text ---- */

static const char *const type_names[] = {
	[METRIC_COUNTER] = "counter",
	[METRIC_GAUGE] = "gauge",
	[METRIC_HISTOGRAM] = "histogram",
};

/* A help has no quotes to escape, a label's value does. */
static void
add_escaped(struct buf *out, struct slice text, const char *special)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (c == '\n')
			buf_add_str(out, "\\n");
		else if (c != '\0' && strchr(special, c) != NULL)
			buf_printf(out, "\\%c", c);
		else
			buf_add_char(out, c);
	}
}

void
metric_write_head(struct buf *out, const char *name, enum metric_type type,
    const char *help)
{
	buf_printf(out, "# HELP %s ", name);
	add_escaped(out, slice_str(help), "\\");
	buf_printf(out, "\n# TYPE %s %s\n", name, type_names[type]);
}

/* In digits alone: no locale, nothing lost of 64 bits. */
static void
add_number(struct buf *out, uint64_t n, unsigned decimals)
{
	uint64_t unit = 1, rest;
	unsigned digits = decimals;

	for (unsigned i = 0; i < decimals; i++)
		unit *= 10;
	buf_printf(out, "%llu", (unsigned long long)(n / unit));
	rest = n % unit;
	if (rest == 0)
		return;
	for (; rest % 10 == 0; rest /= 10)
		digits--;
	buf_printf(out, ".%0*llu", (int)digits, (unsigned long long)rest);
}

static void
add_label(struct buf *out, char before, const char *name, struct slice value)
{
	buf_printf(out, "%c%s=\"", before, name);
	add_escaped(out, value, "\\\"");
	buf_add_char(out, '"');
}

/* `le`: one more label, NULL for none. */
static void
add_series(struct buf *out, const struct metric_series *s,
    const char *suffix, const char *le)
{
	char before = '{';

	buf_printf(out, "%s%s", s->name, suffix);
	for (size_t i = 0; i < s->label_count; i++, before = ',')
		add_label(out, before, s->labels[i].name, s->labels[i].value);
	if (le != NULL) {
		add_label(out, before, "le", slice_str(le));
		before = ',';
	}
	buf_add_str(out, before == ',' ? "} " : " ");
}

void
metric_write(struct buf *out, const struct metric_series *s, uint64_t n)
{
	add_series(out, s, "", NULL);
	add_number(out, n, s->decimals);
	buf_add_char(out, '\n');
}

static void
write_bucket(struct buf *out, const struct metric_series *s, const char *le,
    uint64_t count)
{
	add_series(out, s, "_bucket", le);
	buf_printf(out, "%llu\n", (unsigned long long)count);
}

void
metric_write_histogram(struct buf *out, const struct metric_series *s,
    const struct metric_bounds *bounds, const uint64_t *cells)
{
	struct buf bound = { 0 };
	uint64_t count = 0;

	assert(bounds->count > 0);
	for (size_t i = 0; i < bounds->count; i++) {
		count += cells[i];
		buf_reset(&bound);
		add_number(&bound, bounds->bound[i], s->decimals);
		write_bucket(out, s, buf_str(&bound), count);
	}
	count += cells[bounds->count];
	write_bucket(out, s, "+Inf", count);
	add_series(out, s, "_sum", NULL);
	add_number(out, cells[bounds->count + 1], s->decimals);
	buf_add_char(out, '\n');
	add_series(out, s, "_count", NULL);
	buf_printf(out, "%llu\n", (unsigned long long)count);
	buf_fini(&bound);
}
