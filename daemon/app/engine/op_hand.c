/* SPDX-License-Identifier: ISC */
/*
 * A mail that is due goes to the mailer, if anybody still waits for it.
 */
#include "app/engine/op_hand.h"

#include "app/engine/engine.h"
#include "app/engine/mail_source.h"
#include "app/wire.h"

static void
hand_gather(struct turn *turn, struct op *op)
{
	struct mail_source source;

	(void)mail_source_get(turn, op->due, op->id, &source);
}

static void
hand_apply(struct turn *turn, struct op *op)
{
	struct mail_source source;
	Message__Mail *mail;
	const struct engine_list *l;

	if (!mail_source_get(turn, op->due, op->id, &source))
		return;
	l = engine_list_by_id(turn->engine, source.row->lists[0]);
	if (l == NULL || l->config == NULL ||
	    !mail_source_is_wanted(turn, &source)) {
		outbox_delete(turn, (struct outbox_key){ op->due, op->id });
		return;
	}
	/* It waits for a backup of what is damaged. */
	if (!mail_source_is_whole(turn, &source))
		return;
	mail = arena_alloc(turn->arena, sizeof(*mail));
	message__mail__init(mail);
	mail->due = op->due;
	mail->sequence = op->id;
	mail->kind = turn_text(turn, source.kind->name);
	mail->list = l->name;
	mail->lang = source.row->lang;
	mail->address = source.row->address;
	mail->message_id = source.row->message_id;
	mail->queued_at = source.row->queued_at;
	mail->attempts = source.row->attempts;
	mail_source_fill(turn, &source, mail);
	op->reply = arena_alloc(turn->arena, sizeof(*op->reply));
	message__envelope__init(op->reply);
	op->reply->body_case = MESSAGE__ENVELOPE__BODY_MAIL;
	op->reply->mail = mail;
}

static void
hand_done(struct turn *turn, struct op *op, int error)
{
	struct engine *e = turn->engine;

	/* Another mailer by now: claims and credits began anew with it. */
	if (op->peer->generation != op->generation)
		return;
	if (error == 0 && op->reply != NULL &&
	    wire_send(op->peer->ipc, op->reply) == 0)
		return;
	/* Dropped: the credit is there again. */
	outbox_release(e, (struct outbox_key){ op->due, op->id });
	if (error == 0 && op->peer == engine_peer(e, ROLE_MAILER, 0))
		outbox_add_credit(e, 1);
}

const struct op_class op_hand = {
	.name = "hand",
	.gather = hand_gather,
	.apply = hand_apply,
	.done = hand_done,
};
