/* SPDX-License-Identifier: ISC */
/*
 * Rows in, rows out, and who has been given what.
 */
#include "app/engine/outbox.h"

#include "app/engine/engine.h"
#include "app/engine/op_hand.h"
#include "app/engine/rows.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"

static const char *const kind_names[] = {
	[OUTBOX_CONFIRM] = "confirm",
	[OUTBOX_WELCOME] = "welcome",
	[OUTBOX_ALREADY] = "already",
	[OUTBOX_MANAGE] = "manage",
	[OUTBOX_GOODBYE] = "goodbye",
};
_Static_assert(sizeof(kind_names) / sizeof(kind_names[0]) == OUTBOX_KINDS,
    "each kind has a name");

const char *
outbox_kind_name(enum outbox_kind kind)
{
	return kind < OUTBOX_KINDS ? kind_names[kind] : "unknown";
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

static void
put(struct turn *turn, struct outbox_key key, const Record__Outbox *row)
{
	struct outbox *o = &turn->engine->outbox;

	rows_put(turn, STORE_OUTBOX, rows_key_pair(key.due, key.sequence),
	    &row->base);
	/* A clock that went back must not hide a new row behind the cursor. */
	if (key_is_before(key, o->cursor))
		o->cursor = (struct outbox_key){ key.due, 0 };
}

struct outbox_key
outbox_add(struct turn *turn, Record__Outbox *row)
{
	struct engine *e = turn->engine;
	struct outbox_key key = { (uint64_t)turn->now,
		e->progress.next_outbox++ };

	e->progress.changed = true;
	row->message_id = make_message_id(turn);
	row->queued_at = turn->now;
	row->give_up_at = turn->now +
	    (int64_t)e->config->mail.lifetime * CLOCK_SECOND;
	put(turn, key, row);
	return key;
}

void
outbox_move(struct turn *turn, struct outbox_key from, uint64_t due,
    const Record__Outbox *row)
{
	outbox_delete(turn, from);
	put(turn, (struct outbox_key){ due, from.sequence }, row);
}

void
outbox_delete(struct turn *turn, struct outbox_key key)
{
	rows_delete(turn, STORE_OUTBOX, rows_key_pair(key.due, key.sequence));
}

static ptrdiff_t
find_claim(const struct outbox *o, uint64_t sequence)
{
	for (size_t i = 0; i < o->claimed_count; i++) {
		if (o->claimed[i].sequence == sequence)
			return (ptrdiff_t)i;
	}
	return -1;
}

bool
outbox_is_claimed(const struct engine *e, struct outbox_key key)
{
	return find_claim(&e->outbox, key.sequence) >= 0;
}

void
outbox_cancel(struct turn *turn, struct outbox_key key)
{
	if (key.sequence != 0 && !outbox_is_claimed(turn->engine, key))
		outbox_delete(turn, key);
}

void
outbox_add_credit(struct engine *e, uint32_t count)
{
	struct outbox *o = &e->outbox;
	size_t room = OUTBOX_CLAIMS_MAX - o->claimed_count - o->credit;

	o->credit += count < room ? count : (uint32_t)room;
	engine_schedule(e);
}

void
outbox_forget_claims(struct engine *e)
{
	e->outbox = (struct outbox){ 0 };
}

void
outbox_release(struct engine *e, struct outbox_key key)
{
	struct outbox *o = &e->outbox;
	ptrdiff_t at = find_claim(o, key.sequence);

	if (at >= 0)
		o->claimed[at] = o->claimed[--o->claimed_count];
}

void
outbox_look_again(struct engine *e)
{
	e->outbox.cursor = (struct outbox_key){ 0, 0 };
	engine_schedule(e);
}

struct dispatch {
	struct engine *engine;
	struct peer *mailer;
	int64_t now;
	int64_t next_due;
};

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
	struct op *op;

	(void)value;
	if ((int64_t)at.due > d->now) {
		d->next_due = (int64_t)at.due;
		return false;
	}
	if (o->credit == 0)
		return false;
	o->cursor = at;
	if (found == STORE_DAMAGED)
		log_error("row_damaged", log_num("table", STORE_OUTBOX));
	if (found != STORE_FOUND || find_claim(o, at.sequence) >= 0)
		return true;
	o->credit--;
	o->claimed[o->claimed_count++] = at;
	op = turn_queue(d->engine, &op_hand, at.sequence);
	op->due = at.due;
	op->peer = d->mailer;
	op->generation = d->mailer->generation;
	return true;
}

int64_t
outbox_dispatch(struct engine *e, int64_t now)
{
	struct outbox *o = &e->outbox;
	struct dispatch d = { e, engine_peer(e, ROLE_MAILER, 0), now,
		INT64_MAX };
	struct rows_key from = rows_key_pair(o->cursor.due,
	    o->cursor.sequence + 1);

	if (o->credit == 0 || d.mailer == NULL ||
	    store_is_above(e->store, ENGINE_MAILS_PERCENT))
		return INT64_MAX;
	store_scan(e->store, &(struct store_scan){ .table = STORE_OUTBOX,
	    .from = rows_key_slice(&from), .limit = OUTBOX_CLAIMS_MAX * 2,
	    .on_row = on_row, .arg = &d });
	return d.next_due;
}
