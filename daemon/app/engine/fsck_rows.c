/* SPDX-License-Identifier: ISC */
/*
 * What each table's rows say of themselves and of others.  What a rare row
 * says is looked up; what all say goes into the books.
 */
#include "app/engine/fsck_private.h"

#include <inttypes.h>

#include "app/mail_kind.h"
#include "base/bytes.h"

static uint64_t
key_number(const struct fsck *f, size_t from, size_t size)
{
	return bytes_get_be((const uint8_t *)f->key.p + from, size);
}

void
fsck_look_at_text(struct fsck *f, ProtobufCBinaryData hash)
{
	struct rows_key key;

	if (hash.len == 0)
		return;
	if (hash.len != CRYPTO_HASH_SIZE) {
		fsck_tell(f, "names a text by %zu bytes", hash.len);
		return;
	}
	key = rows_key_bytes(hash.data, hash.len);
	if (!store_read_has(f->store, STORE_TEXT, rows_key_slice(&key)))
		fsck_tell(f, "names a text that is missing");
}

static void
look_at_list(struct fsck *f, uint32_t id)
{
	if (f->knows_lists && fsck_list(f, id) == NULL)
		fsck_tell(f, "names list %" PRIu32 ", which is missing", id);
}

void
fsck_look_at_wish(struct fsck *f, const Record__Wish *wish)
{
	look_at_list(f, wish->list);
	fsck_look_at_text(f, wish->consent);
}

/* Under which hash, if that can be told, an address knows a row. */
static struct fsck_entry
entry_of(enum fsck_book book, uint64_t id,
    const uint8_t address[ROWS_ADDRESS_KEY])
{
	return (struct fsck_entry){ book, id, { bytes_get_be(address, 8),
		bytes_get_be(address + 8, 8) } };
}

/* ---- requests ---- */

static void
book_request(struct fsck *f, uint64_t id, const Record__Request *r)
{
	uint8_t address[ROWS_ADDRESS_KEY];

	if (r->state == RECORD__REQUEST__STATE__CONFIRMED) {
		fsck_book(f, FSCK_IS, (struct fsck_entry){ FSCK_BOOK_STUB, id,
		    { r->contact } });
	} else {
		fsck_hash_address(f, rows_address_key(r->address,
		    r->address_key), address);
		fsck_book(f, FSCK_IS, entry_of(FSCK_BOOK_REQUEST, id,
		    address));
	}
	if (r->cookie_hash.len == CRYPTO_HASH_SIZE)
		fsck_book(f, FSCK_NAMES, entry_of(FSCK_BOOK_COOKIE, id,
		    r->cookie_hash.data));
	if (r->expires_at != 0)
		fsck_book(f, FSCK_NAMES, (struct fsck_entry){ FSCK_BOOK_DUE,
		    id, { (uint64_t)r->expires_at } });
	if (r->last_event != 0)
		fsck_book(f, FSCK_NAMES, fsck_event_of(r->last_event, 0, id));
}

/* Nothing has been done about it: a start goes on from `worked`. */
static void
look_at_new(struct fsck *f, uint64_t id)
{
	if (f->knows_progress && id < f->progress.worked)
		fsck_tell(f, "was taken, and never worked on");
}

static void
look_at_request(struct fsck *f, const void *record)
{
	const Record__Request *r = record;
	uint64_t id = key_number(f, 0, f->key.len);

	if (r->state == RECORD__REQUEST__STATE__NEW) {
		look_at_new(f, id);
	} else {
		if (f->knows_progress && id >= f->progress.worked)
			fsck_tell(f, "was worked on, and counts as new");
		book_request(f, id, r);
	}
	if (f->is_second)
		return;
	f->waiting += r->state == RECORD__REQUEST__STATE__WAITING ||
	    r->state == RECORD__REQUEST__STATE__WITHDRAWN;
	for (size_t i = 0; i < r->n_wishes; i++)
		fsck_look_at_wish(f, r->wishes[i]);
}

/* ---- contacts ---- */

static bool
is_confirmed(const Record__Subscription *s)
{
	return s->state == RECORD__SUBSCRIPTION__STATE__CONFIRMED;
}

static void
count_subscription(struct fsck *f, const Record__Subscription *s)
{
	struct fsck_list *l = fsck_list(f, s->list);

	look_at_list(f, s->list);
	if (l == NULL)
		return;
	l->seen_confirmed += is_confirmed(s);
	l->seen_unsubscribed += s->state ==
	    RECORD__SUBSCRIPTION__STATE__UNSUBSCRIBED;
}

