/* SPDX-License-Identifier: ISC */
/*
 * How long the server may take for each thing it is asked.  When the time is
 * up, the connection to it ends, whatever the library is waiting for.
 */
#ifndef SMTP_DEADLINE_H
#define SMTP_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

#include "smtp/wire.h"

/* A plain value. */
struct deadline {
	uint32_t timeout_ms;	/* of most things */
	int64_t at;		/* monotonic, milliseconds; 0: none */
};

/* 0; -1 when there are no timers. */
int deadline_init(struct deadline *, uint32_t timeout_ms);
/* From now on that step's time runs, and no other's. */
void deadline_set(struct deadline *, enum wire_step);
void deadline_clear(struct deadline *);
bool deadline_has_passed(const struct deadline *);

#endif
