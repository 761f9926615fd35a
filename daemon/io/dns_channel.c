/* SPDX-License-Identifier: ISC */
/*
 * c-ares has its sockets watched and its clock looked at.
 */
#include "io/dns_channel.h"

#include <stdbool.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/mem.h"

/*
 * Its own five seconds, four times and doubled, are 75: whoever waits had
 * better go on without, or ask again.
 */
enum { SOCKETS_MAX = 16, TIMEOUT_MS = 3000, TRIES = 2 };

struct dns_channel {
	struct event_base *base;
	ares_channel ares;		/* NULL: none could be made */
	struct event *sockets[SOCKETS_MAX];	/* NULL: free */
	struct event *timer;
	struct event *finish;
	void (*on_finish)(void *arg);
	void *arg;
};

/* c-ares tells when it wants to be asked again. */
void
dns_channel_wait(struct dns_channel *c)
{
	struct timeval wait;

	if (ares_timeout(c->ares, NULL, &wait) != NULL)
		(void)event_add(c->timer, &wait);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct dns_channel *c = arg;

	ares_process_fd(c->ares,
	    what & EV_READ ? fd : ARES_SOCKET_BAD,
	    what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	dns_channel_wait(c);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct dns_channel *c = arg;

	(void)fd;
	(void)what;
	ares_process_fd(c->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	dns_channel_wait(c);
}

/* c-ares opened, closed or wants something else of a socket. */
static void
on_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct dns_channel *c = arg;
	struct event **place = NULL;
	short what = (short)(EV_PERSIST | (readable ? EV_READ : 0) |
	    (writable ? EV_WRITE : 0));

	for (int i = 0; i < SOCKETS_MAX; i++) {
		if (c->sockets[i] != NULL && event_get_fd(c->sockets[i]) ==
		    fd) {
			event_free(c->sockets[i]);
			c->sockets[i] = NULL;
		}
		if (c->sockets[i] == NULL && place == NULL)
			place = &c->sockets[i];
	}
	if (!(readable || writable) || place == NULL)
		return;
	*place = event_new(c->base, fd, what, on_socket, c);
	if (*place != NULL)
		(void)event_add(*place, NULL);
}

static void
on_finish(evutil_socket_t fd, short what, void *arg)
{
	struct dns_channel *c = arg;

	(void)fd;
	(void)what;
	c->on_finish(c->arg);
}

static int
open_ares(struct dns_channel *c, const char *resolver)
{
	struct ares_options options = { .sock_state_cb = on_state,
		.sock_state_cb_data = c, .timeout = TIMEOUT_MS,
		.tries = TRIES };
	int status = ares_init_options(&c->ares, &options,
	    ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);

	if (status != ARES_SUCCESS)
		c->ares = NULL;
	else if (resolver != NULL && resolver[0] != '\0')
		status = ares_set_servers_ports_csv(c->ares, resolver);
	return status;
}

struct dns_channel *
dns_channel_new(struct event_base *base, const char *resolver,
    void (*finished)(void *arg), void *arg, int *ret_status)
{
	struct dns_channel *c = MEM_NEW(struct dns_channel);

	(void)ares_library_init(ARES_LIB_INIT_ALL);
	c->base = base;
	c->on_finish = finished;
	c->arg = arg;
	c->timer = event_new(base, -1, 0, on_timer, c);
	c->finish = event_new(base, -1, 0, on_finish, c);
	if (c->timer == NULL || c->finish == NULL)
		mem_die();
	*ret_status = open_ares(c, resolver);
	return c;
}

void
dns_channel_free(struct dns_channel *c)
{
	if (c->ares != NULL)
		ares_destroy(c->ares);
	for (int i = 0; i < SOCKETS_MAX; i++) {
		if (c->sockets[i] != NULL)
			event_free(c->sockets[i]);
	}
	event_free(c->timer);
	event_free(c->finish);
	ares_library_cleanup();
	free(c);
}

ares_channel
dns_channel_ares(const struct dns_channel *c)
{
	return c->ares;
}

void
dns_channel_finish(struct dns_channel *c)
{
	event_active(c->finish, EV_TIMEOUT, 0);
}