static void
look_at_lists(struct fsck *f, const Record__Contact *c)
{
	bool stays = false;

	for (size_t i = 0; i < c->n_subscriptions; i++) {
		count_subscription(f, c->subscriptions[i]);
		stays = stays || is_confirmed(c->subscriptions[i]);
	}
	if (stays && c->ends_at != 0)
		fsck_tell(f, "ends, though it is on a list");
	if (!stays && c->ends_at == 0)
		fsck_tell(f, "never ends, though it is on no list");
}

static void
look_at_contact(struct fsck *f, const void *record)
{
	const Record__Contact *c = record;
	uint64_t id = key_number(f, 0, f->key.len);
	uint8_t address[ROWS_ADDRESS_KEY];

	fsck_hash_address(f, rows_address_key(c->address, c->address_key),
	    address);
	fsck_book(f, FSCK_IS, entry_of(FSCK_BOOK_CONTACT, id, address));
	for (size_t i = 0; i < c->n_requests; i++)
		fsck_book(f, FSCK_NAMES, (struct fsck_entry){ FSCK_BOOK_STUB,
		    c->requests[i], { id } });
	if (c->ends_at != 0)
		fsck_book(f, FSCK_NAMES, (struct fsck_entry){ FSCK_BOOK_END,
		    id, { (uint64_t)c->ends_at } });
	if (c->last_event != 0)
		fsck_book(f, FSCK_NAMES, fsck_event_of(c->last_event, id, 0));
	if (f->is_second)
		return;
	if (f->knows_progress && id >= f->progress.next_contact)
		fsck_tell(f, "has a number that would be given out again");
	look_at_lists(f, c);
}

static void
look_at_address(struct fsck *f, const void *record)
{
	const Record__Address *a = record;
	uint8_t address[ROWS_ADDRESS_KEY] = { 0 };

	if (f->target->has_secret)
		memcpy(address, f->key.p, sizeof(address));
	if (a->contact != 0)
		fsck_book(f, FSCK_NAMES, entry_of(FSCK_BOOK_CONTACT,
		    a->contact, address));
	else if (a->n_requests == 0)
		fsck_tell(f, "leads to nothing");
	for (size_t i = 0; i < a->n_requests; i++)
		fsck_book(f, FSCK_NAMES, entry_of(FSCK_BOOK_REQUEST,
		    a->requests[i], address));
	if (a->last_event != 0)
		fsck_book(f, FSCK_NAMES, fsck_event_of(a->last_event,
		    a->contact, 0));
}

/* ---- what leads to them ---- */

static void
look_at_cookie(struct fsck *f, const void *record)
{
	const Record__Cookie *c = record;

	fsck_book(f, FSCK_IS, entry_of(FSCK_BOOK_COOKIE, c->request,
	    (const uint8_t *)f->key.p));
}

/* What is left of a chain that is being erased. */
static void
book_rest(struct fsck *f, uint64_t sequence)
{
	const Record__Event *e = fsck_get(f, STORE_LEDGER,
	    rows_key_u64(sequence), &record__event__descriptor);

	if (e == NULL)
		fsck_tell(f, "names an event that is missing");
	else if (!e->erased)
		fsck_book(f, FSCK_NAMES, fsck_event_of(sequence, e->contact,
		    e->request));
}

static void
look_at_due(struct fsck *f, const void *record)
{
	static const size_t key_sizes[ROWS_DUE_END] = {
		[ROWS_DUE_SUPPRESSION] = ROWS_ADDRESS_KEY + 4,
		[ROWS_DUE_PROOF] = ROWS_ADDRESS_KEY,
	};
	const Record__Due *due = record;
	uint64_t kind = key_number(f, 8, 1), id = key_number(f, 9, 8);

	if (kind < ROWS_DUE_REQUEST || kind >= ROWS_DUE_END)
		fsck_tell(f, "is of no kind: %" PRIu64, kind);
	else if (due->key.len != key_sizes[kind])
		fsck_tell(f, "names a row by %zu bytes", due->key.len);
	else if (kind == ROWS_DUE_REQUEST)
		fsck_book(f, FSCK_IS, (struct fsck_entry){ FSCK_BOOK_DUE, id,
		    { key_number(f, 0, 8) } });
	else if (kind == ROWS_DUE_CONTACT)
		fsck_book(f, FSCK_IS, (struct fsck_entry){ FSCK_BOOK_END, id,
		    { key_number(f, 0, 8) } });
	else if (kind == ROWS_DUE_ERASE)
		book_rest(f, id);
}

