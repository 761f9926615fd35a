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

/* `timeout_ms`: for most things.  0; -1 when there are no timers. */
int deadline_init(uint32_t timeout_ms);
/* From now on that step's time runs, and no other's. */
void deadline_set(enum wire_step);
void deadline_clear(void);
bool deadline_has_passed(void);

#endif
