/* SPDX-License-Identifier: ISC */
/*
 * Envelopes (core/message.proto) as frames of io/ipc.
 */
#ifndef APP_WIRE_H
#define APP_WIRE_H

#include "base/slice.h"
#include "core/message.pb-c.h"

struct child;
struct ipc;

/*
 * Packs and queues.  0, or negative errno: -ENOTCONN when ipc is NULL,
 * -EMSGSIZE when the envelope is too large for a frame.
 */
int wire_send(struct ipc *, const Message__Envelope *);
/*
 * Unpacks one frame; NULL when it isn't an envelope with a body.  Owned: give
 * it to wire_free.
 */
Message__Envelope *wire_open(struct slice frame);
void wire_free(Message__Envelope *);
/*
 * In on_close, before ipc_free.  A channel that failed has lost frames that
 * somebody waits for, and its other end is still there: then this process
 * ends, and is started anew with a new one.
 */
void wire_closed(struct child *, const struct ipc *);

#endif
