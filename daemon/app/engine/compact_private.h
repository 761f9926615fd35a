/* SPDX-License-Identifier: ISC */
/*
 * What the files about compaction share: compact.c (when, and what becomes of
 * it) and compact_row.c (what is kept of it).
 */
#ifndef APP_COMPACT_PRIVATE_H
#define APP_COMPACT_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "app/engine/compact.h"

enum phase { PHASE_IDLE, PHASE_COPY,
	PHASE_DROPPED,		/* the copier's end is waited for */
	PHASE_STEPS, PHASE_END };

/* Who ordered one. */
struct order {
	STAILQ_ENTRY(order) link;
	struct peer *peer;
	uint32_t generation;	/* of that peer */
	uint64_t serial;
};
STAILQ_HEAD(orders, order);

struct compact {
	enum phase phase;
	Fact__Compaction last;	/* `why` is never owned */
	int64_t since;		/* the first deletion that this one may not
				 * cover; 0: none */
	int64_t not_before;	/* wall clock */
	int64_t begun_at;	/* monotonic */
	uint64_t bytes;		/* of the file then */
	int error;		/* for which it was dropped */
	bool is_dropping;	/* another's copy */
	char why[128];		/* it failed; "": it didn't */
	struct orders waiting, served;	/* for the next one; by this one */
};

/* Writes its row anew. */
void compact_put_row(struct turn *);
void compact_set_why(struct compact *, const char *why);

#endif
