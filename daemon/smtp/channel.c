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

int
channel_receive(int fd, Session__Mail **ret_mail)
{
	uint8_t head[HEAD], *frame;
	size_t len;
	int got = read_all(fd, head, sizeof(head));

	if (got <= 0)
		return got;
	len = (size_t)bytes_get_be(head, sizeof(head));
	if (len == 0 || len > FRAME_MAX)
		return -1;
	frame = mem_new(len, 1);
	*ret_mail = NULL;
	if (read_all(fd, frame, len) == 1)
		*ret_mail = session__mail__unpack(NULL, len, frame);
	free(frame);
	return *ret_mail != NULL ? 1 : -1;
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
