/* SPDX-License-Identifier: ISC */
/*
 * What a metric is: two kinds of rows.  Those of metrics_rows are counted as
 * things happen, by any process; those of metrics_gathered are read off when
 * somebody asks.
 */
#ifndef APP_METRICS_TABLE_H
#define APP_METRICS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "app/metrics/metrics.h"
#include "base/buf.h"
#include "base/metric.h"
#include "core/message.pb-c.h"

enum { METRICS_LABELS = 3 };

/* All its values are known beforehand: nothing that a stranger wrote. */
struct metrics_label {
	const char *name;		/* NULL: no such label */
	/* Adds the i-th value; false when there are no more; or … */
	bool (*add)(size_t i, struct buf *);
	/* … these are the values, in small letters. */
	const ProtobufCEnumDescriptor *values;
};

struct metrics_row {
	const char *name, *help;
	enum metric_type type;
	unsigned decimals;		/* 6: counted in microseconds */
	const struct metric_bounds *bounds;
	bool per_process;		/* told for each, label `process` */
	struct metrics_label label[METRICS_LABELS];
};

extern const struct metrics_row metrics_rows[METRICS_IDS];

/* All that is known when somebody asks; borrowed. */
struct metrics_page {
	const Message__Status *status;	/* NULL: the engine doesn't answer */
	const struct child_report *reports;
	size_t report_count;
	const struct child_load *load;	/* NULL: not told yet */
	int64_t certificate_expiry;	/* microseconds; 0: there is none */
};

struct metrics_gathered {
	const char *name, *help;
	enum metric_type type;
	unsigned decimals;
	size_t field;			/* a uint64_t of the status, or … */
	void (*write)(const struct metrics_page *,
	    const struct metrics_gathered *, struct buf *);
};

/* Ends with a row without a name. */
extern const struct metrics_gathered metrics_gathered[];

/* Writes those. */
void metrics_gather(const struct metrics_page *, struct buf *);

/* The values of labels (metrics_labels.c). */
bool metrics_add_route(size_t i, struct buf *);
bool metrics_add_method(size_t i, struct buf *);
bool metrics_add_status(size_t i, struct buf *);
bool metrics_add_outcome(size_t i, struct buf *);
bool metrics_add_unanswered(size_t i, struct buf *);
bool metrics_add_request(size_t i, struct buf *);
bool metrics_add_limit(size_t i, struct buf *);
bool metrics_add_command(size_t i, struct buf *);

#endif
