/* SPDX-License-Identifier: ISC */
/*
 * Goes through contacts and requests, a page of operations at a time, and
 * holds each against what the former database says of it.  An id is given out
 * a second time only by an earlier restore: a contact that has another one
 * there was erased in between, and a request is known by its time, too.
 */
#include "app/engine/carry_private.h"

#include <stdlib.h>

#include "app/engine/engine.h"
#include "app/engine/erase.h"
#include "app/engine/leave.h"
#include "app/engine/ledger_log.h"
#include "app/engine/recover.h"
#include "app/engine/request.h"
#include "app/engine/retain.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"

enum { PAGE = 1000 };
/* Who did it, in the ledger. */
static const char by[] = "restore";

struct carry *
carry_open(const char *former, struct buf *error)
{
	struct carry *c = MEM_NEW(struct carry);
	int ret = former != NULL ? store_read_open(former, &c->former) : 0;

	if (ret == 0)
		return c;
	buf_printf(error, "%s: cannot open the former database: %s", former,
	    store_strerror(ret));
	free(c);
	return NULL;
}

void
carry_close(struct carry *c)
{
	if (c == NULL)
		return;
	store_read_close(c->former);
	free(c);
}

/* ---- what the former one says ---- */

/* A record of it, in the turn's arena; NULL unless it is found. */
static void *
former_get(struct turn *turn, enum store_table table, struct rows_key key,
    const ProtobufCMessageDescriptor *type, enum store_found *ret_found)
{
	struct carry *c = turn->engine->carry;
	struct slice value;
	void *record = NULL;

	*ret_found = store_read_get(c->former, table, rows_key_slice(&key),
	    &value);
	if (*ret_found == STORE_FOUND)
		record = protobuf_c_message_unpack(type, &turn->allocator,
		    value.len, (const uint8_t *)value.p);
	if (*ret_found == STORE_FOUND && record == NULL)
		*ret_found = STORE_DAMAGED;
	return record;
}

enum fate { FATE_UNKNOWN, FATE_SAME, FATE_ERASED, FATE_UNREAD };

struct then {
	enum fate fate;
	Record__Address *entry;		/* both are there if it is the same */
	Record__Contact *contact;
};

static struct then
fate_of(struct turn *turn, const struct person *p)
{
	struct then then = { .fate = FATE_ERASED };
	enum store_found found;

	if (turn->engine->carry->former == NULL)
		return (struct then){ .fate = FATE_UNKNOWN };
	then.entry = former_get(turn, STORE_ADDRESS,
	    rows_key_bytes(p->key, sizeof(p->key)),
	    &record__address__descriptor, &found);
	if (found == STORE_DAMAGED)
		then.fate = FATE_UNREAD;
	if (then.entry == NULL || then.entry->contact != p->entry->contact)
		return then;
	then.contact = former_get(turn, STORE_CONTACT,
	    rows_key_id(p->entry->contact), &record__contact__descriptor,
	    &found);
	if (then.contact != NULL)
		then.fate = FATE_SAME;
	else if (found == STORE_DAMAGED)
		then.fate = FATE_UNREAD;
	return then;
}

/* ---- contacts ---- */

static const Record__Subscription *
find_subscription(const Record__Contact *c, uint32_t list)
{
	for (size_t i = 0; c != NULL && i < c->n_subscriptions; i++) {
		if (c->subscriptions[i]->list == list)
			return c->subscriptions[i];
	}
	return NULL;
}

/* A mail that is queued here and not there has been sent, or isn't wanted. */
static void
drop_mail(struct turn *turn, uint64_t *due, uint64_t *sequence,
    uint64_t queued_then)
{
	if (*sequence == 0 || *sequence == queued_then)
		return;
	outbox_cancel(turn, (struct outbox_key){ *due, *sequence });
	*due = *sequence = 0;
	turn->engine->carry->mails++;
}

static void
drop_mails(struct turn *turn, struct person *p, const struct then *then)
{
	Record__Address *entry = p->entry;

	for (size_t i = 0; i < p->contact->n_subscriptions; i++) {
		Record__Subscription *s = p->contact->subscriptions[i];
		const Record__Subscription *former =
		    find_subscription(then->contact, s->list);

		drop_mail(turn, &s->outbox_due, &s->outbox_sequence,
		    former != NULL ? former->outbox_sequence : 0);
	}
	drop_mail(turn, &entry->already_due, &entry->already_sequence,
	    then->entry != NULL ? then->entry->already_sequence : 0);
	drop_mail(turn, &entry->manage_due, &entry->manage_sequence,
	    then->entry != NULL ? then->entry->manage_sequence : 0);
	person_put_contact(turn, p);
	person_put_entry(turn, p);
}

static void
leave_as_then(struct turn *turn, struct person *p, const struct then *then)
{
	for (size_t i = 0; i < p->contact->n_subscriptions; i++) {
		uint32_t list = p->contact->subscriptions[i]->list;
		const Record__Subscription *former =
		    find_subscription(then->contact, list);

		if (former == NULL || former->state !=
		    RECORD__SUBSCRIPTION__STATE__CONFIRMED)
			turn->engine->carry->left +=
			    leave_lists(turn, p, list, by);
	}
}

/* What they took back of their data doesn't return; and who had left is known
 * for no longer than was said then. */
static void
take_data(struct turn *turn, struct person *p, const struct then *then)
{
	p->contact->address = then->contact->address;
	p->contact->name = then->contact->name;
	p->contact->n_fields = then->contact->n_fields;
	p->contact->fields = then->contact->fields;
	p->contact->lang = then->contact->lang;
	if (p->contact->ends_at != 0 && then->contact->ends_at != 0)
		retain_set_end(turn, p, then->contact->ends_at);
	person_put_contact(turn, p);
}

