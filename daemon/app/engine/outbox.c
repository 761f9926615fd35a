/* SPDX-License-Identifier: ISC */
/*
 * Rows in, rows out, and who has been given what.
 */
#include "app/engine/outbox.h"

#include "app/engine/engine.h"
#include "app/engine/held.h"
#include "app/engine/op_hand.h"
#include "app/engine/rows.h"
#include "app/mail_kind.h"
#include "app/wire.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "core/fair.h"
#include "core/heap.h"

/* Rows looked at in one go: more than can be claimed. */
enum { SCAN_MAX = 2 * OUTBOX_CLAIMS_MAX };

bool
outbox_is_by_strangers(const Record__Outbox *row)
{
	const struct mail_kind *kind = mail_kind_get(row->kind);

	return kind != NULL && kind->is_by_strangers;
}

static bool
key_is_before(struct outbox_key a, struct outbox_key b)
{
	return a.due < b.due || (a.due == b.due && a.sequence < b.sequence);
}

/* 128 random bits at our own host (RFC 5322 §3.6.4). */
static char *
make_message_id(struct turn *turn)
{
	struct buf id = { 0 };
	uint8_t random[16];
	char *copy;

	crypto_random(random, sizeof(random));
	bytes_add_hex(&id, random, sizeof(random));
	buf_add_char(&id, '@');
	buf_add_slice(&id, config_host(turn->engine->config));
	copy = turn_text(turn, buf_str(&id));
	buf_fini(&id);
	return copy;
}

void
outbox_put(struct turn *turn, struct outbox_key key,
    const Record__Outbox *row)
{
	struct outbox *o = &turn->engine->outbox;

	rows_put(turn, STORE_OUTBOX, rows_key_pair(key.due, key.sequence),
	    &row->base);
	/* A clock that went back must not hide a new row behind a cursor. */
	for (int i = 0; i < OUTBOX_TURNS; i++) {
		if (key_is_before(key, o->cursor[i]))
			o->cursor[i] = (struct outbox_key){ key.due, 0 };
	}
}

struct outbox_key
outbox_add(struct turn *turn, Record__Outbox *row)
{
	struct engine *e = turn->engine;
	struct outbox_key key = { outbox_is_by_strangers(row) ?
	    held_due(turn, row) : (uint64_t)turn->now,
		e->progress.next_outbox++ };

	e->progress.changed = true;
	row->message_id = make_message_id(turn);
	row->queued_at = turn->now;
	row->give_up_at = turn->now +
	    (int64_t)e->config->mail.lifetime * CLOCK_SECOND;
	outbox_put(turn, key, row);
	return key;
}

void
outbox_move(struct turn *turn, struct outbox_key from, uint64_t due,
    const Record__Outbox *row)
{
	outbox_delete(turn, from);
	outbox_put(turn, (struct outbox_key){ due, from.sequence }, row);
}

void
outbox_delete(struct turn *turn, struct outbox_key key)
{
	rows_delete(turn, STORE_OUTBOX, rows_key_pair(key.due, key.sequence));
	if (fair_is_place(key.due))
		held_left(turn->engine, key.due);
}

static ptrdiff_t
find_claim(const struct outbox *o, uint64_t sequence)
{
	for (size_t i = 0; i < o->claimed_count; i++) {
		if (o->claimed[i].key.sequence == sequence)
			return (ptrdiff_t)i;
	}
	return -1;
}

bool
outbox_is_claimed(const struct engine *e, struct outbox_key key)
{
	return find_claim(&e->outbox, key.sequence) >= 0;
}

/* Should the turn fail, it is only handed out again. */
static void
recall(struct engine *e, const struct outbox_claim *claim)
{
	struct peer *mailer = engine_peer(e, ROLE_MAILER, 0);
	Message__MailRecall body;
	Message__Envelope envelope;

	/* One that was taken over from has given back all it could. */
	if (mailer == NULL || mailer->generation != claim->mailer)
		return;
	message__mail_recall__init(&body);
	message__envelope__init(&envelope);
	body.sequence = claim->key.sequence;
	envelope.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RECALL;
	envelope.mail_recall = &body;
	(void)wire_send(mailer->ipc, &envelope);
}

void
outbox_cancel(struct turn *turn, struct outbox_key key)
{
	struct engine *e = turn->engine;
	ptrdiff_t at = find_claim(&e->outbox, key.sequence);

	if (at >= 0)
		recall(e, &e->outbox.claimed[at]);
	else if (key.sequence != 0)
		outbox_delete(turn, key);
}

void
outbox_add_credit(struct engine *e, uint32_t count)
{
	struct outbox *o = &e->outbox;
	size_t room = OUTBOX_CLAIMS_MAX - o->claimed_count - o->credit;

	o->credit += count < room ? count : (uint32_t)room;
}

