/* SPDX-License-Identifier: ISC */
/*
 * Frames over a stream socket, on libevent's events and evbuffer.  Reads with
 * events of its own and not with a bufferevent, which takes 4 kB at a time:
 * the receiver wants all that has arrived as one group.
 */
#include "io/ipc.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/util.h>

#include "base/bytes.h"
#include "base/mem.h"

enum {
	HEADER_SIZE = 4,
	ROOM_MIN = 64 * 1024,
	GROUP_MAX = 1 << 20,	/* bytes read before others have their turn */
};

struct ipc {
	const struct ipc_callbacks *callbacks;
	void *arg;
	int fd;
	struct event *on_read, *on_write;
	struct event *on_more;	/* a timer of no time */
	struct evbuffer *out;
	char *in;		/* what came and wasn't delivered yet */
	size_t in_len, in_cap;
	bool has_more;		/* in it are whole frames, for the next group */
	int error;		/* what closed it; 0: the other end */
	bool busy;		/* in a callback: ipc_free only marks it */
	bool dead;
};

static void
ipc_destroy(struct ipc *ipc)
{
	free(ipc->in);
	free(ipc);
}

static void
ipc_disconnect(struct ipc *ipc)
{
	if (ipc->fd < 0)
		return;
	event_free(ipc->on_read);
	event_free(ipc->on_write);
	event_free(ipc->on_more);
	evbuffer_free(ipc->out);
	close(ipc->fd);
	ipc->fd = -1;
}

void
ipc_free(struct ipc *ipc)
{
	if (ipc == NULL)
		return;
	ipc_disconnect(ipc);
	if (ipc->busy)
		ipc->dead = true;
	else
		ipc_destroy(ipc);
}

/* Hands over a group of whole frames; -1 when the length is nonsense. */
static int
deliver(struct ipc *ipc)
{
	size_t most = ipc->callbacks->frames_max, frames = 0, at = 0;
	int ret = 0;

	ipc->has_more = false;
	while (!ipc->dead && ipc->in_len - at >= HEADER_SIZE) {
		size_t len = (size_t)bytes_get_be(
		    (const uint8_t *)ipc->in + at, HEADER_SIZE);

		if (len > IPC_FRAME_MAX) {
			ret = -1;
			break;
		}
		if (ipc->in_len - at - HEADER_SIZE < len)
			break;
		if (most > 0 && frames++ == most) {
			ipc->has_more = true;
			break;
		}
		ipc->callbacks->on_frame(ipc,
		    slice_of(ipc->in + at + HEADER_SIZE, len), ipc->arg);
		at += HEADER_SIZE + len;
	}
	if (at > 0) {
		memmove(ipc->in, ipc->in + at, ipc->in_len - at);
		ipc->in_len -= at;
	}
	return ret;
}

