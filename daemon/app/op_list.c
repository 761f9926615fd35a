/* SPDX-License-Identifier: ISC */
/*
 * Listings, a page at a time: so many contacts from a given id on, and behind
 * them so many requests that wait, as pending.  The next page is asked for by
 * whoever reads, so that no reader stays open.
 */
#include "app/op_admin.h"

#include <stdlib.h>

#include "app/engine.h"
#include "app/request.h"
#include "app/wire.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/sub.h"
#include "core/token.h"

enum { PAGE_MAX = 1000, ROWS_MAX = 4000 };

/* Ids are u40: from here on `after` counts requests. */
static const uint64_t requests_start = UINT64_C(1) << 40;

struct page {
	struct engine *engine;
	const Message__ListQuery *query;
	Message__Listing *listing;	/* all of it owned */
	size_t seen, limit;
};

static enum sub_state
state_of(const Record__Subscription *s)
{
	return s->state == RECORD__SUBSCRIPTION__STATE__CONFIRMED ?
	    SUB_CONFIRMED : SUB_UNSUBSCRIBED;
}

static bool
is_asked_for(const Message__ListQuery *q, const Record__Subscription *s,
    const struct engine_list *l)
{
	return (q->list[0] == '\0' || strcmp(q->list, l->name) == 0) &&
	    (q->state[0] == '\0' ||
	    strcmp(q->state, sub_state_name(state_of(s))) == 0) &&
	    s->since >= q->since;
}

static char *
unsubscribe_token(struct engine *e, uint64_t contact,
    const Record__Subscription *s)
{
	char text[TOKEN_TEXT_SIZE];

	token_make(&e->secret->tokens, &(struct token){
	    .kind = TOKEN_UNSUBSCRIBE, .id = contact,
	    .list = (uint16_t)s->list,
	    .generation = (uint8_t)s->generation }, text);
	return mem_strdup(text);
}

static Message__Pair **
copy_pairs(Record__Pair *const *pairs, size_t count)
{
	Message__Pair **out = mem_new(count, sizeof(*out));

	for (size_t i = 0; i < count; i++) {
		out[i] = MEM_NEW(Message__Pair);
		message__pair__init(out[i]);
		out[i]->name = mem_strdup(pairs[i]->name);
		out[i]->value = mem_strdup(pairs[i]->value);
	}
	return out;
}

static char **
copy_texts(char *const *texts, size_t count)
{
	char **out = mem_new(count, sizeof(*out));

	for (size_t i = 0; i < count; i++)
		out[i] = mem_strdup(texts[i]);
	return out;
}

static Message__Subscription *
add_row(struct page *page, const Record__Contact *c,
    const Record__Subscription *s, const struct engine_list *l,
    enum sub_state state)
{
	Message__Listing *listing = page->listing;
	Message__Subscription *row = MEM_NEW(Message__Subscription);

	message__subscription__init(row);
	row->address = mem_strdup(c->address);
	row->name = mem_strdup(c->name);
	row->list = mem_strdup(l->name);
	row->state = mem_strdup(sub_state_name(state));
	row->since = s->since;
	row->source = mem_strdup(s->source);
	row->n_fields = c->n_fields;
	row->fields = copy_pairs(c->fields, c->n_fields);
	row->n_tags = s->n_tags;
	row->tags = copy_texts(s->tags, s->n_tags);
	row->confirmed_at = s->confirmed_at;
	listing->rows = mem_resize(listing->rows, listing->n_rows + 1,
	    sizeof(*listing->rows));
	listing->rows[listing->n_rows++] = row;
	return row;
}

static void
add_contact(struct page *page, uint64_t id, const Record__Contact *c)
{
	for (size_t i = 0; i < c->n_subscriptions; i++) {
		const Record__Subscription *s = c->subscriptions[i];
		const struct engine_list *l = engine_list_by_id(page->engine,
		    s->list);

		if (l != NULL && is_asked_for(page->query, s, l))
			add_row(page, c, s, l, state_of(s))->
			    unsubscribe_token = unsubscribe_token(
			    page->engine, id, s);
	}
}

