/* SPDX-License-Identifier: ISC */
/*
 * Whether the link is mailed, and what it holds.  Nothing is stored of it: it
 * is made of the contact's id and the time, and so is its code.
 */
#include "app/engine/manage.h"

#include "app/engine/budgets.h"
#include "app/engine/engine.h"
#include "app/engine/suppress.h"
#include "base/bytes.h"
#include "base/crypto.h"

enum { LIFE_SECONDS = 3600 };

static bool
is_queued(struct turn *turn, const struct person *p)
{
	return p->entry->manage_sequence != 0 && rows_outbox(turn,
	    p->entry->manage_due, p->entry->manage_sequence) != NULL;
}

void
manage_gather_mail(struct turn *turn, const struct person *p)
{
	(void)suppress_find(turn, p, 0);
	(void)is_queued(turn, p);
}

bool
manage_is_wanted(struct turn *turn, const struct person *p)
{
	return p->contact != NULL && !p->damaged &&
	    !suppress_holds(turn, p, 0, false);
}

/* In whose name it is mailed: a list they are on, were on, or any. */
static uint32_t
choose_list(const struct engine *e, const Record__Contact *c)
{
	uint32_t chosen = 0;

	for (size_t i = 0; i < e->list_count && chosen == 0; i++) {
		if (e->lists[i].config != NULL)
			chosen = e->lists[i].id;
	}
	for (size_t i = c->n_subscriptions; i-- > 0;) {
		const Record__Subscription *s = c->subscriptions[i];
		const struct engine_list *l = engine_list_by_id(e, s->list);

		if (l == NULL || l->config == NULL)
			continue;
		chosen = s->list;
		if (s->state == RECORD__SUBSCRIPTION__STATE__CONFIRMED)
			break;
	}
	return chosen;
}

static void
queue_mail(struct turn *turn, struct person *p)
{
	uint32_t list = choose_list(turn->engine, p->contact);
	Record__Outbox mail;
	struct outbox_key key;

	record__outbox__init(&mail);
	mail.kind = RECORD__OUTBOX__KIND__MANAGE;
	mail.contact = p->entry->contact;
	mail.address = p->contact->address;
	mail.lang = p->contact->lang;
	mail.n_lists = 1;
	mail.lists = &list;
	key = outbox_add(turn, &mail);
	p->entry->manage_due = key.due;
	p->entry->manage_sequence = key.sequence;
}

void
manage_mail(struct turn *turn, const Record__Request *r, struct person *p)
{
	struct engine *e = turn->engine;
	Record__Event event;

	if (!manage_is_wanted(turn, p) || is_queued(turn, p))
		return;
	record__event__init(&event);
	event.kind = RECORD__EVENT__KIND__MANAGE;
	event.evidence = r->evidence;
	event.budget_key = budgets_address_key(e, r->address);
	if (!budgets_take_mail(e, event.budget_key, &budgets_no_list, 1,
	    turn->now)) {
		e->stats.over_budget++;
		return;
	}
	queue_mail(turn, p);
	person_add_aside(turn, p, &event);
}

struct token
manage_token(struct turn *turn, uint64_t contact)
{
	return (struct token){ .kind = TOKEN_MANAGE, .id = contact,
	    .expiry = token_expiry(TOKEN_MANAGE, turn->now, LIFE_SECONDS) };
}

void
manage_code(struct turn *turn, const struct token *token,
    char ret_code[CODE_SIZE])
{
	const struct secret *secret = turn->engine->secret;
	struct buf text = { 0 };
	uint8_t numbers[16], mac[CRYPTO_HASH_SIZE];

	bytes_put_be(numbers, 8, token->id);
	bytes_put_be(numbers + 8, 8, token->expiry);
	buf_add_str(&text, "assent manage code");
	buf_add(&text, numbers, sizeof(numbers));
	crypto_hmac(slice_of(secret->index, sizeof(secret->index)),
	    buf_slice(&text), mac);
	code_make(mac, ret_code);
	buf_fini(&text);
}
