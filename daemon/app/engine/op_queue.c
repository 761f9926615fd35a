/* SPDX-License-Identifier: ISC */
/*
 * The administrator and the outbox: look at it, have rows tried now, drop one.
 */
#include "app/engine/op_admin.h"

#include <stdlib.h>

#include "app/engine/engine.h"
#include "app/engine/held.h"
#include "app/engine/mail_source.h"
#include "app/wire.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/fair.h"
#include "core/heap.h"

enum { LIST_MAX = 1000, CHANGE_MAX = 500 };	/* rows: an answer, a turn */

/* ---- list ---- */

struct listing {
	struct engine *engine;
	Message__Queue *queue;	/* all of it owned */
};

static char *
list_name(const struct engine *e, const Record__Outbox *row)
{
	const struct engine_list *l = row->n_lists > 0 ?
	    engine_list_by_id(e, row->lists[0]) : NULL;

	return mem_strdup(l != NULL ? l->name : "");
}

static struct outbox_key
key_of(struct slice key)
{
	return (struct outbox_key){
		bytes_get_be((const uint8_t *)key.p, 8),
		bytes_get_be((const uint8_t *)key.p + 8, 8) };
}

static bool
on_row(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct listing *listing = arg;
	Message__Queue *queue = listing->queue;
	Message__Queue__Row *row;
	Record__Outbox *from = NULL;

	if (found == STORE_FOUND)
		from = record__outbox__unpack(heap_allocator(), value.len,
		    (const uint8_t *)value.p);
	if (from == NULL)
		return true;
	row = MEM_NEW(Message__Queue__Row);
	message__queue__row__init(row);
	row->due = key_of(key).due;
	row->sequence = key_of(key).sequence;
	row->kind = mem_strdup(mail_kind_name(from->kind));
	row->list = list_name(listing->engine, from);
	row->address = mem_strdup(from->address);
	row->attempts = from->attempts;
	row->queued_at = from->queued_at;
	row->last_reply = mem_strdup(from->last_reply);
	row->held = mem_strdup(held_reason(row->due));
	record__outbox__free_unpacked(from, NULL);
	queue->rows = mem_resize(queue->rows, queue->n_rows + 1,
	    sizeof(*queue->rows));
	queue->rows[queue->n_rows++] = row;
	return true;
}

static void
answer_list(struct engine *e, struct peer *peer, Message__Envelope *question)
{
	uint32_t limit = question->queue_query->limit;
	Message__Queue *queue = MEM_NEW(Message__Queue);
	struct listing listing = { e, queue };
	Message__Envelope reply;

	message__queue__init(queue);
	queue->total = store_count(e->store, STORE_OUTBOX);
	store_scan(e->store, &(struct store_scan){ .table = STORE_OUTBOX,
	    .limit = limit > 0 && limit < LIST_MAX ? limit : LIST_MAX,
	    .on_row = on_row, .arg = &listing });
	message__envelope__init(&reply);
	reply.serial = question->serial;
	reply.body_case = MESSAGE__ENVELOPE__BODY_QUEUE;
	reply.queue = queue;
	if (wire_send(peer->ipc, &reply) < 0)
		log_error("reply_failed", log_str("op", "queue"));
	message__queue__free_unpacked(queue, NULL);
	wire_free(question);
}

/* ---- retry and drop ---- */

struct selection {
	struct op *op;
	uint64_t sequence;	/* 0: all */
};

/*
 * An op's ids hold due and sequence of each row, in turn.  It works on
 * CHANGE_MAX of them a turn: `id` is how far it has come, `due` how many it
 * has changed.
 */
static bool
on_selected(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct selection *s = arg;
	struct outbox_key at = key_of(key);

	(void)found;
	(void)value;
	if (s->sequence != 0 && at.sequence != s->sequence)
		return true;
	/* All of them is all but what the budgets hold back. */
	if (s->sequence == 0 && fair_is_place(at.due))
		return false;
	s->op->ids = mem_resize(s->op->ids, s->op->id_count + 2,
	    sizeof(*s->op->ids));
	s->op->ids[s->op->id_count++] = at.due;
	s->op->ids[s->op->id_count++] = at.sequence;
	return s->sequence == 0;
}