/* One more was looked at; false when the page is full. */
static bool
count_row(struct page *page, uint64_t next)
{
	page->listing->next = next;
	page->seen++;
	page->listing->more = page->seen >= page->limit ||
	    page->listing->n_rows >= ROWS_MAX;
	return !page->listing->more;
}

static bool
on_contact(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct page *page = arg;
	uint64_t id = bytes_get_be((const uint8_t *)key.p, key.len);
	Record__Contact *c = NULL;

	if (found == STORE_FOUND)
		c = record__contact__unpack(NULL, value.len,
		    (const uint8_t *)value.p);
	if (c != NULL) {
		add_contact(page, id, c);
		record__contact__free_unpacked(c, NULL);
	} else {
		log_error("row_damaged", log_num("contact", (int64_t)id));
	}
	return count_row(page, id);
}

static void
add_wish(struct page *page, const Record__Request *r,
    const struct engine_list *l)
{
	Record__Contact c;
	Record__Subscription s;
	Message__Subscription *row;

	record__contact__init(&c);
	c.address = r->address;
	c.name = r->name;
	c.n_fields = r->n_fields;
	c.fields = r->fields;
	record__subscription__init(&s);
	s.since = r->asked_at;
	s.n_tags = r->n_tags;
	s.tags = r->tags;
	row = add_row(page, &c, &s, l, SUB_PENDING);
	free(row->source);
	row->source = mem_strdup(request_source(r));
}

static void
add_request(struct page *page, const Record__Request *r)
{
	const Message__ListQuery *q = page->query;

	if (r->state != RECORD__REQUEST__STATE__WAITING ||
	    r->asked_at < q->since)
		return;
	for (size_t i = 0; i < r->n_wishes; i++) {
		const struct engine_list *l = engine_list_by_id(page->engine,
		    r->wishes[i]->list);

		if (l != NULL && (q->list[0] == '\0' ||
		    strcmp(q->list, l->name) == 0))
			add_wish(page, r, l);
	}
}

static bool
on_request(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct page *page = arg;
	uint64_t id = bytes_get_be((const uint8_t *)key.p, key.len);
	Record__Request *r = NULL;

	if (found == STORE_FOUND)
		r = record__request__unpack(NULL, value.len,
		    (const uint8_t *)value.p);
	if (r != NULL) {
		add_request(page, r);
		record__request__free_unpacked(r, NULL);
	} else {
		log_error("row_damaged", log_num("request", (int64_t)id));
	}
	return count_row(page, requests_start + id);
}

static bool
wants(const Message__ListQuery *query, enum sub_state state)
{
	return query->state[0] == '\0' ||
	    strcmp(query->state, sub_state_name(state)) == 0;
}

static void
fill_page(struct page *page)
{
	const Message__ListQuery *query = page->query;
	bool contacts = query->after < requests_start &&
	    (query->state[0] == '\0' || !wants(query, SUB_PENDING));
	uint64_t after = contacts ? query->after :
	    query->after < requests_start ? 0 : query->after - requests_start;
	struct rows_key from = rows_key_id(after + 1);

	store_scan(page->engine->store, &(struct store_scan){
	    .table = contacts ? STORE_CONTACT : STORE_REQUEST,
	    .from = rows_key_slice(&from), .limit = page->limit,
	    .on_row = contacts ? on_contact : on_request, .arg = page });
	if (contacts && !page->listing->more && wants(query, SUB_PENDING)) {
		page->listing->next = requests_start;
		page->listing->more = true;
	}
}

void
op_list_answer(struct engine *e, struct peer *peer,
    Message__Envelope *question)
{
	const Message__ListQuery *query = question->list_query;
	Message__Listing *listing = MEM_NEW(Message__Listing);
	struct page page = { e, query, listing, 0,
		query->limit > 0 && query->limit < PAGE_MAX ? query->limit :
		PAGE_MAX };
	Message__Envelope reply;

	message__listing__init(listing);
	fill_page(&page);
	message__envelope__init(&reply);
	reply.serial = question->serial;
	reply.body_case = MESSAGE__ENVELOPE__BODY_LISTING;
	reply.listing = listing;
	if (wire_send(peer->ipc, &reply) < 0)
		log_error("reply_failed", log_str("op", "list"));
	message__listing__free_unpacked(listing, NULL);
	wire_free(question);
}
