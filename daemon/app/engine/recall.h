/* SPDX-License-Identifier: ISC */
/*
 * Mails that wait for a time that went far away, as the clock was put back.
 */
#ifndef APP_RECALL_H
#define APP_RECALL_H

#include <stdint.h>

struct engine;

/* Whatever was to be tried later than now is tried at once; not what the
 * limits hold back. */
void recall_mails(struct engine *, int64_t now);

#endif
