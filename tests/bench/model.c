/* SPDX-License-Identifier: ISC */
/*
 * One person's rows.  What the engine makes at random is made at random here,
 * what it derives is derived.
 */
#include "model.h"

#include <stdio.h>

#include "base/crypto.h"
#include "core/address.h"
#include "core/budget.h"

static const char *const progress_key = "progress";
static const char *const lists_key = "lists";

static struct rows_key
entry_key(const struct model *m)
{
	uint8_t mac[CRYPTO_HASH_SIZE];

	crypto_hmac(slice_of(m->secret->index, sizeof(m->secret->index)),
	    slice_str(m->address), mac);
	return rows_key_bytes(mac, ROWS_ADDRESS_KEY);
}

/* Keeps the order; one may be met twice. */
static void
add_event(struct model *m, uint64_t sequence, Record__Event *event)
{
	size_t at = m->event_count;

	for (size_t i = 0; i < m->event_count; i++) {
		if (m->event[i].sequence == sequence)
			return;
	}
	if (at == MODEL_EVENTS)
		return;
	for (; at > 0 && m->event[at - 1].sequence > sequence; at--)
		m->event[at] = m->event[at - 1];
	m->event[at].sequence = sequence;
	m->event[at].event = event;
	m->event_count++;
}

static void
read_events(struct turn *turn, struct model *m, uint64_t last)
{
	Record__Event *event = last != 0 ? rows_event(turn, last) : NULL;

	if (event == NULL)
		return;
	add_event(m, last, event);
	read_events(turn, m, event->previous);
	read_events(turn, m, event->request_event);
}

static void
read_request(struct turn *turn, struct model *m, uint64_t id)
{
	m->request_id = id;
	m->request = rows_request(turn, id);
	if (m->request == NULL)
		return;
	if (m->request->outbox_sequence != 0)
		m->mail = rows_outbox(turn, m->request->outbox_due,
		    m->request->outbox_sequence);
	if (m->contact == NULL)
		read_events(turn, m, m->request->last_event);
}

bool
model_read(struct turn *turn, const char *address, struct model *m,
    struct numbers *numbers)
{
	*m = (struct model){ .secret = m->secret };
	snprintf(m->address, sizeof(m->address), "%s", address);
	numbers->progress = rows_get(turn, STORE_META,
	    rows_key_meta(progress_key), &record__progress__descriptor);
	numbers->lists = rows_get(turn, STORE_META, rows_key_meta(lists_key),
	    &record__lists__descriptor);
	m->entry = rows_get(turn, STORE_ADDRESS, entry_key(m),
	    &record__address__descriptor);
	if (m->entry == NULL)
		return false;
	if (m->entry->contact == 0) {
		read_request(turn, m, m->entry->requests[0]);
		return m->request != NULL;
	}
	m->contact = rows_contact(turn, m->entry->contact);
	if (m->contact == NULL)
		return false;
	read_events(turn, m, m->contact->last_event);
	read_request(turn, m, m->contact->requests[0]);
	return m->request != NULL;
}

/* ---- another person ---- */

/* Where an event stands among the new ones; 0 stays "none". */
static uint64_t
moved(const struct model *m, uint64_t sequence, uint64_t first)
{
	for (size_t i = 0; i < m->event_count; i++) {
		if (m->event[i].sequence == sequence)
			return first + i;
	}
	return 0;
}

/* 0 stays "never". */
static void
move_time(int64_t *time, int64_t later)
{
	if (*time != 0)
		*time += later;
}

/* What an event counts against: its mailbox, or a domain, which stays. */
static bool
counts_mailbox(const Record__Event *e)
{
	return e->budget_key != 0 && e->kind != RECORD__EVENT__KIND__MAILED &&
	    e->kind != RECORD__EVENT__KIND__REFUSED;
}

static void
move_events(struct model *m, uint64_t first, int64_t later)
{
	for (size_t i = 0; i < m->event_count; i++) {
		Record__Event *e = m->event[i].event;

		e->previous = moved(m, e->previous, first);
		e->request_event = moved(m, e->request_event, first);
		e->request = e->request != 0 ? m->request_id : 0;
		e->contact = e->contact != 0 ? m->entry->contact : 0;
		e->time += later;
		/* As good as the engine's, whose seed is another. */
		if (counts_mailbox(e))
			e->budget_key = budget_text_key(slice_str(m->address),
			    0);
		crypto_random(e->salt.data, e->salt.len);
	}
	if (m->contact != NULL)
		m->contact->last_event = moved(m, m->contact->last_event,
		    first);
	m->request->last_event = moved(m, m->request->last_event, first);
	for (size_t i = 0; i < m->event_count; i++)
		m->event[i].sequence = first + i;
}

