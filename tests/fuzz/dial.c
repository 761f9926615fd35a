/* SPDX-License-Identifier: ISC */
/*
 * A mail server's first words, up to where TLS or a session begins.  The first
 * byte says whether STARTTLS is wanted; a NUL ends what comes at once.
 */
#include "app/mailer/dial.h"

#include <sys/socket.h>

#include <unistd.h>

#include <event2/bufferevent.h>
#include <event2/event.h>

#include "core/config.h"
#include "fuzz.h"
#include "io/connect.h"
#include "io/tls_client.h"


/* Doubles: the connection is a pair of sockets, and TLS never begins. */
struct connect *__wrap_connect_new(const struct connect_setup *);
struct bufferevent *__wrap_tls_client_start(struct tls_client *,
    struct event_base *, int fd, const char *name);

static struct connect_setup asked;

struct connect *
__wrap_connect_new(const struct connect_setup *setup)
{
	asked = *setup;
	return NULL;
}

struct bufferevent *
__wrap_tls_client_start(struct tls_client *tls, struct event_base *base,
    int fd, const char *name)
{
	(void)tls;
	(void)base;
	(void)name;
	(void)close(fd);
	return NULL;
}

static void
on_greeted(struct bufferevent *connection, struct slice greeting, void *arg)
{
	bool *ended = arg;

	MUST(slice_starts(greeting, "220") && slice_ends(greeting, "\r\n"));
	bufferevent_free(connection);
	*ended = true;
}

static void
on_failed(bool ours, const char *why, void *arg)
{
	bool *ended = arg;

	(void)ours;
	MUST(why != NULL);
	*ended = true;
}

static void
say(struct event_base *base, int fd, struct slice words, const bool *ended)
{
	struct slice piece;

	while (!*ended && slice_split(&words, '\0', &piece)) {
		if (piece.len > 0)
			(void)send(fd, piece.p, piece.len, MSG_NOSIGNAL);
		(void)event_base_loop(base, EVLOOP_NONBLOCK);
	}
	(void)close(fd);
	while (!*ended)
		(void)event_base_loop(base, EVLOOP_ONCE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct dial_callbacks callbacks = { on_greeted,
		on_failed };
	static char host[] = "localhost";
	struct config config = { .mail = { .host = host, .timeout = 60 } };
	struct dial_setup setup = { .config = &config, .hostname = "me" };
	bool ended = false;
	int fds[2];

	if (size == 0)
		return 0;
	config.mail.tls = data[0] & 1 ? CONFIG_TLS_STARTTLS : CONFIG_TLS_NONE;
	setup.base = event_base_new();
	MUST(setup.base != NULL && socketpair(AF_UNIX, SOCK_STREAM |
	    SOCK_NONBLOCK, 0, fds) == 0);
	(void)dial_new(&setup, &callbacks, &ended);
	asked.callbacks->on_connected(fds[0], asked.arg);
	say(setup.base, fds[1], slice_of(data + 1, size - 1), &ended);
	event_base_free(setup.base);
	return 0;
}
