/* SPDX-License-Identifier: ISC */
/*
 * Commitments and leaves, and glances.
 */
#include "core/ledger.h"

#include <assert.h>

#include <stdlib.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/mem.h"
#include "base/packed.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Numbers of fields, as core/record.proto has them: the first ones. */
enum { NUMBER_KIND = 1, NUMBER_TIME, NUMBER_BUDGET_KEY };

static const char *const names[] = {
	[RECORD__EVENT__KIND__SUBSCRIBE] = "subscribe",
	[RECORD__EVENT__KIND__MAILED] = "mailed",
	[RECORD__EVENT__KIND__CONFIRM] = "confirm",
	[RECORD__EVENT__KIND__UNSUBSCRIBE] = "unsubscribe",
	[RECORD__EVENT__KIND__NOTME] = "not-me",
	[RECORD__EVENT__KIND__UNDO] = "undo",
	[RECORD__EVENT__KIND__EXPIRE] = "expire",
	[RECORD__EVENT__KIND__REFUSED] = "refused",
	[RECORD__EVENT__KIND__ALREADY] = "already",
	[RECORD__EVENT__KIND__BOUNCE] = "bounce",
	[RECORD__EVENT__KIND__COMPLAINT] = "complaint",
	[RECORD__EVENT__KIND__SUPPRESS] = "suppress",
	[RECORD__EVENT__KIND__UNSUPPRESS] = "unsuppress",
	[RECORD__EVENT__KIND__ERASE] = "erase",
	[RECORD__EVENT__KIND__RESEND] = "resend",
	[RECORD__EVENT__KIND__MANAGE] = "manage",
	[RECORD__EVENT__KIND__OPEN] = "open",
	[RECORD__EVENT__KIND__CHANGE] = "change",
};

static void
add_number(struct buf *out, uint64_t number)
{
	uint8_t bytes[8];

	bytes_put_be(bytes, sizeof(bytes), number);
	buf_add(out, bytes, sizeof(bytes));
}

static void
commitment(const Record__Event *event, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	Record__Event bare = *event;
	struct buf data = { 0 };
	uint8_t *packed;
	size_t len;

	bare.salt = (ProtobufCBinaryData){ 0, NULL };
	bare.leaf_hash = (ProtobufCBinaryData){ 0, NULL };
	len = record__event__get_packed_size(&bare);
	packed = mem_new(1, len);
	record__event__pack(&bare, packed);
	buf_add(&data, event->salt.data, event->salt.len);
	buf_add(&data, packed, len);
	crypto_hash(buf_slice(&data), ret_hash);
	buf_fini(&data);
	free(packed);
}

void
ledger_leaf_hash(uint64_t sequence, const Record__Event *event,
    uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	struct buf leaf = { 0 };
	uint8_t inner[CRYPTO_HASH_SIZE];

	assert(event->salt.len == LEDGER_SALT_SIZE);
	commitment(event, inner);
	buf_add_char(&leaf, '\0');
	buf_add_str(&leaf, "assent-leaf-1");
	add_number(&leaf, sequence);
	add_number(&leaf, (uint64_t)event->time);
	add_number(&leaf, (uint64_t)event->kind);
	buf_add(&leaf, inner, sizeof(inner));
	crypto_hash(buf_slice(&leaf), ret_hash);
	buf_fini(&leaf);
}

Record__Event
ledger_erased(uint64_t sequence, const Record__Event *event,
    uint8_t leaf[CRYPTO_HASH_SIZE])
{
	Record__Event kept;

	record__event__init(&kept);
	kept.kind = event->kind;
	kept.time = event->time;
	kept.contact = event->contact;
	kept.request = event->request;
	kept.previous = event->previous;
	kept.request_event = event->request_event;
	kept.budget_key = event->budget_key;
	ledger_leaf_hash(sequence, event, leaf);
	kept.leaf_hash = (ProtobufCBinaryData){ CRYPTO_HASH_SIZE, leaf };
	kept.erased = true;
	return kept;
}

bool
ledger_glance(struct slice packed, Record__Event *ret_event)
{
	struct packed_field field;
	enum packed_result result;

	record__event__init(ret_event);
	while ((result = packed_next(&packed, &field)) == PACKED_FIELD &&
	    field.number <= NUMBER_BUDGET_KEY) {
		if (field.number == NUMBER_KIND)
			ret_event->kind = (Record__Event__Kind)field.value;
		else if (field.number == NUMBER_TIME)
			ret_event->time = (int64_t)field.value;
		else
			ret_event->budget_key = field.value;
	}
	return result != PACKED_BAD;
}

const char *
ledger_event_name(Record__Event__Kind kind)
{
	return (size_t)kind < COUNT(names) ? names[kind] : "unknown";
}
