/* SPDX-License-Identifier: ISC */
/*
 * Keys and records.  A 40-bit id is 5 bytes, so that request and contact keys
 * stay short and sort in the order they were made.
 */
#include "app/engine/rows.h"

#include <assert.h>
#include <stdlib.h>

#include "app/engine/store_frame.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"

enum { ID_SIZE = 5, COOKIE_KEY_SIZE = 16 };

static void *
arena_allocate(void *arena, size_t size)
{
	return arena_alloc(arena, size);
}

static void
arena_keep(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

ProtobufCAllocator
rows_allocator(struct arena *arena)
{
	return (ProtobufCAllocator){ .alloc = arena_allocate,
		.free = arena_keep, .allocator_data = arena };
}

struct rows_key
rows_key_id(uint64_t id)
{
	struct rows_key key = { .len = ID_SIZE };

	bytes_put_be(key.bytes, ID_SIZE, id);
	return key;
}

struct rows_key
rows_key_u64(uint64_t number)
{
	struct rows_key key = { .len = 8 };

	bytes_put_be(key.bytes, 8, number);
	return key;
}

struct rows_key
rows_key_pair(uint64_t due, uint64_t sequence)
{
	struct rows_key key = { .len = 16 };

	bytes_put_be(key.bytes, 8, due);
	bytes_put_be(key.bytes + 8, 8, sequence);
	return key;
}

struct rows_key
rows_key_bytes(const void *bytes, size_t len)
{
	struct rows_key key = { .len = len };

	assert(len > 0 && len <= STORE_KEY_MAX);
	memcpy(key.bytes, bytes, len);
	return key;
}

/* Half of the hash is plenty, and keeps the table small. */
struct rows_key
rows_key_cookie(const uint8_t *hash)
{
	return rows_key_bytes(hash, COOKIE_KEY_SIZE);
}

struct rows_key
rows_key_meta(const char *name)
{
	return rows_key_bytes(name, strlen(name));
}

struct rows_key
rows_key_due(int64_t time, enum rows_due kind, uint64_t id)
{
	struct rows_key key = { .len = 17 };

	bytes_put_be(key.bytes, 8, (uint64_t)time);
	key.bytes[8] = (uint8_t)kind;
	bytes_put_be(key.bytes + 9, 8, id);
	return key;
}

struct rows_key
rows_key_suppression(const uint8_t address[ROWS_ADDRESS_KEY], uint32_t list)
{
	struct rows_key key = { .len = ROWS_ADDRESS_KEY + 4 };

	memcpy(key.bytes, address, ROWS_ADDRESS_KEY);
	bytes_put_be(key.bytes + ROWS_ADDRESS_KEY, 4, list);
	return key;
}

struct slice
rows_key_slice(const struct rows_key *key)
{
	return slice_of(key->bytes, key->len);
}

void
rows_log_damaged(enum store_table table, struct slice key)
{
	struct buf hex = { 0 };

	bytes_add_hex(&hex, key.p, key.len);
	log_error("row_damaged", log_str("table", store_table_names[table]),
	    log_str("key", buf_str(&hex)));
	buf_fini(&hex);
}

static enum store_found
find(struct turn *turn, enum store_table table, const struct rows_key *key,
    struct slice *ret_value)
{
	struct slice k = rows_key_slice(key);
	enum store_found found = store_turn_get(turn->store, table, k,
	    ret_value);

	if (found == STORE_NOT_LOADED) {
		/* An operation must gather what it applies to. */
		assert(!turn->applying);
		store_turn_want(turn->store, table, k);
	}
	if (found == STORE_DAMAGED && turn->applying)
		rows_log_damaged(table, k);
	return found;
}

void *
rows_get(struct turn *turn, enum store_table table, struct rows_key key,
    const ProtobufCMessageDescriptor *type)
{
	struct slice value;
	void *record;

	if (find(turn, table, &key, &value) != STORE_FOUND)
		return NULL;
	record = protobuf_c_message_unpack(type, &turn->allocator, value.len,
	    (const uint8_t *)value.p);
	if (record == NULL)
		rows_log_damaged(table, rows_key_slice(&key));
	return record;
}

bool
rows_exists(struct turn *turn, enum store_table table, struct rows_key key)
{
	struct slice value;

	return find(turn, table, &key, &value) == STORE_FOUND;
}

bool
rows_is_damaged(struct turn *turn, enum store_table table,
    struct rows_key key, const void *record)
{
	struct slice value;
	enum store_found found = store_turn_get(turn->store, table,
	    rows_key_slice(&key), &value);

	return record == NULL &&
	    (found == STORE_FOUND || found == STORE_DAMAGED);
}

void
rows_put(struct turn *turn, enum store_table table, struct rows_key key,
    const ProtobufCMessage *record)
{
	size_t len = protobuf_c_message_get_packed_size(record);
	uint8_t *packed = arena_alloc(turn->arena, len);

	protobuf_c_message_pack(record, packed);
	store_turn_put(turn->store, table, rows_key_slice(&key),
	    slice_of(packed, len));
}

void
rows_delete(struct turn *turn, enum store_table table, struct rows_key key)
{
	store_turn_delete(turn->store, table, rows_key_slice(&key));
}

char *
rows_address_key(char *address, char *stored)
{
	return stored[0] != '\0' ? stored : address;
}

/* Most addresses are their own key. */
static char *
key_to_store(const char *address, char *key)
{
	return strcmp(address, key) != 0 ? key : NULL;
}

Record__Request *
rows_request(struct turn *turn, uint64_t id)
{
	Record__Request *r = rows_get(turn, STORE_REQUEST, rows_key_id(id),
	    &record__request__descriptor);

	if (r != NULL)
		r->address_key = rows_address_key(r->address, r->address_key);
	return r;
}

void
rows_put_request(struct turn *turn, uint64_t id, const Record__Request *r)
{
	Record__Request stored = *r;

	stored.address_key = key_to_store(r->address, r->address_key);
	rows_put(turn, STORE_REQUEST, rows_key_id(id), &stored.base);
}

Record__Contact *
rows_contact(struct turn *turn, uint64_t id)
{
	Record__Contact *c = rows_get(turn, STORE_CONTACT, rows_key_id(id),
	    &record__contact__descriptor);

	if (c != NULL)
		c->address_key = rows_address_key(c->address, c->address_key);
	return c;
}

void
rows_put_contact(struct turn *turn, uint64_t id, const Record__Contact *c)
{
	Record__Contact stored = *c;

	stored.address_key = key_to_store(c->address, c->address_key);
	rows_put(turn, STORE_CONTACT, rows_key_id(id), &stored.base);
}

Record__Outbox *
rows_outbox(struct turn *turn, uint64_t due, uint64_t sequence)
{
	return rows_get(turn, STORE_OUTBOX, rows_key_pair(due, sequence),
	    &record__outbox__descriptor);
}

Record__Event *
rows_event(struct turn *turn, uint64_t sequence)
{
	return rows_get(turn, STORE_LEDGER, rows_key_u64(sequence),
	    &record__event__descriptor);
}

const char *
rows_text(struct turn *turn, ProtobufCBinaryData hash)
{
	Record__Text *text;

	if (hash.len == 0 || hash.len > STORE_KEY_MAX)
		return NULL;
	text = rows_get(turn, STORE_TEXT, rows_key_bytes(hash.data, hash.len),
	    &record__text__descriptor);
	return text != NULL ? text->content : NULL;
}
