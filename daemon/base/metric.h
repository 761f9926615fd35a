/* SPDX-License-Identifier: ISC */
/*
 * Numbers for a monitoring system: cells that several processes may add to at
 * the same time, histograms made of them, and the text format 0.0.4 of
 * Prometheus.  What is counted, and where the cells are, is the caller's.
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* Zeroed memory is a cell of 0. */
struct metric_cell {
	_Atomic uint64_t n;
};

void metric_add(struct metric_cell *, uint64_t n);
void metric_set(struct metric_cell *, uint64_t n);
uint64_t metric_read(const struct metric_cell *);

/* Up to which value each bucket counts, ascending; one more has no bound. */
struct metric_bounds {
	const uint64_t *bound;
	size_t count;
};

/* Cells that such a histogram takes: its buckets, and the sum. */
size_t metric_histogram_cells(const struct metric_bounds *);
/* Counts one value; all of it with two additions. */
void metric_observe(struct metric_cell *, const struct metric_bounds *,
    uint64_t value);

struct metric_label {
	const char *name;
	struct slice value;
};

/* Whose sample it is; values are told as n × 10^-decimals. */
struct metric_series {
	const char *name;
	const struct metric_label *labels;
	size_t label_count;
	unsigned decimals;
};

/* HELP and TYPE: once for each name, before its samples. */
void metric_write_head(struct buf *, const char *name, enum metric_type,
    const char *help);
void metric_write(struct buf *, const struct metric_series *, uint64_t n);
/* Of a histogram's cells, as they are or summed up. */
void metric_write_histogram(struct buf *, const struct metric_series *,
    const struct metric_bounds *, const uint64_t *cells);

#endif
