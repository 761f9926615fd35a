/* SPDX-License-Identifier: ISC */
/*
 * The way of a request through the engine: `op_accept` puts a form post on
 * disk and answers; `op_work`, in a later turn, looks who it is about and has
 * the right mail sent; `op_expire` ends what nobody confirmed.
 */
#ifndef APP_OP_WORK_H
#define APP_OP_WORK_H

#include "app/engine/turn.h"

struct engine;

extern const struct op_class op_accept;		/* question: Subscribe */
extern const struct op_class op_work;		/* id: the request's */
extern const struct op_class op_expire;		/* id, due: its due row's */
extern const struct op_class op_release;	/* due row of a suppression */

/* Queues what fell due by itself. */
void op_expire_queue(struct engine *, int64_t now);
/* When the next of it falls due; INT64_MAX when nothing will. */
int64_t op_expire_next(struct engine *);

#endif
