/* SPDX-License-Identifier: ISC */
/*
 * The subscription machine: what an event makes of one address's standing
 * with one list, and what follows from it.  Pure: a table.
 *
 * `pending` is a request's alone: it stands beside whatever the contact has
 * (SUB_NONE or SUB_UNSUBSCRIBED), and when it ends unconfirmed that is what
 * is left, which this machine calls SUB_NONE.
 */
#ifndef CORE_SUB_H
#define CORE_SUB_H

enum sub_state { SUB_NONE, SUB_PENDING, SUB_CONFIRMED, SUB_UNSUBSCRIBED,
	SUB_SUPPRESSED, SUB_STATES };

enum sub_event { SUB_SUBSCRIBE, SUB_CONFIRM, SUB_UNSUBSCRIBE, SUB_NOTME,
	SUB_UNDO, SUB_EXPIRE, SUB_EVENTS };

enum sub_effect {
	SUB_ASK = 1 << 0,	/* mail the confirmation link */
	SUB_WELCOME = 1 << 1,	/* mail a welcome, if the list has one */
	SUB_ALREADY = 1 << 2,	/* mail "you are subscribed already" */
	SUB_CANCEL = 1 << 3,	/* what is queued must not go any more */
	SUB_WRITE = 1 << 4,	/* the contact's subscription changes */
	SUB_SUPPRESS = 1 << 5,	/* the list must not mail it for a while */
	SUB_RELEASE = 1 << 6,	/* that again undone */
	SUB_FORGET = 1 << 7,	/* the request and its evidence go */
};

struct sub_step {
	enum sub_state next;
	unsigned effects;	/* of enum sub_effect */
};

struct sub_step sub_step(enum sub_state state, enum sub_event event);

/* "pending" …, as logs and exports spell it. */
const char *sub_state_name(enum sub_state state);

#endif
