/* SPDX-License-Identifier: ISC */
/*
 * One look-up, then one socket at a time.
 */
#include "io/connect.h"

#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"
#include "io/dns.h"

struct connect {
	struct connect_setup setup;
	int64_t deadline;		/* monotonic, milliseconds */
	struct dns_query *query;	/* not NULL: looking up */
	struct net_address *addresses;
	size_t count, next;
	int fd;				/* the one that is tried, or -1 */
	struct event *on_fd;
	struct event *on_time;
};

static void
fail(struct connect *c, const char *why)
{
	c->setup.callbacks->on_failed(why, c->setup.arg);
	connect_free(c);
}

static void
close_socket(struct connect *c)
{
	if (c->on_fd != NULL)
		event_free(c->on_fd);
	c->on_fd = NULL;
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
	(void)event_del(c->on_time);
}

static void
succeed(struct connect *c)
{
	const int on = 1;
	int fd = c->fd;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	c->fd = -1;
	c->setup.callbacks->on_connected(fd, c->setup.arg);
	connect_free(c);
}

static void on_socket(evutil_socket_t fd, short what, void *arg);

/* The time there is left, for each address the same. */
static void
set_timer(struct connect *c)
{
	int64_t left = c->deadline - clock_monotonic_ms();
	int64_t share = left > 0 ? left / (int64_t)(c->count - c->next + 1) :
	    0;

	(void)event_add(c->on_time, &(struct timeval){
	    .tv_sec = share / 1000, .tv_usec = share % 1000 * 1000 });
}

/* 0: it is under way, and its end will be an event; else errno. */
static int
try_address(struct connect *c, const struct net_address *address)
{
	union {
		struct sockaddr_storage storage;
		struct sockaddr any;
	} u = { .storage = address->sockaddr };

	c->fd = socket(u.any.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return errno;
	if (connect(c->fd, &u.any, address->len) < 0 && errno != EINPROGRESS)
		return errno;
	c->on_fd = event_new(c->setup.base, c->fd, EV_WRITE, on_socket, c);
	if (c->on_fd == NULL || event_add(c->on_fd, NULL) < 0)
		return ENOMEM;
	set_timer(c);
	return 0;
}

static void
try_next(struct connect *c, int error)
{
	while (c->next < c->count) {
		close_socket(c);
		error = try_address(c, &c->addresses[c->next++]);
		if (error == 0)
			return;
	}
	fail(c, strerror(error));
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct connect *c = arg;
	int error = 0;
	socklen_t len = sizeof(error);

	(void)what;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error == 0)
		succeed(c);
	else
		try_next(c, error);
}

/* The look-up or the socket took too long. */
static void
on_time(evutil_socket_t fd, short what, void *arg)
{
	struct connect *c = arg;

	(void)fd;
	(void)what;
	if (c->query != NULL)
		fail(c, "no answer to its name in time");
	else
		try_next(c, ETIMEDOUT);
}

static void
on_answer(const struct net_address *addresses, size_t count,
    const char *why, void *arg)
{
	struct connect *c = arg;

	c->query = NULL;
	if (count == 0) {
		fail(c, why);
		return;
	}
	for (size_t i = 0; i < count && c->setup.loopback_only; i++) {
		if (net_is_loopback(&addresses[i]))
			continue;
		fail(c, "its name is another machine's");
		return;
	}
	c->addresses = mem_dup(addresses, count * sizeof(*addresses));
	c->count = count;
	try_next(c, 0);
}

struct connect *
connect_new(const struct connect_setup *setup)
{
	struct connect *c = MEM_NEW(struct connect);

	c->setup = *setup;
	c->fd = -1;
	c->deadline = clock_monotonic_ms() + setup->milliseconds;
	c->on_time = event_new(setup->base, -1, 0, on_time, c);
	if (c->on_time == NULL)
		mem_die();
	set_timer(c);
	c->query = dns_ask(setup->base, setup->resolver, setup->host,
	    setup->port, on_answer, c);
	return c;
}

void
connect_free(struct connect *c)
{
	if (c == NULL)
		return;
	dns_cancel(c->query);
	close_socket(c);
	event_free(c->on_time);
	free(c->addresses);
	free(c);
}
