/* SPDX-License-Identifier: ISC */
/*
 * What a client says, and what comes back.
 */
#include "io/http_talk.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"

enum { PATIENCE_MS = 60000 };

/* Ends the test: without what it is about there is none. */
static void
need(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "http_talk: %s\n", what);
	abort();
}

int
talk_listen(struct sockaddr_in *ret_address)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	need(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	    getsockname(fd, (struct sockaddr *)&at, &len) == 0 &&
	    listen(fd, 64) == 0, "no listener");
	*ret_address = at;
	return fd;
}

void
talk_run(struct event_base *base, int ms)
{
	int64_t end = clock_monotonic_ms() + ms;

	do {
		event_base_loop(base, EVLOOP_NONBLOCK);
		if (ms > 0)
			poll(NULL, 0, 1);
	} while (clock_monotonic_ms() < end);
}

void
talk_say(int fd, struct slice text)
{
	need(text.len == 0 || send(fd, text.p, text.len, MSG_NOSIGNAL) ==
	    (ssize_t)text.len, "it can't be said");
}

bool
talk_hear(int fd, struct buf *out)
{
	char block[8192];
	ssize_t n;

	while ((n = recv(fd, block, sizeof(block), MSG_DONTWAIT)) > 0)
		buf_add(out, block, (size_t)n);
	return n == 0 || errno != EAGAIN;
}

char *
talk_hear_all(struct event_base *base, int fd)
{
	struct buf out = { 0 };
	int64_t end = clock_monotonic_ms() + PATIENCE_MS;

	while (!talk_hear(fd, &out)) {
		need(clock_monotonic_ms() < end, "no end of the answer");
		event_base_loop(base, EVLOOP_NONBLOCK);
		poll(NULL, 0, 0);
	}
	close(fd);
	talk_run(base, 0);
	return buf_take(&out);
}
