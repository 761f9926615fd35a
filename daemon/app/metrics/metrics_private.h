/* SPDX-License-Identifier: ISC */
/*
 * Where each number stands: for metrics.c, which counts, and metrics_text.c,
 * which tells.
 */
#ifndef APP_METRICS_PRIVATE_H
#define APP_METRICS_PRIVATE_H

#include "app/metrics/metrics_table.h"
#include "io/shared.h"

/* Before the web processes. */
enum { METRICS_SLOT_WEB = ROLE_COUNT - 1 };
_Static_assert((int)ROLE_WEB == (int)METRICS_SLOT_WEB, "web comes last");

/* Where a row's cells are in a slot. */
struct metrics_place {
	size_t offset;			/* of its first cell */
	size_t values[METRICS_LABELS];	/* of each label, at least 1 */
	size_t cells;			/* of one series */
};

struct metrics {
	const struct metrics_row *rows;
	struct metrics_place place[METRICS_IDS];
	struct shared *memory;
	struct metric_cell *own;	/* NULL: nothing is kept yet */
};

/* The i-th value of a label, added; false when there is none. */
bool metrics_add_value(const struct metrics_label *, size_t i, struct buf *);

#endif