void
outbox_new_mailer(struct engine *e)
{
	e->outbox.credit = 0;
	e->outbox.paused = false;
}

static void
remove_claim(struct outbox *o, size_t i)
{
	o->count[o->claimed[i].turn]--;
	o->claimed[i] = o->claimed[--o->claimed_count];
}

void
outbox_forget_claims(struct engine *e, const struct peer *mailer)
{
	struct outbox *o = &e->outbox;

	for (size_t i = o->claimed_count; i-- > 0;) {
		if (o->claimed[i].mailer == mailer->generation)
			remove_claim(o, i);
	}
	if (mailer == engine_peer(e, ROLE_MAILER, mailer->index))
		o->credit = 0;
	for (int i = 0; i < OUTBOX_TURNS; i++)
		o->cursor[i] = (struct outbox_key){ 0, 0 };
}

void
outbox_release(struct engine *e, struct outbox_key key)
{
	struct outbox *o = &e->outbox;
	ptrdiff_t at = find_claim(o, key.sequence);

	if (at >= 0)
		remove_claim(o, (size_t)at);
}

void
outbox_look_again(struct engine *e)
{
	for (int i = 0; i < OUTBOX_TURNS; i++)
		e->outbox.cursor[i] = (struct outbox_key){ 0, 0 };
	engine_schedule(e);
}

struct dispatch {
	struct engine *engine;
	struct peer *mailer;
	enum outbox_turn turn;
	int64_t now;
	size_t seen;
	int64_t next_due;
};

static bool
has_room(const struct outbox *o, enum outbox_turn turn)
{
	size_t most = o->claimed_count + o->credit;

	if (turn == OUTBOX_AGAIN)
		most = most > 1 ? most / 2 : most;
	return o->credit > 0 && o->count[turn] < most;
}

static enum outbox_turn
turn_of(struct slice value)
{
	Record__Outbox *row = record__outbox__unpack(heap_allocator(),
	    value.len, (const uint8_t *)value.p);
	enum outbox_turn turn = row != NULL && row->attempts > 0 ?
	    OUTBOX_AGAIN : OUTBOX_FRESH;

	record__outbox__free_unpacked(row, NULL);
	return turn;
}

static void
claim(struct dispatch *d, struct outbox_key at)
{
	struct outbox *o = &d->engine->outbox;
	struct op *op = turn_queue(d->engine, &op_hand, at.sequence);

	o->credit--;
	o->count[d->turn]++;
	o->claimed[o->claimed_count++] = (struct outbox_claim){ at, d->turn,
		d->mailer->generation };
	op->due = at.due;
	op->peer = d->mailer;
	op->generation = d->mailer->generation;
}

static bool
on_row(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct dispatch *d = arg;
	struct outbox *o = &d->engine->outbox;
	struct outbox_key at = {
		bytes_get_be((const uint8_t *)key.p, 8),
		bytes_get_be((const uint8_t *)key.p + 8, 8),
	};

	d->seen++;
	if ((int64_t)at.due > d->now) {
		if (!fair_is_place(at.due))
			d->next_due = (int64_t)at.due;
		return false;
	}
	if (!has_room(o, d->turn))
		return false;
	o->cursor[d->turn] = at;
	if (found == STORE_DAMAGED && d->turn == OUTBOX_FRESH)
		rows_log_damaged(STORE_OUTBOX, key);
	if (found == STORE_FOUND && turn_of(value) == d->turn &&
	    find_claim(o, at.sequence) < 0)
		claim(d, at);
	return true;
}

int64_t
outbox_dispatch(struct engine *e, int64_t now)
{
	struct outbox *o = &e->outbox;
	struct dispatch d = { .engine = e, .now = now,
		.mailer = engine_peer(e, ROLE_MAILER, 0),
		.next_due = INT64_MAX };

	if (d.mailer == NULL || o->paused ||
	    store_is_above(e->store, ENGINE_MAILS_PERCENT))
		return INT64_MAX;
	for (int i = 0; i < OUTBOX_TURNS && has_room(o, (enum outbox_turn)i);
	    i++) {
		struct rows_key from = rows_key_pair(o->cursor[i].due,
		    o->cursor[i].sequence + 1);

		d.turn = (enum outbox_turn)i;
		d.seen = 0;
		store_scan(e->store, &(struct store_scan){
		    .table = STORE_OUTBOX, .from = rows_key_slice(&from),
		    .limit = SCAN_MAX, .on_row = on_row, .arg = &d });
		/* There may be more: after what has to be done now. */
		if (d.seen == SCAN_MAX)
			d.next_due = now;
	}
	return d.next_due;
}
