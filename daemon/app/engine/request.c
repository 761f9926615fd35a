/* SPDX-License-Identifier: ISC */
/*
 * What belongs to a request and comes and goes with it.
 */
#include "app/engine/request.h"

#include "app/engine/engine.h"
#include "app/engine/ledger_log.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "core/code.h"
#include "core/price.h"
#include "core/trust.h"

/* Nobody who doesn't confirm is known for longer, whatever is configured and
 * however often they are mailed. */
#define UNCONFIRMED_MAX (14 * 86400 * CLOCK_SECOND)

struct person
request_person(struct turn *turn, const Record__Request *r)
{
	return person_get(turn, r->address_key, r->wishes, r->n_wishes);
}

bool
request_is_pending(struct turn *turn, const struct person *p,
    const Record__Request *r)
{
	for (size_t i = 0; i < r->n_wishes; i++) {
		if (person_state(turn, p, r->wishes[i]->list, true) ==
		    SUB_PENDING)
			return true;
	}
	return false;
}

static int64_t
confirm_within(struct turn *turn, const Record__Request *r)
{
	const struct engine_list *l = engine_list_by_id(turn->engine,
	    r->wishes[0]->list);
	uint64_t seconds = l != NULL && l->config != NULL ?
	    l->config->confirm_within : 72 * 3600;

	return (int64_t)seconds * CLOCK_SECOND;
}

static int64_t
at_most(const Record__Request *r, int64_t when)
{
	int64_t last = r->asked_at + UNCONFIRMED_MAX;

	return when < last ? when : last;
}

int64_t
request_first_expiry(struct turn *turn, const Record__Request *r)
{
	return at_most(r, turn->now + confirm_within(turn, r) +
	    (int64_t)turn->engine->config->mail.lifetime * CLOCK_SECOND);
}

int64_t
request_mailed_expiry(struct turn *turn, const Record__Request *r)
{
	int64_t end = at_most(r, turn->now + confirm_within(turn, r));

	/* Sent once more it lives on, and never ends sooner by that. */
	return r->mailed_at != 0 && end < r->expires_at ? r->expires_at : end;
}

static void
delete_due(struct turn *turn, uint64_t id, const Record__Request *r)
{
	if (r->expires_at != 0)
		rows_delete(turn, STORE_DUE, rows_key_due(r->expires_at,
		    ROWS_DUE_REQUEST, id));
}

void
request_set_expiry(struct turn *turn, uint64_t id, Record__Request *r,
    int64_t when)
{
	Record__Due due;

	delete_due(turn, id, r);
	r->expires_at = when;
	record__due__init(&due);
	rows_put(turn, STORE_DUE, rows_key_due(when, ROWS_DUE_REQUEST, id),
	    &due.base);
}

void
request_void_cookie(struct turn *turn, Record__Request *r)
{
	if (r->cookie_hash.len == CRYPTO_HASH_SIZE)
		rows_delete(turn, STORE_COOKIE,
		    rows_key_cookie(r->cookie_hash.data));
	r->cookie_hash = (ProtobufCBinaryData){ 0, NULL };
}

void
request_stop_waiting(struct turn *turn, Record__Request *r)
{
	struct engine_progress *p = &turn->engine->progress;

	request_cancel_mail(turn, r);
	if (p->waiting > 0)
		p->waiting--;
	p->changed = true;
}

void
request_rank(struct turn *turn, const Record__Request *r,
    Record__Outbox *mail)
{
	const struct engine *e = turn->engine;
	const struct config_list **lists = arena_alloc(turn->arena,
	    r->n_wishes * sizeof(*lists));
	struct trust_facts facts = { .page = { .evidence = r->evidence,
		.own = e->config->base_url, .lists = lists },
		.has_cookie = r->cookie_hash.len > 0,
		.has_solved = r->proof == PRICE_SOLVED };

	for (size_t i = 0; i < r->n_wishes; i++) {
		const struct engine_list *l = engine_list_by_id(e,
		    r->wishes[i]->list);

		if (l != NULL && l->config != NULL)
			lists[facts.page.list_count++] = l->config;
	}
	mail->trust = trust_of(&facts);
	mail->site = r->site;
}

