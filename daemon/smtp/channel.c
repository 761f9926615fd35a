/* SPDX-License-Identifier: ISC */
/*
 * Frames over a blocking socket.  A frame mostly comes as one piece, so all is
 * read that is there.
 */
#include "smtp/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/slice.h"

enum { HEAD = 4, FRAME_MAX = 1 << 20, ROOM = 16 * 1024 };

void
channel_init(struct channel *c, int fd)
{
	*c = (struct channel){ .fd = fd };
}

void
channel_fini(struct channel *c)
{
	free(c->in);
}

/* At least `len` bytes: 1; 0 when it ended before the first; -1: within. */
static int
read_up_to(struct channel *c, size_t len)
{
	if (c->in_cap < len + ROOM) {
		c->in_cap = len + ROOM;
		c->in = mem_resize(c->in, c->in_cap, 1);
	}
	while (c->in_len < len) {
		ssize_t n = read(c->fd, c->in + c->in_len,
		    c->in_cap - c->in_len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 && c->in_len == 0 ? 0 : -1;
		c->in_len += (size_t)n;
	}
	return 1;
}

/* The next frame, with its head, is there; the same. */
static int
read_frame(struct channel *c, struct slice *ret_frame)
{
	int got = read_up_to(c, HEAD);
	size_t len;

	if (got <= 0)
		return got;
	len = (size_t)bytes_get_be((const uint8_t *)c->in, HEAD);
	if (len == 0 || len > FRAME_MAX || read_up_to(c, HEAD + len) != 1)
		return -1;
	*ret_frame = slice_of(c->in + HEAD, len);
	return 1;
}

static void
drop_frame(struct channel *c, struct slice frame)
{
	size_t len = HEAD + frame.len;

	memmove(c->in, c->in + len, c->in_len - len);
	c->in_len -= len;
}

int
channel_receive_setup(struct channel *c, Session__Setup **ret)
{
	struct slice frame;
	int got = read_frame(c, &frame);

	if (got <= 0)
		return got;
	*ret = session__setup__unpack(NULL, frame.len,
	    (const uint8_t *)frame.p);
	explicit_bzero(c->in, HEAD + frame.len);
	drop_frame(c, frame);
	return *ret != NULL ? 1 : -1;
}

int
channel_receive_mail(struct channel *c, Session__Mail **ret)
{
	struct slice frame;
	int got = read_frame(c, &frame);

	if (got <= 0)
		return got;
	*ret = session__mail__unpack(NULL, frame.len,
	    (const uint8_t *)frame.p);
	drop_frame(c, frame);
	return *ret != NULL ? 1 : -1;
}

int
channel_send(struct channel *c, const Session__Result *result)
{
	size_t len = session__result__get_packed_size(result), done = 0;
	uint8_t *frame = mem_new(HEAD + len, 1);

	bytes_put_be(frame, HEAD, len);
	(void)session__result__pack(result, frame + HEAD);
	while (done < HEAD + len) {
		ssize_t n = write(c->fd, frame + done, HEAD + len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	free(frame);
	return done == HEAD + len ? 0 : -1;
}
