/* SPDX-License-Identifier: ISC */
/*
 * Ends what has a time to end, by the rows of the due table.
 */
#ifndef APP_OP_EXPIRE_H
#define APP_OP_EXPIRE_H

#include "app/engine/turn.h"

struct engine;

extern const struct op_class op_expire;		/* id, due: a request's */
extern const struct op_class op_release;	/* the same: a suppression's */

/* Queues what fell due. */
void op_expire_queue(struct engine *, int64_t now);
/* When the next of it falls due; INT64_MAX when nothing will. */
int64_t op_expire_next(struct engine *);

#endif
