/* SPDX-License-Identifier: ISC */
/*
 * Frames between two processes over a SOCK_STREAM pair: u32 length,
 * big-endian, then that many bytes.  Knows nothing of what is in a frame.
 * Never blocks: what can't be written yet waits in memory.  SIGPIPE must be
 * ignored.
 */
#ifndef IO_IPC_H
#define IO_IPC_H

#include <stddef.h>

#include "base/slice.h"

struct event_base;
struct ipc;

enum { IPC_FRAME_MAX = 1 << 20 };

struct ipc_callbacks {
	/* One frame, borrowed for the call.  May call ipc_free. */
	void (*on_frame)(struct ipc *, struct slice frame, void *arg);
	/*
	 * All frames that had arrived were delivered, or `frames_max` of them:
	 * the end of a group.  May be NULL.
	 */
	void (*on_idle)(struct ipc *, void *arg);
	/*
	 * The other end is gone or spoke nonsense, or ipc_error tells what
	 * failed.  Call ipc_free in it.
	 */
	void (*on_close)(struct ipc *, void *arg);
	/* After so many the loop comes round, for whoever else is in it; 0:
	 * after all that have arrived. */
	size_t frames_max;
};

/* Takes fd (made non-blocking); borrows the callbacks, which must stay. */
struct ipc *ipc_new(struct event_base *, int fd,
    const struct ipc_callbacks *, void *arg);
void ipc_free(struct ipc *);
/* Queues one frame, at most IPC_FRAME_MAX bytes (else -EMSGSIZE). */
int ipc_send(struct ipc *, struct slice frame);
/*
 * Of a closed one: 0, or the negative errno of a read or write, after which
 * frames of either side may be missing.
 */
int ipc_error(const struct ipc *);
/* Bytes that wait to be written. */
size_t ipc_backlog(const struct ipc *);
/* The pair for two such ends, close-on-exec; 0 or negative errno. */
int ipc_pair(int ret_fds[2]);

#endif
