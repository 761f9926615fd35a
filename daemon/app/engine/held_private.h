/* SPDX-License-Identifier: ISC */
/*
 * The lines, as held.c keeps them, held_look.c goes through them and
 * op_unhold.c takes mails out of them.
 */
#ifndef APP_HELD_PRIVATE_H
#define APP_HELD_PRIVATE_H

#include "app/engine/held.h"
#include "app/engine/outbox.h"
#include "core/fair.h"

enum { HELD_TOTAL_LINE = 0, HELD_NO_LINE = -1,
	HELD_LOOK_MAX = 256 };	/* mails that one look lets go */

struct held_line {
	bool is_open;
	bool has_changed;	/* somebody has left it since a look */
	uint64_t domain;	/* whose budget decides; 0 in line 0 */
	char *name;		/* of that domain, for people */
	uint64_t waiting;
};

struct held {
	struct fair *fair;
	struct held_line line[FAIR_LINES];
	unsigned open[FAIR_LINES];	/* these, whose turn it is first */
	size_t open_count;
	size_t moving;			/* queued for a turn by a look */
	int64_t gone;			/* of these, so many went already */
};

/* The line of a domain that holds mail back, or HELD_NO_LINE. */
int held_line_of(const struct held *, uint64_t domain);
/* That; or a free one; or another domain's, when there is none. */
unsigned held_line_for(const struct held *, uint64_t domain);
/* It was that open line's turn: the others come first now. */
void held_line_last(struct held *, unsigned line);
/* Puts a row at the end of a line; its place. */
uint64_t held_join(struct engine *, unsigned line, const Record__Outbox *);
/* Nothing stands in the i-th open line any more. */
void held_close(struct held *, size_t i);

/* Lets a row go if it still may and is wanted; id and due are its key. */
extern const struct op_class op_unhold;

#endif
