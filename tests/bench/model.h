/* SPDX-License-Identifier: ISC */
/*
 * All that a database holds of one person, to make others of: somebody who
 * has confirmed, or whose request waits.  It turns into one after the other,
 * each with an address, ids and times of its own.
 */
#ifndef BENCH_MODEL_H
#define BENCH_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "app/engine/rows.h"
#include "app/engine/secret_file.h"

enum { MODEL_EVENTS = 8, MODEL_ADDRESS = 64 };

struct model {
	const struct secret *secret;
	uint64_t number;		/* of this person */
	char address[MODEL_ADDRESS];
	Record__Address *entry;
	Record__Contact *contact;	/* NULL: the request waits */
	Record__Request *request;
	uint64_t request_id;
	Record__Outbox *mail;		/* NULL: none is queued */
	size_t event_count;
	struct {
		uint64_t sequence;
		Record__Event *event;
	} event[MODEL_EVENTS];		/* in their order */
};

/* What the database numbers: the next one of each. */
struct numbers {
	Record__Progress *progress;
	Record__Lists *lists;
};

/*
 * Reads it, and the numbers; called anew after each load, as long as the turn
 * wants something.  False: there is nobody of that address.
 */
bool model_read(struct turn *, const char *address, struct model *,
    struct numbers *);
/* Becomes another, of the next numbers, so many microseconds later. */
void model_become_next(struct model *, struct numbers *, int64_t later);
/* Writes this one. */
void model_put(const struct model *, struct turn *);
/* Writes the numbers. */
void numbers_put(const struct numbers *, struct turn *);

#endif