static void
erase(struct turn *turn, struct person *p)
{
	struct erase_how how = { .proof_is_done = true, .by = by };

	(void)erase_person(turn, p, &how);
	turn->engine->carry->erased++;
}

static void
contact_gather(struct turn *turn, struct op *op)
{
	struct person p;

	if (person_get_contact(turn, op->id, &p) &&
	    fate_of(turn, &p).fate == FATE_ERASED)
		erase_gather(turn, &p);
}

static void
contact_apply(struct turn *turn, struct op *op)
{
	struct then then;
	struct person p;

	if (!person_get_contact(turn, op->id, &p))
		return;
	then = fate_of(turn, &p);
	switch (then.fate) {
	case FATE_ERASED:
		erase(turn, &p);
		return;
	case FATE_UNREAD:
		turn->engine->carry->unread += leave_lists(turn, &p, 0,
		    by) > 0;
		break;
	case FATE_SAME:
		leave_as_then(turn, &p, &then);
		take_data(turn, &p, &then);
		break;
	case FATE_UNKNOWN:
		break;
	}
	drop_mails(turn, &p, &then);
}

static const struct op_class op_contact = {
	.name = "carry_contact",
	.gather = contact_gather,
	.apply = contact_apply,
};

/* ---- requests ---- */

static void
request_gather(struct turn *turn, struct op *op)
{
	Record__Request *r = rows_request(turn, op->id);

	if (r == NULL)
		return;
	(void)request_person(turn, r);
	ledger_gather_chain(turn, r->last_event, LEDGER_ERASE_MAX);
}

/* It was withdrawn, or expired, or nobody can tell. */
static void
forget(struct turn *turn, uint64_t id, Record__Request *r)
{
	struct person p = request_person(turn, r);

	turn->engine->carry->requests++;
	if (r->state == RECORD__REQUEST__STATE__NEW)
		request_forget_stub(turn, id, r);
	else
		request_forget(turn, id, r, &p);
}

/* Its mail was sent: then its time to confirm runs as it did. */
static void
take_times(struct turn *turn, uint64_t id, Record__Request *r,
    const Record__Request *then)
{
	drop_mail(turn, &r->outbox_due, &r->outbox_sequence,
	    then->outbox_sequence);
	r->mailed_at = then->mailed_at;
	if (then->expires_at != 0)
		request_set_expiry(turn, id, r, then->expires_at);
	rows_put_request(turn, id, r);
}

/* What waits here and was withdrawn there can still be taken back. */
static void
withdraw(struct turn *turn, uint64_t id, Record__Request *r)
{
	request_cancel_mail(turn, r);
	r->state = RECORD__REQUEST__STATE__WITHDRAWN;
	rows_put_request(turn, id, r);
	turn->engine->carry->requests++;
}

static void
request_apply(struct turn *turn, struct op *op)
{
	Record__Request *r = rows_request(turn, op->id), *then;
	enum store_found found;

	if (r == NULL || r->state == RECORD__REQUEST__STATE__CONFIRMED ||
	    turn->engine->carry->former == NULL)
		return;
	then = former_get(turn, STORE_REQUEST, rows_key_id(op->id),
	    &record__request__descriptor, &found);
	if (then == NULL || then->asked_at != r->asked_at)
		forget(turn, op->id, r);
	else if (r->state == RECORD__REQUEST__STATE__WAITING &&
	    then->state == RECORD__REQUEST__STATE__WITHDRAWN)
		withdraw(turn, op->id, r);
	else if (r->state == RECORD__REQUEST__STATE__WAITING)
		take_times(turn, op->id, r, then);
}

static const struct op_class op_request = {
	.name = "carry_request",
	.gather = request_gather,
	.apply = request_apply,
};

/* ---- page by page ---- */

static const struct {
	enum store_table table;
	const struct op_class *class;
} steps[] = {
	{ STORE_CONTACT, &op_contact },
	{ STORE_REQUEST, &op_request },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static bool
on_row(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct engine *e = arg;
	struct carry *c = e->carry;
	uint64_t id = bytes_get_be((const uint8_t *)key.p, key.len);

	(void)value;
	c->next = id + 1;
	/* What is damaged is nobody's to be mailed by. */
	if (found == STORE_FOUND)
		turn_queue(e, steps[c->step].class, id);
	return true;
}

static void
end(struct engine *e)
{
	const struct carry *c = e->carry;
	int error = c->former != NULL ? store_read_error(c->former) : 0;

	if (error < 0) {
		engine_fail(e, "the former database can't be read to its "
		    "end: %s", store_strerror(error));
	} else {
		log_info("carried", log_num("left", c->left),
		    log_num("erased", c->erased),
		    log_num("requests", c->requests),
		    log_num("mails", c->mails), log_num("unread", c->unread));
		recover_start(e);
	}
}

static void
next_apply(struct turn *turn, struct op *op)
{
	(void)turn;
	(void)op;
}

static void
next_done(struct turn *turn, struct op *op, int error)
{
	(void)op;
	if (error == 0)
		carry_begin(turn->engine);
}

/* Behind the operations of a page. */
static const struct op_class op_next = {
	.name = "carry_next",
	.is_alone = true,
	.apply = next_apply,
	.done = next_done,
};

void
carry_begin(struct engine *e)
{
	struct carry *c = e->carry;
	struct rows_key from = rows_key_id(c->next);
	uint64_t before = c->next;

	store_scan(e->store, &(struct store_scan){
	    .table = steps[c->step].table, .from = rows_key_slice(&from),
	    .limit = PAGE, .on_row = on_row, .arg = e });
	if (c->next == before) {
		c->next = 0;
		c->step++;
	}
	if (c->step < STEPS)
		turn_queue(e, &op_next, 0);
	else
		end(e);
}