/* One read; what read(2) returned, or negative errno. */
static ssize_t
read_some(struct ipc *ipc)
{
	ssize_t n;

	if (ipc->in_cap - ipc->in_len < ROOM_MIN) {
		ipc->in_cap = ipc->in_cap > 0 ? 2 * ipc->in_cap : 2 * ROOM_MIN;
		ipc->in = mem_resize(ipc->in, ipc->in_cap, 1);
	}
	n = recv(ipc->fd, ipc->in + ipc->in_len, ipc->in_cap - ipc->in_len,
	    MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	ipc->in_len += (size_t)n;
	return n;
}

static bool
error_is_passing(ssize_t error)
{
	return error == -EAGAIN || error == -EINTR;
}

/* Not with an error of ours, but because the other end is closed. */
static bool
error_is_end(ssize_t error)
{
	return error == -EPIPE || error == -ECONNRESET;
}

/* In a callback of the loop. */
static void
tell_closed(struct ipc *ipc, ssize_t error)
{
	ipc->error = error < 0 && !error_is_end(error) ? (int)error : 0;
	event_del(ipc->on_read);
	ipc->callbacks->on_close(ipc, ipc->arg);
}

/* An idle connection keeps little memory. */
static void
shrink(struct ipc *ipc)
{
	if (ipc->in_len == 0 && ipc->in_cap > 2 * ROOM_MIN) {
		free(ipc->in);
		ipc->in = NULL;
		ipc->in_cap = 0;
	}
}

/* `error` is what closed it, if anything has. */
static void
end_group(struct ipc *ipc, bool closed, ssize_t error)
{
	if (!ipc->dead && closed)
		tell_closed(ipc, error);
	ipc->busy = false;
	if (ipc->dead) {
		ipc_destroy(ipc);
	} else if (ipc->has_more) {
		event_del(ipc->on_read);
		event_add(ipc->on_more, &(struct timeval){ 0, 0 });
	} else {
		shrink(ipc);
	}
}

static void
tell_idle(struct ipc *ipc)
{
	if (!ipc->dead && ipc->callbacks->on_idle != NULL)
		ipc->callbacks->on_idle(ipc, ipc->arg);
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct ipc *ipc = arg;
	size_t total = 0;
	ssize_t n;
	bool more = false, closed = false;

	(void)fd;
	(void)what;
	ipc->busy = true;
	do {
		n = read_some(ipc);
		if (n > 0)
			total += (size_t)n;
		/* Where room is left, no more has come. */
		more = n > 0 && ipc->in_len == ipc->in_cap;
		closed = n == 0 || (n < 0 && !error_is_passing(n)) ||
		    deliver(ipc) < 0;
	} while (more && !closed && !ipc->dead && !ipc->has_more &&
	    total < GROUP_MAX);
	if (total > 0)
		tell_idle(ipc);
	end_group(ipc, closed, n);
}

/* Until all is delivered nothing is read, not even the end. */
static void
on_more(evutil_socket_t fd, short what, void *arg)
{
	struct ipc *ipc = arg;
	bool closed;

	(void)fd;
	(void)what;
	ipc->busy = true;
	closed = deliver(ipc) < 0;
	if (!ipc->dead && !ipc->has_more)
		event_add(ipc->on_read, NULL);
	tell_idle(ipc);
	end_group(ipc, closed, 0);
}

/* A broken pipe is left to the reading side, which delivers first. */
static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct ipc *ipc = arg;
	int error = evbuffer_write(ipc->out, fd) < 0 ? -errno : 0;

	(void)what;
	if (error < 0 && !error_is_passing(error))
		evbuffer_drain(ipc->out, evbuffer_get_length(ipc->out));
	if (evbuffer_get_length(ipc->out) > 0)
		event_add(ipc->on_write, NULL);
	else if (error < 0 && !error_is_end(error)) {
		ipc->busy = true;
		tell_closed(ipc, error);
		ipc->busy = false;
		if (ipc->dead)
			ipc_destroy(ipc);
	}
}

static void *
must(void *p)
{
	if (p == NULL)
		mem_die();
	return p;
}

struct ipc *
ipc_new(struct event_base *base, int fd,
    const struct ipc_callbacks *callbacks, void *arg)
{
	struct ipc *ipc = MEM_NEW(struct ipc);

	evutil_make_socket_nonblocking(fd);
	ipc->callbacks = callbacks;
	ipc->arg = arg;
	ipc->fd = fd;
	ipc->out = must(evbuffer_new());
	ipc->on_read = must(event_new(base, fd, EV_READ | EV_PERSIST,
	    on_readable, ipc));
	ipc->on_write = must(event_new(base, fd, EV_WRITE, on_writable, ipc));
	ipc->on_more = must(event_new(base, -1, 0, on_more, ipc));
	event_add(ipc->on_read, NULL);
	return ipc;
}

int
ipc_send(struct ipc *ipc, struct slice frame)
{
	uint8_t header[HEADER_SIZE];

	if (frame.len > IPC_FRAME_MAX)
		return -EMSGSIZE;
	if (ipc->fd < 0)
		return -ENOTCONN;
	bytes_put_be(header, sizeof(header), frame.len);
	if (evbuffer_add(ipc->out, header, sizeof(header)) < 0 ||
	    evbuffer_add(ipc->out, frame.p, frame.len) < 0)
		mem_die();
	/*
	 * After all else that the loop has to do now, so that a turn's frames
	 * go together.  Mostly there is room for them: nobody asks first.
	 */
	if (!event_pending(ipc->on_write, EV_WRITE, NULL))
		event_active(ipc->on_write, EV_WRITE, 0);
	return 0;
}

int
ipc_error(const struct ipc *ipc)
{
	return ipc->error;
}

size_t
ipc_backlog(const struct ipc *ipc)
{
	return ipc->fd < 0 ? 0 : evbuffer_get_length(ipc->out);
}

int
ipc_pair(int ret_fds[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
	    ret_fds) < 0)
		return -errno;
	return 0;
}
