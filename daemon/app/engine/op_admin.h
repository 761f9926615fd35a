/* SPDX-License-Identifier: ISC */
/*
 * The administrator's questions.  Those that change something, or need several
 * rows, are operations of a turn; listings are read page by page outside.
 */
#ifndef APP_OP_ADMIN_H
#define APP_OP_ADMIN_H

#include "app/engine/turn.h"

struct engine;

extern const struct op_class op_show;	/* question: ShowQuery */
extern const struct op_class op_leave;	/* question: Leave */
extern const struct op_class op_suppress;	/* Suppress */
extern const struct op_class op_erase;	/* Erase */
extern const struct op_class op_resend;	/* Resend */
extern const struct op_class op_admit;	/* Admit */
extern const struct op_class op_queue;	/* QueueQuery RETRY and DROP */
extern const struct op_class op_attack;	/* AttackQuery */
extern const struct op_class op_settle;	/* Settle; or no question */

/* Answered at once; each takes the question. */
void op_status_answer(struct engine *, struct peer *, Message__Envelope *);
void op_list_answer(struct engine *, struct peer *, Message__Envelope *);
/* How the watch for attacks is, in that arena; now in microseconds. */
Message__Attack *op_attack_tell(struct engine *, struct arena *, int64_t now);
/* An answer Acted to fill in; it says DONE. */
Message__Acted *op_admin_acted(struct turn *, struct op *);

/* LIST at once; the others are queued. */
void op_queue_answer(struct engine *, struct peer *, Message__Envelope *);

#endif
