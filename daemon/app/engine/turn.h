/* SPDX-License-Identifier: ISC */
/*
 * A turn: everything that has arrived, done as one transaction with one sync,
 * and only then answered (group commit).  What arrives meanwhile is the next
 * turn's group.
 *
 * Work comes as operations.  `gather` names the rows an operation needs, by
 * reading them with rows_get(): called again after each load, it gets a little
 * further each time, until nothing new is wanted.  Then each operation's
 * `apply` changes rows, in order, seeing what those before it changed; one
 * that would need other rows because of that waits for the next turn.  After
 * the commit `done` tells others.
 */
#ifndef APP_TURN_H
#define APP_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "base/arena.h"
#include "core/message.pb-c.h"

struct engine;
struct op;
struct peer;
struct store_turn;

/* Operations in a turn; and changes in it after which no more begin. */
enum { TURN_OPS_MAX = 1024, TURN_CHANGES_MAX = 4000 };

struct turn {
	struct engine *engine;
	struct store_turn *store;
	struct arena *arena;		/* cleared when a round begins */
	ProtobufCAllocator allocator;	/* of that arena */
	int64_t now;			/* wall clock, microseconds */
	int64_t past;			/* what ended until then is over:
					 * now, unless the clock is doubted */
	bool settles;			/* leaves nothing in the journal */
	bool applying;
	struct op *ops, *op;		/* all; the one it is at */
	int64_t begun_at, commit_at;	/* monotonic us, for the metrics */
};

struct op_class {
	const char *name;
	/* Those around it differ in what they know: a turn of its own. */
	bool is_alone;
	/* Nobody outside relies on it, and after a crash it would be done
	 * again: a turn of such alone is synced with the next one. */
	bool can_wait;
	/* These may be NULL. */
	void (*gather)(struct turn *, struct op *);
	void (*apply)(struct turn *, struct op *);
	/*
	 * After the commit, or when it has its place in the next one; on an
	 * error nothing was written.  May be NULL:
	 * then the reply, if there is one, is sent.  Must not touch rows.
	 */
	void (*done)(struct turn *, struct op *, int error);
};

struct op {
	const struct op_class *class;
	struct op *next;
	Message__Envelope *question;	/* owned; NULL: the engine's own */
	struct peer *peer;		/* who asked */
	uint32_t generation;		/* of that peer */
	Message__Envelope *reply;	/* in the turn's arena */
	uint64_t id, due;		/* what it is about */
	uint64_t *ids;			/* owned; several of them */
	size_t id_count;
	struct op_memo *memo;		/* owned; see op_memo.h */
};

/* Queues one, owned by the engine. */
struct op *turn_queue(struct engine *, const struct op_class *, uint64_t id);
struct op *turn_queue_question(struct engine *, const struct op_class *,
    struct peer *, Message__Envelope *question);	/* which it takes */
/* Runs one turn now, if there is work and none runs. */
void turn_run(struct engine *);
/* Has what waits for a commit written, if no turn is to come anyway. */
void turn_sync(struct engine *);
/* Has the journal's content written to where it belongs. */
void turn_settle(struct engine *);

/* A reply to fill in, of the question's serial, in the turn's arena. */
Message__Envelope *turn_reply(struct turn *, struct op *,
    Message__Envelope__BodyCase body);
/* Sends an op's reply if its asker is still there. */
void turn_send_reply(struct op *);
/* A text in the turn's arena, for messages and records. */
char *turn_text(struct turn *, const char *text);
/* A grown copy of an array: room for one more behind `count` ones. */
void *turn_grow(struct turn *, const void *array, size_t count, size_t size);

#endif