void
request_ask(struct turn *turn, uint64_t id, Record__Request *r)
{
	Record__Outbox mail;
	struct outbox_key key;

	record__outbox__init(&mail);
	mail.kind = RECORD__OUTBOX__KIND__CONFIRM;
	mail.request = id;
	mail.address = r->address;
	mail.lang = r->lang;
	request_rank(turn, r, &mail);
	mail.n_lists = r->n_wishes;
	mail.lists = arena_alloc(turn->arena,
	    r->n_wishes * sizeof(*mail.lists));
	for (size_t i = 0; i < r->n_wishes; i++)
		mail.lists[i] = r->wishes[i]->list;
	key = outbox_add(turn, &mail);
	r->outbox_due = key.due;
	r->outbox_sequence = key.sequence;
}

void
request_cancel_mail(struct turn *turn, Record__Request *r)
{
	outbox_cancel(turn, (struct outbox_key){ r->outbox_due,
	    r->outbox_sequence });
	r->outbox_due = 0;
	r->outbox_sequence = 0;
}

Record__Wish **
request_lists(struct turn *turn, const Record__Request *r)
{
	Record__Wish **lists = arena_alloc(turn->arena,
	    r->n_wishes * sizeof(*lists));

	for (size_t i = 0; i < r->n_wishes; i++) {
		lists[i] = arena_alloc(turn->arena, sizeof(*lists[i]));
		record__wish__init(lists[i]);
		lists[i]->list = r->wishes[i]->list;
	}
	return lists;
}

static bool
is_same_agent(const Fact__Evidence *a, const Fact__Evidence *b)
{
	return a != NULL && b != NULL && a->user_agent[0] != '\0' &&
	    strcmp(a->user_agent, b->user_agent) == 0;
}

void
request_tell(struct turn *turn, uint64_t id, const Record__Request *r,
    Record__Event *event)
{
	bool is_first = r->last_event == 0;

	event->request = id;
	event->n_wishes = r->n_wishes;
	event->wishes = is_first ? r->wishes : request_lists(turn, r);
	if (is_first || !is_same_agent(event->evidence, r->evidence))
		return;
	event->same_agent = true;
	event->evidence->user_agent = turn_text(turn, "");
}

void
request_log(struct turn *turn, uint64_t id, Record__Request *r,
    Record__Event *event)
{
	request_tell(turn, id, r, event);
	event->previous = r->last_event;
	r->last_event = ledger_append(turn, event);
}

void
request_code(struct turn *turn, uint64_t id, const Record__Request *r,
    char *ret_code)
{
	const struct secret *secret = turn->engine->secret;
	struct buf text = { 0 };
	uint8_t number[8], mac[CRYPTO_HASH_SIZE];

	bytes_put_be(number, sizeof(number), id);
	buf_add_str(&text, "assent code");
	buf_add(&text, number, sizeof(number));
	buf_add(&text, r->code_salt.data, r->code_salt.len);
	crypto_hmac(slice_of(secret->index, sizeof(secret->index)),
	    buf_slice(&text), mac);
	code_make(mac, ret_code);
	buf_fini(&text);
}

const char *
request_source(const Record__Request *r)
{
	static const char *const names[] = { "source", "utm_source" };

	if (r->evidence == NULL)
		return "";
	for (size_t n = 0; n < 2; n++) {
		for (size_t i = 0; i < r->evidence->n_source; i++) {
			if (strcmp(r->evidence->source[i]->name,
			    names[n]) == 0)
				return r->evidence->source[i]->value;
		}
	}
	return r->evidence->origin;
}

void
request_forget_stub(struct turn *turn, uint64_t id, Record__Request *r)
{
	delete_due(turn, id, r);
	request_void_cookie(turn, r);
	rows_delete(turn, STORE_REQUEST, rows_key_id(id));
}

void
request_forget(struct turn *turn, uint64_t id, Record__Request *r,
    struct person *person)
{
	request_stop_waiting(turn, r);
	delete_due(turn, id, r);
	request_void_cookie(turn, r);
	rows_delete(turn, STORE_REQUEST, rows_key_id(id));
	ledger_erase_chain(turn, r->last_event);
	person_remove_request(person, id);
	person_put_entry(turn, person);
}
