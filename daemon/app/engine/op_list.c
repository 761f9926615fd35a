/* SPDX-License-Identifier: ISC */
/*
 * Listings, a page at a time: so many contacts from a given id on, and behind
 * them so many requests that wait, as pending.  The next page is asked for by
 * whoever reads, so that no reader stays open.
 */
#include "app/engine/op_admin.h"

#include "app/engine/engine.h"
#include "app/engine/request.h"
#include "app/wire.h"
#include "base/bytes.h"
#include "base/log.h"
#include "core/sub.h"
#include "core/token.h"
#include "io/ipc.h"

/* BYTES_MAX leaves room in a frame for one more contact's rows. */
enum { PAGE_MAX = 1000, ROWS_MAX = 4000, BYTES_MAX = IPC_FRAME_MAX / 2 };

/* Ids are u40: from here on `after` counts requests. */
static const uint64_t requests_start = UINT64_C(1) << 40;

struct page {
	struct engine *engine;
	struct arena *arena;		/* of all that is in the listing */
	ProtobufCAllocator allocator;	/* of that arena */
	const Message__ListQuery *query;
	Message__Listing listing;
	size_t seen, limit, bytes;
};

static enum sub_state
state_of(const Record__Subscription *s)
{
	return s->state == RECORD__SUBSCRIPTION__STATE__CONFIRMED ?
	    SUB_CONFIRMED : SUB_UNSUBSCRIBED;
}

static bool
wants(const Message__ListQuery *q, enum sub_state state)
{
	return q->state[0] == '\0' ||
	    strcmp(q->state, sub_state_name(state)) == 0;
}

static bool
is_asked_for(const Message__ListQuery *q, const struct engine_list *l,
    enum sub_state state, int64_t since)
{
	return l != NULL && wants(q, state) && since >= q->since &&
	    (q->list[0] == '\0' || strcmp(q->list, l->name) == 0);
}

static char *
unsubscribe_token(struct page *page, uint64_t contact,
    const Record__Subscription *s)
{
	char text[TOKEN_TEXT_SIZE];

	token_make(&page->engine->secret->tokens, &(struct token){
	    .kind = TOKEN_UNSUBSCRIBE, .id = contact,
	    .list = (uint16_t)s->list,
	    .generation = (uint8_t)s->generation }, text);
	return arena_text(page->arena, text);
}

static Message__Subscription *
make_row(struct page *page, const struct engine_list *l, enum sub_state state)
{
	Message__Subscription *row = arena_alloc(page->arena, sizeof(*row));

	message__subscription__init(row);
	row->list = l->name;
	row->state = arena_text(page->arena, sub_state_name(state));
	return row;
}

static void
add_row(struct page *page, Message__Subscription *row)
{
	page->listing.rows[page->listing.n_rows++] = row;
	page->bytes += message__subscription__get_packed_size(row);
}

static void
add_contact(struct page *page, uint64_t id, const Record__Contact *c)
{
	for (size_t i = 0; i < c->n_subscriptions; i++) {
		const Record__Subscription *s = c->subscriptions[i];
		const struct engine_list *l = engine_list_by_id(page->engine,
		    s->list);
		Message__Subscription *row;

		if (!is_asked_for(page->query, l, state_of(s), s->since))
			continue;
		row = make_row(page, l, state_of(s));
		row->address = c->address;
		row->name = c->name;
		row->n_fields = c->n_fields;
		row->fields = c->fields;
		row->since = s->since;
		row->source = s->source;
		row->n_tags = s->n_tags;
		row->tags = s->tags;
		row->confirmed_at = s->confirmed_at;
		row->unsubscribe_token = unsubscribe_token(page, id, s);
		add_row(page, row);
	}
}

static void
add_request(struct page *page, const Record__Request *r)
{
	if (r->state != RECORD__REQUEST__STATE__WAITING)
		return;
	for (size_t i = 0; i < r->n_wishes; i++) {
		const struct engine_list *l = engine_list_by_id(page->engine,
		    r->wishes[i]->list);
		Message__Subscription *row;

		if (!is_asked_for(page->query, l, SUB_PENDING, r->asked_at))
			continue;
		row = make_row(page, l, SUB_PENDING);
		row->address = r->address;
		row->name = r->name;
		row->n_fields = r->n_fields;
		row->fields = r->fields;
		row->since = r->asked_at;
		row->source = arena_text(page->arena, request_source(r));
		row->n_tags = r->n_tags;
		row->tags = r->tags;
		add_row(page, row);
	}
}

/* One more was looked at; false when the page is full. */
static bool
count_row(struct page *page, uint64_t next)
{
	page->listing.next = next;
	page->seen++;
	page->listing.more = page->seen >= page->limit ||
	    page->listing.n_rows >= ROWS_MAX || page->bytes >= BYTES_MAX;
	return !page->listing.more;
}

static void *
unpack(struct page *page, const ProtobufCMessageDescriptor *type,
    enum store_table table, enum store_found found, struct slice key,
    struct slice value)
{
	void *record = NULL;

	if (found == STORE_FOUND)
		record = protobuf_c_message_unpack(type, &page->allocator,
		    value.len, (const uint8_t *)value.p);
	if (record == NULL)
		rows_log_damaged(table, key);
	return record;
}

static bool
on_contact(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct page *page = arg;
	uint64_t id = bytes_get_be((const uint8_t *)key.p, key.len);
	Record__Contact *c = unpack(page, &record__contact__descriptor,
	    STORE_CONTACT, found, key, value);

	if (c != NULL)
		add_contact(page, id, c);
	return count_row(page, id);
}

static bool
on_request(enum store_found found, struct slice key, struct slice value,
    void *arg)
{
	struct page *page = arg;
	uint64_t id = bytes_get_be((const uint8_t *)key.p, key.len);
	Record__Request *r = unpack(page, &record__request__descriptor,
	    STORE_REQUEST, found, key, value);

	if (r != NULL)
		add_request(page, r);
	return count_row(page, requests_start + id);
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
	if (contacts && !page->listing.more && wants(query, SUB_PENDING)) {
		page->listing.next = requests_start;
		page->listing.more = true;
	}
}

void
op_list_answer(struct engine *e, struct peer *peer,
    Message__Envelope *question)
{
	const Message__ListQuery *query = question->list_query;
	struct page page = { .engine = e, .query = query,
		.arena = arena_new(), .limit = query->limit > 0 &&
		query->limit < PAGE_MAX ? query->limit : PAGE_MAX };
	Message__Envelope reply;

	page.allocator = rows_allocator(page.arena);
	message__listing__init(&page.listing);
	/* The last one looked at may add a row for each list there is. */
	page.listing.rows = arena_alloc(page.arena,
	    (ROWS_MAX + e->list_count) * sizeof(*page.listing.rows));
	fill_page(&page);
	message__envelope__init(&reply);
	reply.serial = question->serial;
	reply.body_case = MESSAGE__ENVELOPE__BODY_LISTING;
	reply.listing = &page.listing;
	if (wire_send(peer->ipc, &reply) < 0)
		log_error("reply_failed", log_str("op", "list"));
	arena_free(page.arena);
	wire_free(question);
}
