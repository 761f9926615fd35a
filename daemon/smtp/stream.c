/* SPDX-License-Identifier: ISC */
/*
 * One stream, without an argument to find it by: that is how libc's names are.
 * All other descriptors get what they always would.
 */
#include "smtp/stream.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "smtp/redirect.h"

/* A reply mostly; and of a large message what needn't wait for its end. */
enum { IN_SIZE = 4096, OUT_MAX = 64 * 1024 };
enum { MS = 1000 };			/* in a second; us in one; ns in a us */

static struct {
	struct buf out;			/* written, and not sent yet */
	char in[IN_SIZE];
	size_t in_at, in_len;		/* sent to us, and not read yet */
	bool broken;			/* nothing more is sent */
} stream;

/* The library made it non-blocking; smtp/deadline ends what lasts too long. */
static bool
wait_for(short events)
{
	struct pollfd own = { .fd = REDIRECT_LIBRARY_FD, .events = events };

	return errno == EINTR || (errno == EAGAIN &&
	    (ppoll(&own, 1, NULL, NULL) > 0 || errno == EINTR));
}

static void
flush(void)
{
	size_t done = 0;

	while (!stream.broken && done < stream.out.len) {
		ssize_t n = send(REDIRECT_LIBRARY_FD, stream.out.p + done,
		    stream.out.len - done, MSG_NOSIGNAL);

		if (n >= 0)
			done += (size_t)n;
		else if (!wait_for(POLLOUT))
			stream.broken = true;
	}
	if (stream.broken)
		redirect_hang_up();
	buf_reset(&stream.out);
}

/* What the other side says next; nothing more at its end. */
static ssize_t
receive(void *p, size_t len)
{
	ssize_t n;

	flush();
	do {
		n = recv(REDIRECT_LIBRARY_FD, p, len, 0);
	} while (n < 0 && wait_for(POLLIN));
	return n;
}

static bool
has_unread(void)
{
	return stream.in_at < stream.in_len;
}

bool
stream_has_input(void)
{
	char first;

	return has_unread() || recv(REDIRECT_LIBRARY_FD, &first, 1,
	    MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* ---- libc's names ---- */

/*
 * By their names alone: in its headers two are inline, and the third doesn't
 * read what it is given.
 */
ssize_t stream_write(int, const void *, size_t) __asm__("write");
ssize_t stream_read(int, void *, size_t) __asm__("read");
int stream_poll(struct pollfd *, nfds_t, int) __asm__("poll");

ssize_t
stream_write(int fd, const void *p, size_t len)
{
	union {
		const void *in;
		void *out;
	} u = { .in = p };

	if (fd != REDIRECT_LIBRARY_FD)
		return writev(fd, &(struct iovec){ u.out, len }, 1);
	if (stream.out.len > OUT_MAX)
		flush();
	buf_add(&stream.out, p, len);
	return (ssize_t)len;
}

ssize_t
stream_read(int fd, void *p, size_t len)
{
	if (fd != REDIRECT_LIBRARY_FD)
		return readv(fd, &(struct iovec){ p, len }, 1);
	if (!has_unread())
		return receive(p, len);
	if (len > stream.in_len - stream.in_at)
		len = stream.in_len - stream.in_at;
	memcpy(p, stream.in + stream.in_at, len);
	stream.in_at += len;
	return (ssize_t)len;
}

static void
fill(void)
{
	ssize_t n = receive(stream.in, sizeof(stream.in));

	stream.in_at = 0;
	stream.in_len = n > 0 ? (size_t)n : 0;
}

/*
 * The library asks of its own, once or twice at a time.  It may always write;
 * and when it only wants to know whether an answer is there already, it will
 * look for it later, too.
 */
static int
poll_library(struct pollfd fds[], nfds_t count, bool waits)
{
	short wanted = 0, found = POLLOUT;
	int ready = 0;

	for (nfds_t i = 0; i < count; i++)
		wanted |= fds[i].events;
	if (waits && wanted == POLLIN && !has_unread())
		fill();
	/* The end, too, is there to be read. */
	if (has_unread() || (waits && wanted == POLLIN))
		found |= POLLIN;
	for (nfds_t i = 0; i < count; i++) {
		fds[i].revents = fds[i].events & found;
		ready += fds[i].revents != 0;
	}
	return ready;
}

int
stream_poll(struct pollfd fds[], nfds_t count, int timeout)
{
	struct timespec wait = { .tv_sec = timeout / MS,
		.tv_nsec = timeout % MS * (MS * MS) };

	if (count > 0 && fds[0].fd == REDIRECT_LIBRARY_FD)
		return poll_library(fds, count, timeout != 0);
	return ppoll(fds, count, timeout < 0 ? NULL : &wait, NULL);
}
