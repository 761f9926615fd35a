/* SPDX-License-Identifier: ISC */
/*
 * Each in an operation of its own, unless the mailer has it meanwhile.
 */
#include "app/engine/recall.h"

#include "app/engine/engine.h"
#include "app/engine/mail_source.h"
#include "base/bytes.h"
#include "core/fair.h"

static void
recall_gather(struct turn *turn, struct op *op)
{
	struct mail_source source;

	(void)mail_source_get(turn, op->due, op->id, &source);
}

static void
recall_apply(struct turn *turn, struct op *op)
{
	struct outbox_key from = { op->due, op->id };
	struct outbox_key now = { (uint64_t)turn->now, op->id };
	const Record__Outbox *row = rows_outbox(turn, op->due, op->id);

	if (row == NULL || outbox_is_claimed(turn->engine, from) ||
	    from.due <= now.due)
		return;
	outbox_move(turn, from, now.due, row);
	mail_source_point(turn, row, now);
}

static const struct op_class op_recall = {
	.name = "recall",
	.gather = recall_gather,
	.apply = recall_apply,
};

static bool
on_waiting(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	uint64_t due = bytes_get_be((const uint8_t *)key.p, 8);

	(void)found;
	(void)value;
	if (fair_is_place(due))
		return false;
	turn_queue(arg, &op_recall, bytes_get_be((const uint8_t *)key.p + 8,
	    8))->due = due;
	return true;
}

void
recall_mails(struct engine *e, int64_t now)
{
	struct rows_key from = rows_key_pair((uint64_t)now + 1, 0);

	store_scan(e->store, &(struct store_scan){ .table = STORE_OUTBOX,
	    .from = rows_key_slice(&from), .limit = SIZE_MAX,
	    .on_row = on_waiting, .arg = e });
}
