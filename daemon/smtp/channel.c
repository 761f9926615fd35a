/* SPDX-License-Identifier: ISC */
/*
 * Frames over a blocking socket.
 */
#include "smtp/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"

enum { HEAD = 4, FRAME_MAX = 1 << 20 };

/* 1; 0 when it ended before the first byte; -1 when it ended within. */
static int
read_all(int fd, uint8_t *p, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = read(fd, p + got, len - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 && got == 0 ? 0 : -1;
		got += (size_t)n;
	}
	return 1;
}

/* The same, with a frame that is owned. */
static int
read_frame(int fd, uint8_t **ret_frame, size_t *ret_len)
{
	uint8_t head[HEAD];
	int got = read_all(fd, head, sizeof(head));

	if (got <= 0)
		return got;
	*ret_len = (size_t)bytes_get_be(head, sizeof(head));
	if (*ret_len == 0 || *ret_len > FRAME_MAX)
		return -1;
	*ret_frame = mem_new(*ret_len, 1);
	if (read_all(fd, *ret_frame, *ret_len) == 1)
		return 1;
	free(*ret_frame);
	return -1;
}

int
channel_receive_setup(int fd, Session__Setup **ret)
{
	uint8_t *frame;
	size_t len;
	int got = read_frame(fd, &frame, &len);

	if (got <= 0)
		return got;
	*ret = session__setup__unpack(NULL, len, frame);
	mem_free_secret(frame, len);
	return *ret != NULL ? 1 : -1;
}

int
channel_receive_mail(int fd, Session__Mail **ret)
{
	uint8_t *frame;
	size_t len;
	int got = read_frame(fd, &frame, &len);

	if (got <= 0)
		return got;
	*ret = session__mail__unpack(NULL, len, frame);
	free(frame);
	return *ret != NULL ? 1 : -1;
}

int
channel_send(int fd, const Session__Result *result)
{
	size_t len = session__result__get_packed_size(result), done = 0;
	uint8_t *frame = mem_new(HEAD + len, 1);

	bytes_put_be(frame, HEAD, len);
	(void)session__result__pack(result, frame + HEAD);
	while (done < HEAD + len) {
		ssize_t n = write(fd, frame + done, HEAD + len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		done += (size_t)n;
	}
	free(frame);
	return done == HEAD + len ? 0 : -1;
}
