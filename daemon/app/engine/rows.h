/* SPDX-License-Identifier: ISC */
/*
 * The store's rows as records, within a turn: keys made, values unpacked
 * (into the turn's arena) and packed.
 *
 * Reading, while a turn gathers, also wants the row: it is NULL then until a
 * load brought it.  While it applies, NULL means there is no such row, or it
 * is damaged: that is logged, and the row is left alone.
 */
#ifndef APP_ROWS_H
#define APP_ROWS_H

#include "app/engine/store.h"
#include "app/engine/turn.h"
#include "core/record.pb-c.h"

enum { ROWS_ADDRESS_KEY = 16 };

/* What falls due by itself. */
enum rows_due { ROWS_DUE_REQUEST = 1, ROWS_DUE_SUPPRESSION, ROWS_DUE_PROOF,
	ROWS_DUE_ERASE, ROWS_DUE_CONTACT, ROWS_DUE_END };

/* What unpacks into an arena, where nothing is freed one by one. */
ProtobufCAllocator rows_allocator(struct arena *);

struct rows_key {
	uint8_t bytes[STORE_KEY_MAX];
	size_t len;
};

struct rows_key rows_key_id(uint64_t id);	/* u40: request, contact */
struct rows_key rows_key_u64(uint64_t number);	/* ledger */
struct rows_key rows_key_pair(uint64_t due, uint64_t sequence); /* outbox */
struct rows_key rows_key_bytes(const void *bytes, size_t len);
/* Of a signup cookie's SHA-256. */
struct rows_key rows_key_cookie(const uint8_t *hash);
struct rows_key rows_key_meta(const char *name);
struct rows_key rows_key_due(int64_t time, enum rows_due, uint64_t id);
/* list 0: all lists. */
struct rows_key rows_key_suppression(const uint8_t address[ROWS_ADDRESS_KEY],
    uint32_t list);
struct slice rows_key_slice(const struct rows_key *);

/* Says in the log which row can't be read. */
void rows_log_damaged(enum store_table, struct slice key);

void *rows_get(struct turn *, enum store_table, struct rows_key,
    const ProtobufCMessageDescriptor *);
void rows_put(struct turn *, enum store_table, struct rows_key,
    const ProtobufCMessage *);
void rows_delete(struct turn *, enum store_table, struct rows_key);
/* Is there such a row, whatever is in it? */
bool rows_exists(struct turn *, enum store_table, struct rows_key);
/* Is there one, though rows_get gave this for it?  Then it is damaged. */
bool rows_is_damaged(struct turn *, enum store_table, struct rows_key,
    const void *record);

/* Of a record as it is stored; rows_request's and rows_contact's have it. */
char *rows_address_key(char *address, char *stored);
Record__Request *rows_request(struct turn *, uint64_t id);
void rows_put_request(struct turn *, uint64_t id, const Record__Request *);
Record__Contact *rows_contact(struct turn *, uint64_t id);
void rows_put_contact(struct turn *, uint64_t id, const Record__Contact *);
Record__Outbox *rows_outbox(struct turn *, uint64_t due, uint64_t sequence);
Record__Event *rows_event(struct turn *, uint64_t sequence);
/* The content of a text; NULL as above. */
const char *rows_text(struct turn *, ProtobufCBinaryData hash);

#endif
