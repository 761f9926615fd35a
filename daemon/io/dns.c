/* SPDX-License-Identifier: ISC */
/*
 * On c-ares.  Each query has a channel of its own: so it goes by resolv.conf
 * and /etc/hosts as they are now, and giving it up is closing the channel.
 * c-ares may answer within any call to it, where a channel can't be closed:
 * the answer is noted, and given from an event.
 */
#include "io/dns.h"

#include <sys/stat.h>

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include <ares.h>

#include "base/mem.h"

enum { SOCKETS_MAX = 16, ADDRESSES_MAX = 16, PORT_SIZE = 8 };

struct dns_query {
	struct event_base *base;
	ares_channel channel;		/* NULL: none could be made */
	struct event *sockets[SOCKETS_MAX];	/* NULL: free */
	struct event *timer;
	struct event *finish;
	struct net_address addresses[ADDRESSES_MAX];
	size_t count;
	int status;			/* c-ares's */
	dns_answer *on_answer;
	void *arg;
};

/* c-ares tells when it wants to be asked again. */
static void
set_timer(struct dns_query *q)
{
	struct timeval wait;

	if (ares_timeout(q->channel, NULL, &wait) != NULL)
		(void)event_add(q->timer, &wait);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	struct dns_query *q = arg;

	ares_process_fd(q->channel,
	    what & EV_READ ? fd : ARES_SOCKET_BAD,
	    what & EV_WRITE ? fd : ARES_SOCKET_BAD);
	set_timer(q);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct dns_query *q = arg;

	(void)fd;
	(void)what;
	ares_process_fd(q->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	set_timer(q);
}

/* c-ares opened, closed or wants something else of a socket. */
static void
on_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct dns_query *q = arg;
	struct event **place = NULL;
	short what = (short)(EV_PERSIST | (readable ? EV_READ : 0) |
	    (writable ? EV_WRITE : 0));

	for (int i = 0; i < SOCKETS_MAX; i++) {
		if (q->sockets[i] != NULL && event_get_fd(q->sockets[i]) ==
		    fd) {
			event_free(q->sockets[i]);
			q->sockets[i] = NULL;
		}
		if (q->sockets[i] == NULL && place == NULL)
			place = &q->sockets[i];
	}
	if (!(readable || writable) || place == NULL)
		return;
	*place = event_new(q->base, fd, what, on_socket, q);
	if (*place != NULL)
		(void)event_add(*place, NULL);
}

static void
keep_addresses(struct dns_query *q, const struct ares_addrinfo *result)
{
	for (const struct ares_addrinfo_node *n = result->nodes;
	    n != NULL && q->count < ADDRESSES_MAX; n = n->ai_next) {
		struct net_address *a = &q->addresses[q->count];

		if (n->ai_addrlen > sizeof(a->sockaddr))
			continue;
		memcpy(&a->sockaddr, n->ai_addr, n->ai_addrlen);
		a->len = n->ai_addrlen;
		q->count++;
	}
}

static void
on_result(void *arg, int status, int timeouts, struct ares_addrinfo *result)
{
	struct dns_query *q = arg;

	(void)timeouts;
	q->status = status;
	if (result != NULL) {
		keep_addresses(q, result);
		ares_freeaddrinfo(result);
	}
	if (status != ARES_EDESTRUCTION)
		event_active(q->finish, EV_TIMEOUT, 0);
}

static void
on_finish(evutil_socket_t fd, short what, void *arg)
{
	struct dns_query *q = arg;

	(void)fd;
	(void)what;
	q->on_answer(q->addresses, q->count, q->status != ARES_SUCCESS ?
	    ares_strerror(q->status) : "no address", q->arg);
	dns_cancel(q);
}

static void
start(struct dns_query *q, const char *host, uint16_t port)
{
	struct ares_addrinfo_hints hints = { .ai_flags = ARES_AI_NUMERICSERV,
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct ares_options options = { .sock_state_cb = on_state,
		.sock_state_cb_data = q };
	char service[PORT_SIZE];

	q->status = ares_init_options(&q->channel, &options,
	    ARES_OPT_SOCK_STATE_CB);
	if (q->status != ARES_SUCCESS) {
		q->channel = NULL;
		event_active(q->finish, EV_TIMEOUT, 0);
		return;
	}
	(void)snprintf(service, sizeof(service), "%u", (unsigned)port);
	ares_getaddrinfo(q->channel, host, service, &hints, on_result, q);
	set_timer(q);
}

struct dns_query *
dns_ask(struct event_base *base, const char *host, uint16_t port,
    dns_answer *on_answer, void *arg)
{
	struct dns_query *q = MEM_NEW(struct dns_query);

	(void)ares_library_init(ARES_LIB_INIT_ALL);
	q->base = base;
	q->on_answer = on_answer;
	q->arg = arg;
	q->timer = event_new(base, -1, 0, on_timer, q);
	q->finish = event_new(base, -1, 0, on_finish, q);
	if (q->timer == NULL || q->finish == NULL)
		mem_die();
	start(q, host, port);
	return q;
}

void
dns_cancel(struct dns_query *q)
{
	if (q == NULL)
		return;
	if (q->channel != NULL)
		ares_destroy(q->channel);
	for (int i = 0; i < SOCKETS_MAX; i++) {
		if (q->sockets[i] != NULL)
			event_free(q->sockets[i]);
	}
	event_free(q->timer);
	event_free(q->finish);
	ares_library_cleanup();
	free(q);
}

const char *const *
dns_files(void)
{
	static const char *const files[] = { "/etc/resolv.conf",
		"/etc/hosts", "/etc/nsswitch.conf", NULL };

	return files;
}

uint64_t
dns_files_mark(void)
{
	enum { FACTOR = 1000003 };
	uint64_t mark = 0;

	for (const char *const *p = dns_files(); *p != NULL; p++) {
		struct stat st = { 0 };

		if (stat(*p, &st) < 0)
			st = (struct stat){ 0 };
		mark = (mark * FACTOR + st.st_dev) * FACTOR + st.st_ino;
	}
	return mark;
}

const char *
dns_version(void)
{
	return ares_version(NULL);
}
