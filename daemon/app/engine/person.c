/* SPDX-License-Identifier: ISC */
/*
 * An address's records, read together and changed together.
 */
#include "app/engine/person.h"

#include <assert.h>

#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "app/engine/op_memo.h"
#include "app/engine/request.h"
#include "app/engine/retain.h"
#include "app/engine/suppress.h"
#include "base/log.h"
#include "core/address.h"

static struct rows_key
entry_key(const struct person *p)
{
	return rows_key_bytes(p->key, sizeof(p->key));
}

struct person
person_get(struct turn *turn, const char *address_key,
    Record__Wish *const *wishes, size_t wish_count)
{
	struct person p = { .contact = NULL };

	op_memo_hash(turn, address_key, p.key);
	p.entry = rows_get(turn, STORE_ADDRESS, entry_key(&p),
	    &record__address__descriptor);
	for (size_t i = 0; i < wish_count; i++)
		(void)suppress_holds(turn, &p, wishes[i]->list, false);
	p.damaged = rows_is_damaged(turn, STORE_ADDRESS, entry_key(&p),
	    p.entry);
	if (p.entry == NULL) {
		p.entry = arena_alloc(turn->arena, sizeof(*p.entry));
		record__address__init(p.entry);
	}
	if (p.entry->contact != 0) {
		p.contact = rows_contact(turn, p.entry->contact);
		p.damaged = rows_is_damaged(turn, STORE_CONTACT,
		    rows_key_id(p.entry->contact), p.contact);
	}
	return p;
}

bool
person_get_contact(struct turn *turn, uint64_t contact,
    struct person *ret_person)
{
	Record__Contact *c = rows_contact(turn, contact);

	if (c == NULL)
		return false;
	*ret_person = person_get(turn, c->address_key, NULL, 0);
	/* Who has the contact's own link can leave without the index. */
	if (ret_person->damaged && ret_person->contact == NULL) {
		ret_person->entry->contact = contact;
		ret_person->contact = c;
	}
	return ret_person->contact != NULL;
}

bool
person_read(struct turn *turn, const char *address, struct person *ret_person)
{
	struct address parsed;

	if (address_parse(slice_str(address), &parsed) != ADDRESS_OK)
		return false;
	*ret_person = person_get(turn, parsed.key, NULL, 0);
	return true;
}

void
person_put_entry(struct turn *turn, const struct person *p)
{
	if (p->damaged)
		return;
	if (p->entry->contact == 0 && p->entry->n_requests == 0)
		rows_delete(turn, STORE_ADDRESS, entry_key(p));
	else
		rows_put(turn, STORE_ADDRESS, entry_key(p), &p->entry->base);
}

void
person_need_contact(struct turn *turn, struct person *p,
    const Record__Request *request)
{
	struct engine_progress *progress = &turn->engine->progress;

	if (p->contact == NULL) {
		p->contact = arena_alloc(turn->arena, sizeof(*p->contact));
		record__contact__init(p->contact);
		p->contact->address_key = request->address_key;
		p->contact->lang = request->lang;
		p->contact->created_at = turn->now;
		p->entry->contact = progress->next_contact++;
		progress->changed = true;
	}
	p->contact->address = request->address;
}

void
person_put_contact(struct turn *turn, const struct person *p)
{
	rows_put_contact(turn, p->entry->contact, p->contact);
}

void
person_add_event(struct turn *turn, const struct person *p,
    Record__Event *event)
{
	if (p->contact == NULL) {
		ledger_append(turn, event);
		return;
	}
	event->contact = p->entry->contact;
	event->previous = p->contact->last_event;
	p->contact->last_event = ledger_append(turn, event);
	person_put_contact(turn, p);
}

void
person_add_aside(struct turn *turn, const struct person *p,
    Record__Event *event)
{
	event->contact = p->entry->contact;
	event->previous = p->entry->last_event;
	p->entry->last_event = ledger_append(turn, event);
	person_put_entry(turn, p);
}

void
person_log(struct turn *turn, const struct person *p,
    Record__Event__Kind kind, const char *by)
{
	Record__Event event;

	record__event__init(&event);
	event.kind = kind;
	event.by = turn_text(turn, by);
	person_add_event(turn, p, &event);
}

void
person_add_request(struct turn *turn, struct person *p, uint64_t request)
{
	p->entry->requests = turn_grow(turn, p->entry->requests,
	    p->entry->n_requests, sizeof(*p->entry->requests));
	p->entry->requests[p->entry->n_requests++] = request;
}

void
person_remove_request(struct person *p, uint64_t request)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->entry->n_requests; i++) {
		if (p->entry->requests[i] != request)
			p->entry->requests[kept++] = p->entry->requests[i];
	}
	p->entry->n_requests = kept;
}

