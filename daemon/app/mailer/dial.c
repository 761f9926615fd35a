/* SPDX-License-Identifier: ISC */
/*
 * Resolve, connect to the first address that answers, read the greeting,
 * line by line, by RFC 5321 §4.2; a server that says more before it is asked
 * is not believed.
 */
#include "app/mailer/dial.h"

#include <sys/socket.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/config.h"
#include "core/reply.h"

enum { GREETING_MAX = 4096, PORT_SIZE = 8 };

struct dial {
	struct event_base *base;
	struct bufferevent *connection;
	struct addrinfo *addresses;	/* getaddrinfo's */
	struct addrinfo *next;		/* to try */
	struct event *start;		/* tells a failure from the loop */
	struct buf greeting;
	char *early;			/* why it failed at once */
	const struct dial_callbacks *callbacks;
	void *arg;
};

static void
fail(struct dial *d, Message__MailResult__Outcome outcome, const char *why)
{
	d->callbacks->on_failed(outcome, why, d->arg);
	dial_free(d);
}

static void
greeted(struct dial *d)
{
	struct bufferevent *connection = d->connection;

	bufferevent_setcb(connection, NULL, NULL, NULL, NULL);
	(void)bufferevent_disable(connection, EV_READ);
	d->connection = NULL;
	d->callbacks->on_greeted(connection, buf_slice(&d->greeting), d->arg);
	dial_free(d);
}

/* The last line has come: "220 …", without a hyphen. */
static void
judge(struct dial *d, const char *last)
{
	struct evbuffer *input = bufferevent_get_input(d->connection);

	if (evbuffer_get_length(input) > 0)
		fail(d, MESSAGE__MAIL_RESULT__OUTCOME__RETRY,
		    "the server speaks out of turn");
	else if (strncmp(last, "220", 3) == 0)
		greeted(d);
	else
		fail(d, reply_judge(SESSION__RESULT__STAGE__CONNECT,
		    slice_str(last)), last);
}

static void
on_read(struct bufferevent *connection, void *arg)
{
	struct dial *d = arg;
	struct evbuffer *input = bufferevent_get_input(connection);
	size_t len;
	char *line;

	while ((line = evbuffer_readln(input, &len, EVBUFFER_EOL_CRLF)) !=
	    NULL) {
		char *copy = mem_strndup(line, len);
		bool more;

		free(line);
		buf_add(&d->greeting, copy, len);
		buf_add(&d->greeting, "\r\n", 2);
		more = buf_failed(&d->greeting) ||
		    (strspn(copy, "0123456789") == 3 && copy[3] == '-');
		if (!more)
			judge(d, copy);
		free(copy);
		if (!more)
			return;
	}
	if (buf_failed(&d->greeting) ||
	    evbuffer_get_length(input) > GREETING_MAX)
		fail(d, MESSAGE__MAIL_RESULT__OUTCOME__RETRY,
		    "the server's greeting has no end");
}

static void on_event(struct bufferevent *connection, short what, void *arg);

/* On to an address that can be tried.  NULL, or why the last one can't. */
static const char *
try_next(struct dial *d)
{
	const char *why = "the mail server has no address";

	for (struct addrinfo *a = d->next; a != NULL && why != NULL;
	    a = d->next) {
		d->next = a->ai_next;
		if (d->connection != NULL)
			bufferevent_free(d->connection);
		d->connection = bufferevent_socket_new(d->base, -1,
		    BEV_OPT_CLOSE_ON_FREE);
		if (d->connection == NULL)
			why = "no memory";
		/* Callbacks after it: it would call them when it fails. */
		else if (bufferevent_socket_connect(d->connection,
		    a->ai_addr, (int)a->ai_addrlen) != 0)
			why = evutil_socket_error_to_string(
			    EVUTIL_SOCKET_ERROR());
		else
			why = NULL;
	}
	if (why == NULL)
		bufferevent_setcb(d->connection, on_read, NULL, on_event, d);
	return why;
}

static void
connected(struct dial *d)
{
	int one = 1;

	d->next = NULL;
	(void)setsockopt(bufferevent_getfd(d->connection), IPPROTO_TCP,
	    TCP_NODELAY, &one, sizeof(one));
	(void)bufferevent_enable(d->connection, EV_READ | EV_WRITE);
}

static void
on_event(struct bufferevent *connection, short what, void *arg)
{
	struct dial *d = arg;
	const char *why = evutil_socket_error_to_string(
	    EVUTIL_SOCKET_ERROR());

	(void)connection;
	if (what & BEV_EVENT_CONNECTED) {
		connected(d);
	} else if (what & BEV_EVENT_ERROR) {
		if (d->next == NULL || (why = try_next(d)) != NULL)
			fail(d, MESSAGE__MAIL_RESULT__OUTCOME__RETRY, why);
	} else if (what & BEV_EVENT_EOF) {
		fail(d, MESSAGE__MAIL_RESULT__OUTCOME__RETRY,
		    "the server closed the connection before its greeting");
	}
}

static void
on_start_failed(evutil_socket_t fd, short what, void *arg)
{
	struct dial *d = arg;

	(void)fd;
	(void)what;
	fail(d, MESSAGE__MAIL_RESULT__OUTCOME__RETRY, d->early);
}

/*
 * Blocks while it asks for a name that isn't in /etc/hosts.  NULL, or why
 * not.
 */
static const char *
resolve(struct dial *d, const struct config *config)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV };
	char port[PORT_SIZE];
	int error;

	(void)snprintf(port, sizeof(port), "%u",
	    (unsigned)config->mail.port);
	error = getaddrinfo(config->mail.host, port, &hints, &d->addresses);
	d->next = error == 0 ? d->addresses : NULL;
	return error != 0 ? gai_strerror(error) : NULL;
}

struct dial *
dial_new(struct event_base *base, const struct config *config,
    const struct dial_callbacks *callbacks, void *arg)
{
	static const struct timeval now = { 0, 0 };
	struct dial *d = MEM_NEW(struct dial);
	const char *why;

	d->base = base;
	d->callbacks = callbacks;
	d->arg = arg;
	buf_init(&d->greeting, GREETING_MAX);
	d->start = event_new(base, -1, 0, on_start_failed, d);
	why = resolve(d, config);
	if (why == NULL)
		why = try_next(d);
	if (why != NULL) {
		d->early = mem_strdup(why);
		(void)event_add(d->start, &now);
	}
	return d;
}

void
dial_free(struct dial *d)
{
	if (d == NULL)
		return;
	if (d->connection != NULL)
		bufferevent_free(d->connection);
	if (d->start != NULL)
		event_free(d->start);
	if (d->addresses != NULL)
		freeaddrinfo(d->addresses);
	buf_fini(&d->greeting);
	free(d->early);
	free(d);
}