static void
move_contact(struct model *m, struct numbers *n, int64_t later)
{
	Record__Contact *c = m->contact;

	m->entry->contact = n->progress->next_contact++;
	m->request->contact = m->entry->contact;
	c->address = c->address_key = m->address;
	c->requests[0] = m->request_id;
	move_time(&c->created_at, later);
	for (size_t i = 0; i < c->n_subscriptions; i++) {
		move_time(&c->subscriptions[i]->since, later);
		move_time(&c->subscriptions[i]->confirmed_at, later);
		n->lists->lists[c->subscriptions[i]->list - 1]->confirmed++;
	}
	/* Its stub is one of the past. */
	m->request->cookie_hash.len = 0;
	m->request->expires_at = 0;
}

static void
move_mail(struct model *m, struct numbers *n, int64_t later)
{
	m->request->outbox_sequence = n->progress->next_outbox++;
	m->request->outbox_due += (uint64_t)later;
	m->mail->request = m->request_id;
	m->mail->address = m->address;
	m->mail->queued_at += later;
	m->mail->give_up_at += later;
	/* Hex digits: as good as random ones. */
	snprintf(m->mail->message_id, 17, "%016jx", (uintmax_t)m->number);
	m->mail->message_id[16] = 'a';
}

static void
move_waiting(struct model *m, struct numbers *n, int64_t later)
{
	Record__Request *r = m->request;

	n->progress->waiting++;
	m->entry->requests[0] = m->request_id;
	r->address = r->address_key = m->address;
	move_time(&r->expires_at, later);
	if (r->cookie_hash.len > 0)
		crypto_random(r->cookie_hash.data, r->cookie_hash.len);
	crypto_random(r->code_salt.data, r->code_salt.len);
	if (m->mail != NULL)
		move_mail(m, n, later);
}

void
model_become_next(struct model *m, struct numbers *n, int64_t later)
{
	uint64_t first = n->progress->next_event;

	m->number++;
	snprintf(m->address, sizeof(m->address), "person%09ju@example.com",
	    (uintmax_t)m->number);
	m->request_id = n->progress->next_request++;
	n->progress->worked = n->progress->next_request;
	n->progress->next_event += m->event_count;
	move_time(&m->request->asked_at, later);
	move_time(&m->request->mailed_at, later);
	if (m->contact != NULL)
		move_contact(m, n, later);
	else
		move_waiting(m, n, later);
	move_events(m, first, later);
}

/* ---- written ---- */

static void
put_waiting(const struct model *m, struct turn *turn)
{
	const Record__Request *r = m->request;
	Record__Due due;
	Record__Cookie cookie;

	record__due__init(&due);
	record__cookie__init(&cookie);
	cookie.request = m->request_id;
	rows_put(turn, STORE_DUE, rows_key_due(r->expires_at,
	    ROWS_DUE_REQUEST, m->request_id), &due.base);
	if (r->cookie_hash.len > 0)
		rows_put(turn, STORE_COOKIE,
		    rows_key_cookie(r->cookie_hash.data), &cookie.base);
	if (m->mail != NULL)
		rows_put(turn, STORE_OUTBOX, rows_key_pair(r->outbox_due,
		    r->outbox_sequence), &m->mail->base);
}

void
model_put(const struct model *m, struct turn *turn)
{
	rows_put_request(turn, m->request_id, m->request);
	for (size_t i = 0; i < m->event_count; i++)
		rows_put(turn, STORE_LEDGER,
		    rows_key_u64(m->event[i].sequence),
		    &m->event[i].event->base);
	if (m->contact != NULL)
		rows_put_contact(turn, m->entry->contact, m->contact);
	else
		put_waiting(m, turn);
	rows_put(turn, STORE_ADDRESS, entry_key(m), &m->entry->base);
}

void
numbers_put(const struct numbers *n, struct turn *turn)
{
	rows_put(turn, STORE_META, rows_key_meta(progress_key),
	    &n->progress->base);
	rows_put(turn, STORE_META, rows_key_meta(lists_key), &n->lists->base);
}
