/* SPDX-License-Identifier: ISC */
/*
 * Stored records and messages between processes: the first byte says which,
 * the rest is one.  What was unpacked and packed is unpacked as the same, if
 * at all: the library passes on what it doesn't know, a field 0 too, but won't
 * have that back.  A glance at an event sees what is in it.
 */
#include <string.h>

#include "app/engine/rows.h"
#include "app/wire.h"
#include "base/arena.h"
#include "core/ledger.h"
#include "core/session.pb-c.h"
#include "fuzz.h"

static const ProtobufCMessageDescriptor *const kinds[] = {
	&message__envelope__descriptor,
	&message__first_post__descriptor,
	&record__request__descriptor,
	&record__contact__descriptor,
	&record__address__descriptor,
	&record__cookie__descriptor,
	&record__outbox__descriptor,
	&record__event__descriptor,
	&record__suppression__descriptor,
	&record__sealed__descriptor,
	&record__proof__descriptor,
	&record__due__descriptor,
	&record__text__descriptor,
	&record__lists__descriptor,
	&record__progress__descriptor,
	&record__watch__descriptor,
	&record__schema__descriptor,
	&session__setup__descriptor,
	&session__mail__descriptor,
	&session__result__descriptor,
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static struct slice
pack(struct arena *arena, const ProtobufCMessage *record)
{
	size_t len = protobuf_c_message_get_packed_size(record);
	uint8_t *bytes = arena_alloc(arena, len);

	MUST(protobuf_c_message_check(record));
	MUST(protobuf_c_message_pack(record, bytes) == len);
	return slice_of(bytes, len);
}

static ProtobufCMessage *
unpack(struct arena *arena, const ProtobufCMessageDescriptor *kind,
    struct slice bytes)
{
	ProtobufCAllocator allocator = rows_allocator(arena);

	return protobuf_c_message_unpack(kind, &allocator, bytes.len,
	    (const uint8_t *)bytes.p);
}

static void
check_record(const ProtobufCMessageDescriptor *kind, struct slice bytes)
{
	struct arena *arena = arena_new();
	ProtobufCMessage *record = unpack(arena, kind, bytes);
	struct slice once = { 0 }, twice;

	if (record != NULL) {
		once = pack(arena, record);
		record = unpack(arena, kind, once);
	}
	if (record != NULL) {
		twice = pack(arena, record);
		MUST(slice_eq(once, twice));
	}
	arena_free(arena);
}

/* Of what we pack: that has no field that we don't know. */
static void
check_glance(struct slice bytes)
{
	struct arena *arena = arena_new();
	Record__Event *event = (Record__Event *)unpack(arena,
	    &record__event__descriptor, bytes);
	Record__Event seen;

	if (event != NULL) {
		event->base.n_unknown_fields = 0;
		MUST(ledger_glance(pack(arena, &event->base), &seen));
		MUST(seen.kind == event->kind && seen.time == event->time &&
		    seen.budget_key == event->budget_key);
	}
	arena_free(arena);
	(void)ledger_glance(bytes, &seen);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Message__Envelope *envelope;

	if (size == 0)
		return 0;
	check_record(kinds[data[0] % KINDS], slice_of(data + 1, size - 1));
	check_glance(slice_of(data + 1, size - 1));
	envelope = wire_open(slice_of(data + 1, size - 1));
	if (envelope != NULL)
		MUST(envelope->body_case !=
		    MESSAGE__ENVELOPE__BODY__NOT_SET);
	wire_free(envelope);
	return 0;
}
