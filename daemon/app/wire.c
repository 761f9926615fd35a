/* SPDX-License-Identifier: ISC */
/*
 * Packs and unpacks envelopes.  What is inside a body is for its receiver to
 * judge.
 */
#include "app/wire.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "app/child.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/heap.h"
#include "io/ipc.h"

enum { ON_STACK = 4096 };

int
wire_send(struct ipc *ipc, const Message__Envelope *envelope)
{
	uint8_t stack[ON_STACK], *packed = stack;
	size_t len;
	int ret;

	if (ipc == NULL)
		return -ENOTCONN;
	len = message__envelope__get_packed_size(envelope);
	if (len > IPC_FRAME_MAX)
		return -EMSGSIZE;
	if (len > sizeof(stack))
		packed = mem_new(1, len);
	message__envelope__pack(envelope, packed);
	ret = ipc_send(ipc, slice_of(packed, len));
	if (packed != stack)
		free(packed);
	return ret;
}

/* ---- nothing but what we know ---- */

static bool is_known(const ProtobufCMessage *);

/* All messages of one field. */
static bool
field_is_known(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	const char *at = (const char *)m + f->offset;
	const char *quantifier = (const char *)m + f->quantifier_offset;
	const ProtobufCMessage *const *all;
	uint32_t which;
	size_t count = 1;

	if (f->type != PROTOBUF_C_TYPE_MESSAGE)
		return true;
	memcpy(&which, quantifier, sizeof(which));
	if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 && which != f->id)
		return true;
	all = (const void *)at;
	if (f->label == PROTOBUF_C_LABEL_REPEATED) {
		memcpy(&count, quantifier, sizeof(count));
		memcpy(&all, at, sizeof(all));
	}
	for (size_t i = 0; i < count; i++) {
		if (all[i] != NULL && !is_known(all[i]))
			return false;
	}
	return true;
}

/*
 * Both ends are of one build, so that a field that isn't known is none of ours:
 * what is copied into a record would take it along, and may not be readable
 * then.
 */
static bool
is_known(const ProtobufCMessage *m)
{
	if (m->n_unknown_fields > 0)
		return false;
	for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
		if (!field_is_known(m, &m->descriptor->fields[i]))
			return false;
	}
	return true;
}

Message__Envelope *
wire_open(struct slice frame)
{
	Message__Envelope *envelope = message__envelope__unpack(
	    heap_allocator(), frame.len, (const uint8_t *)frame.p);

	if (envelope != NULL && (!is_known(&envelope->base) ||
	    envelope->body_case == MESSAGE__ENVELOPE__BODY__NOT_SET)) {
		wire_free(envelope);
		return NULL;
	}
	return envelope;
}

void
wire_free(Message__Envelope *envelope)
{
	if (envelope != NULL)
		message__envelope__free_unpacked(envelope, NULL);
}

void
wire_closed(struct child *child, const struct ipc *ipc)
{
	int error = ipc_error(ipc);

	if (error == 0)
		return;
	log_error("channel_failed", log_errno("why", error));
	child_exit(child, 1);
}