static void
look_at_outbox(struct fsck *f, const void *record)
{
	const Record__Outbox *mail = record;
	const Record__Request *r;

	if (mail_kind_get(mail->kind) == NULL || mail->n_lists == 0)
		fsck_tell(f, "is a mail of no kind, or about nothing");
	if (f->knows_progress &&
	    key_number(f, 8, 8) >= f->progress.next_outbox)
		fsck_tell(f, "has a number that would be given out again");
	for (size_t i = 0; i < mail->n_lists; i++)
		look_at_list(f, mail->lists[i]);
	/* Its request may be gone or confirmed meanwhile. */
	r = mail->request == 0 ? NULL : fsck_get(f, STORE_REQUEST,
	    rows_key_id(mail->request), &record__request__descriptor);
	if (r != NULL && r->state == RECORD__REQUEST__STATE__WAITING &&
	    strcmp(r->address, mail->address) != 0)
		fsck_tell(f, "is to another address than its request's");
}

static void
look_at_content(struct fsck *f, const void *record)
{
	const Record__Text *text = record;
	uint8_t hash[CRYPTO_HASH_SIZE];

	crypto_hash(slice_str(text->content), hash);
	if (memcmp(hash, f->key.p, sizeof(hash)) != 0)
		fsck_tell(f, "is another text than its key says");
}

/* ---- what ends by itself ---- */

struct end {
	struct slice key;
	uint64_t until;
	bool found;
};

/* Of the rows that are due at that time. */
static bool
on_end(enum store_found found, struct slice key, struct slice record,
    void *arg)
{
	struct end *end = arg;
	Record__Due *due;

	if (key.len < 8 ||
	    bytes_get_be((const uint8_t *)key.p, 8) != end->until)
		return false;
	if (found != STORE_FOUND)
		return true;
	due = record__due__unpack(NULL, record.len,
	    (const uint8_t *)record.p);
	end->found = due != NULL &&
	    slice_eq(slice_of(due->key.data, due->key.len), end->key);
	record__due__free_unpacked(due, NULL);
	return !end->found;
}

static void
look_at_end(struct fsck *f, int64_t until)
{
	struct end end = { .key = f->key, .until = (uint64_t)until };
	struct rows_key from = rows_key_u64((uint64_t)until);

	if (until == 0 || f->is_second)
		return;
	store_read_scan(f->store, STORE_DUE, rows_key_slice(&from), on_end,
	    &end);
	if (!end.found)
		fsck_tell(f, "never ends: nothing is due when it should");
}

static void
look_at_suppression(struct fsck *f, const void *record)
{
	const Record__Suppression *s = record;
	uint32_t list = (uint32_t)key_number(f, ROWS_ADDRESS_KEY, 4);

	if (list != 0)
		look_at_list(f, list);
	look_at_end(f, s->until);
}

static void
look_at_proof(struct fsck *f, const void *record)
{
	const Record__Sealed *sealed = record;

	if (sealed->content.len <= CRYPTO_SIV_TAG_SIZE)
		fsck_tell(f, "seals nothing");
	look_at_end(f, sealed->until);
}

const struct fsck_table fsck_tables[STORE_TABLES] = {
	[STORE_META] = { 0, NULL, NULL },
	[STORE_REQUEST] = { 5, &record__request__descriptor,
	    look_at_request },
	[STORE_CONTACT] = { 5, &record__contact__descriptor,
	    look_at_contact },
	[STORE_ADDRESS] = { ROWS_ADDRESS_KEY, &record__address__descriptor,
	    look_at_address },
	[STORE_COOKIE] = { 16, &record__cookie__descriptor, look_at_cookie },
	[STORE_DUE] = { 17, &record__due__descriptor, look_at_due },
	[STORE_OUTBOX] = { 16, &record__outbox__descriptor, look_at_outbox },
	[STORE_LEDGER] = { 8, &record__event__descriptor, fsck_ledger_look },
	[STORE_TEXT] = { CRYPTO_HASH_SIZE, &record__text__descriptor,
	    look_at_content },
	[STORE_SUPPRESSION] = { ROWS_ADDRESS_KEY + 4,
	    &record__suppression__descriptor, look_at_suppression },
	[STORE_PROOF] = { ROWS_ADDRESS_KEY, &record__sealed__descriptor,
	    look_at_proof },
};
