/* SPDX-License-Identifier: ISC */
/*
 * Frames between processes: those that arrived whole are delivered, in order,
 * and nonsense ends the connection.
 */
#include "io/ipc.h"

#include <sys/socket.h>

#include <unistd.h>

#include <event2/event.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "fuzz.h"

struct heard {
	struct slice rest;	/* of what was sent */
	bool closed;
};

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct heard *h = arg;
	uint8_t head[4];

	(void)ipc;
	bytes_put_be(head, sizeof(head), frame.len);
	MUST(frame.len <= IPC_FRAME_MAX);
	MUST(slice_eq(slice_sub(h->rest, 0, 4), slice_of(head, 4)));
	MUST(slice_eq(slice_sub(h->rest, 4, 4 + frame.len), frame));
	h->rest = slice_sub(h->rest, 4 + frame.len, h->rest.len);
}

static void
on_close(struct ipc *ipc, void *arg)
{
	struct heard *h = arg;

	h->closed = true;
	ipc_free(ipc);
}

/* Is there another whole frame? */
static bool
has_frame(struct slice rest)
{
	return rest.len >= 4 && bytes_get_be((const uint8_t *)rest.p, 4) <=
	    rest.len - 4;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ipc_callbacks callbacks = {
		.on_frame = on_frame, .on_close = on_close };
	struct event_base *base = event_base_new();
	struct heard h = { .rest = slice_of(data, size) };
	int fds[2];

	MUST(base != NULL && ipc_pair(fds) == 0);
	(void)ipc_new(base, fds[0], &callbacks, &h);
	if (size > 0)
		MUST(send(fds[1], data, size, MSG_NOSIGNAL) == (ssize_t)size);
	(void)close(fds[1]);
	while (!h.closed)
		(void)event_base_loop(base, EVLOOP_ONCE);
	MUST(!has_frame(h.rest));
	event_base_free(base);
	return 0;
}
