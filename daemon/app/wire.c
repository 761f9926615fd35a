/* SPDX-License-Identifier: ISC */
/*
 * Packs and unpacks envelopes.  What is inside a body is for its receiver to
 * judge.
 */
#include "app/wire.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

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

Message__Envelope *
wire_open(struct slice frame)
{
	Message__Envelope *envelope = message__envelope__unpack(
	    heap_allocator(), frame.len, (const uint8_t *)frame.p);

	if (envelope != NULL &&
	    envelope->body_case == MESSAGE__ENVELOPE__BODY__NOT_SET) {
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