Record__Subscription *
person_subscription(const struct person *p, uint32_t list)
{
	for (size_t i = 0; p->contact != NULL &&
	    i < p->contact->n_subscriptions; i++) {
		if (p->contact->subscriptions[i]->list == list)
			return p->contact->subscriptions[i];
	}
	return NULL;
}

/* What is stored, in the machine's words. */
static enum sub_state
stored_state(const Record__Subscription *s)
{
	if (s == NULL)
		return SUB_NONE;
	switch (s->state) {
	case RECORD__SUBSCRIPTION__STATE__CONFIRMED:
		return SUB_CONFIRMED;
	case RECORD__SUBSCRIPTION__STATE__UNSUBSCRIBED:
		return SUB_UNSUBSCRIBED;
	case RECORD__SUBSCRIPTION__STATE__NONE:
	case _RECORD__SUBSCRIPTION__STATE_IS_INT_SIZE:
		break;
	}
	return SUB_NONE;
}

enum sub_state
person_state(struct turn *turn, const struct person *p, uint32_t list,
    bool waits)
{
	enum sub_state stored = stored_state(person_subscription(p, list));

	if (stored == SUB_CONFIRMED)
		return stored;
	if (p->damaged ||
	    suppress_holds(turn, p, list, waits || p->trying))
		return SUB_SUPPRESSED;
	return waits ? SUB_PENDING : stored;
}

static Record__Subscription *
need_subscription(struct turn *turn, struct person *p, uint32_t list)
{
	Record__Subscription *s = person_subscription(p, list);
	Record__Contact *c = p->contact;

	assert(c != NULL);
	if (s != NULL)
		return s;
	s = arena_alloc(turn->arena, sizeof(*s));
	record__subscription__init(s);
	s->list = list;
	c->subscriptions = turn_grow(turn, c->subscriptions,
	    c->n_subscriptions, sizeof(*c->subscriptions));
	c->subscriptions[c->n_subscriptions++] = s;
	return s;
}

static void
count(struct engine *e, const struct engine_list *l, enum sub_state state,
    bool up)
{
	size_t i = (size_t)(l - e->lists);
	uint64_t *counter = state == SUB_CONFIRMED ?
	    &e->counts[i].confirmed : &e->counts[i].unsubscribed;

	if (state != SUB_CONFIRMED && state != SUB_UNSUBSCRIBED)
		return;
	*counter += up ? 1 : UINT64_MAX;
	e->counts_changed = true;
}

Record__Subscription *
person_set_state(struct turn *turn, struct person *p, uint32_t list,
    enum sub_state state)
{
	struct engine *e = turn->engine;
	const struct engine_list *l = engine_list_by_id(e, list);
	Record__Subscription *s = need_subscription(turn, p, list);
	enum sub_state before = stored_state(s);

	s->state = state == SUB_CONFIRMED ?
	    RECORD__SUBSCRIPTION__STATE__CONFIRMED :
	    RECORD__SUBSCRIPTION__STATE__UNSUBSCRIBED;
	s->since = turn->now;
	if (state == SUB_CONFIRMED)
		s->confirmed_at = turn->now;
	retain_settle(turn, p);
	if (l != NULL) {
		count(e, l, before, false);
		count(e, l, state, true);
	}
	log_info("subscription", log_str("list", l != NULL ? l->name : "?"),
	    log_address("address", slice_str(p->contact->address)),
	    log_str("from", sub_state_name(before)),
	    log_str("to", sub_state_name(state)));
	return s;
}

void
person_gather_delete(struct turn *turn, const struct person *p)
{
	for (size_t i = 0; p->contact != NULL && i < p->contact->n_requests;
	    i++)
		(void)rows_request(turn, p->contact->requests[i]);
}

static void
delete_subscription(struct turn *turn, const Record__Subscription *s)
{
	struct engine *e = turn->engine;
	const struct engine_list *l = engine_list_by_id(e, s->list);

	outbox_cancel(turn, (struct outbox_key){ s->outbox_due,
	    s->outbox_sequence });
	if (l != NULL)
		count(e, l, stored_state(s), false);
}

void
person_delete(struct turn *turn, struct person *p)
{
	const Record__Contact *c = p->contact;

	for (size_t i = 0; i < c->n_subscriptions; i++)
		delete_subscription(turn, c->subscriptions[i]);
	for (size_t i = 0; i < c->n_requests; i++) {
		Record__Request *stub = rows_request(turn, c->requests[i]);

		if (stub != NULL)
			request_forget_stub(turn, c->requests[i], stub);
	}
	retain_set_end(turn, p, 0);
	outbox_cancel(turn, (struct outbox_key){ p->entry->already_due,
	    p->entry->already_sequence });
	outbox_cancel(turn, (struct outbox_key){ p->entry->manage_due,
	    p->entry->manage_sequence });
	rows_delete(turn, STORE_CONTACT, rows_key_id(p->entry->contact));
	p->contact = NULL;
	p->entry->contact = 0;
	person_put_entry(turn, p);
}