void
op_queue_answer(struct engine *e, struct peer *peer,
    Message__Envelope *question)
{
	const Message__QueueQuery *query = question->queue_query;
	struct selection selection = { NULL, query->sequence };

	if (query->action == MESSAGE__QUEUE_QUERY__ACTION__LIST) {
		answer_list(e, peer, question);
		return;
	}
	selection.op = turn_queue_question(e, &op_queue, peer, question);
	store_scan(e->store, &(struct store_scan){ .table = STORE_OUTBOX,
	    .limit = SIZE_MAX,
	    .on_row = on_selected, .arg = &selection });
}

/* Where this turn's part of the ids ends. */
static size_t
part_end(const struct op *op)
{
	size_t left = op->id_count - op->id;

	return left < 2 * CHANGE_MAX ? op->id_count : op->id + 2 * CHANGE_MAX;
}

static void
queue_gather(struct turn *turn, struct op *op)
{
	for (size_t i = op->id; i < part_end(op); i += 2) {
		struct mail_source source;

		(void)mail_source_get(turn, op->ids[i], op->ids[i + 1],
		    &source);
	}
}

static bool
change_row(struct turn *turn, struct outbox_key key, bool drop)
{
	struct outbox_key now = { (uint64_t)turn->now, key.sequence };
	struct outbox_key nowhere = { 0, key.sequence };
	Record__Outbox *row = rows_outbox(turn, key.due, key.sequence);

	if (row == NULL || outbox_is_claimed(turn->engine, key))
		return false;
	if (drop) {
		outbox_delete(turn, key);
		mail_source_point(turn, row, nowhere);
	} else if (fair_is_place(key.due)) {
		held_let_go(turn, key, row, turn->now);
	} else if (key.due > now.due) {
		outbox_move(turn, key, now.due, row);
		mail_source_point(turn, row, now);
	}
	return true;
}

/* What the mailer has is its to end. */
static bool
is_tried(struct turn *turn, const struct op *op)
{
	return op->question->queue_query->sequence != 0 && op->id_count > 0 &&
	    outbox_is_claimed(turn->engine, (struct outbox_key){ op->ids[0],
	    op->ids[1] });
}

static void
queue_apply(struct turn *turn, struct op *op)
{
	const Message__QueueQuery *query = op->question->queue_query;
	bool drop = query->action == MESSAGE__QUEUE_QUERY__ACTION__DROP;
	Message__Queue *queue = arena_alloc(turn->arena, sizeof(*queue));
	size_t end = part_end(op);

	/* Dropping everything is never what was meant. */
	if (drop && query->sequence == 0)
		op->id = end = op->id_count;
	for (; op->id < end; op->id += 2)
		op->due += change_row(turn, (struct outbox_key){
		    op->ids[op->id], op->ids[op->id + 1] }, drop);
	message__queue__init(queue);
	queue->changed = (uint32_t)op->due;
	queue->is_tried = is_tried(turn, op);
	turn_reply(turn, op, MESSAGE__ENVELOPE__BODY_QUEUE)->queue = queue;
}

/* The rest of the ids in another turn, or the answer. */
static void
queue_done(struct turn *turn, struct op *op, int error)
{
	struct op *rest;

	if (error < 0)
		return;
	if (op->id == op->id_count) {
		turn_send_reply(op);
		return;
	}
	rest = turn_queue_question(turn->engine, &op_queue, op->peer,
	    op->question);
	rest->generation = op->generation;
	rest->ids = op->ids;
	rest->id_count = op->id_count;
	rest->id = op->id;
	rest->due = op->due;
	op->question = NULL;
	op->ids = NULL;
}

const struct op_class op_queue = {
	.name = "queue",
	.gather = queue_gather,
	.apply = queue_apply,
	.done = queue_done,
};
