/* SPDX-License-Identifier: ISC */
/*
 * A walk through a few steps, which ones depends on mail.tls.  Replies are
 * read by RFC 5321 §4.2, line by line; a server that says more than it was
 * asked is not believed.
 *
 * What was said in the clear is worth nothing once TLS is up (RFC 3207 §4.2):
 * the session gets a greeting of our own, and asks for everything again.
 */
#include "app/mailer/dial.h"

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
#include "io/connect.h"
#include "io/tls_client.h"

enum { REPLY_MAX = 4096, MS = 1000 };

enum step { STEP_GREETING, STEP_EHLO, STEP_STARTTLS, STEP_TLS, STEP_READY };

struct dial {
	const struct dial_setup *setup;
	struct connect *connect;	/* not NULL: connecting */
	struct bufferevent *connection;
	const enum step *step;
	struct buf reply;		/* with line ends */
	bool offers_tls;
	struct event *timer;
	const struct dial_callbacks *callbacks;
	void *arg;
};

static const enum step *const plans[] = {
	[CONFIG_TLS_NONE] = (const enum step[]){ STEP_GREETING, STEP_READY },
	[CONFIG_TLS_IMPLICIT] = (const enum step[]){ STEP_TLS, STEP_GREETING,
	    STEP_READY },
	[CONFIG_TLS_STARTTLS] = (const enum step[]){ STEP_GREETING,
	    STEP_EHLO, STEP_STARTTLS, STEP_TLS, STEP_READY },
};

static void
fail(struct dial *d, bool ours, const char *why)
{
	d->callbacks->on_failed(ours, why, d->arg);
	dial_free(d);
}

static void next_step(struct dial *d);

/* ---- replies ---- */

/* The code of its last line; 0 if that isn't one. */
static unsigned
reply_code(const char *last)
{
	unsigned code = 0;

	if (strspn(last, "0123456789") != 3)
		return 0;
	for (int i = 0; i < 3; i++)
		code = code * 10 + (unsigned)(last[i] - '0');
	return code;
}

static void
refuse(struct dial *d, const char *last)
{
	fail(d, reply_judge(SESSION__RESULT__STAGE__CONNECT,
	    slice_str(last)) == MESSAGE__MAIL_RESULT__OUTCOME__OURS, last);
}

static void
on_greeting(struct dial *d, const char *last)
{
	if (reply_code(last) == 220)
		next_step(d);
	else
		refuse(d, last);
}

static void
on_ehlo(struct dial *d, const char *last)
{
	if (reply_code(last) != 250)
		refuse(d, last);
	else if (!d->offers_tls)
		fail(d, true, "the server offers no STARTTLS");
	else
		next_step(d);
}

static void
on_starttls(struct dial *d, const char *last)
{
	if (reply_code(last) == 220)
		next_step(d);
	else
		refuse(d, last);
}

static void send_ehlo(struct dial *d);
static void send_starttls(struct dial *d);
static void start_tls(struct dial *d);
static void ready(struct dial *d);

static const struct {
	void (*begin)(struct dial *);	/* NULL: nothing to do but wait */
	const char *awaited;		/* NULL: nothing */
	void (*on_reply)(struct dial *, const char *last);
} steps[] = {
	[STEP_GREETING] = { NULL, "the server's greeting", on_greeting },
	[STEP_EHLO] = { send_ehlo, "an answer to EHLO", on_ehlo },
	[STEP_STARTTLS] = { send_starttls, "an answer to STARTTLS",
	    on_starttls },
	[STEP_TLS] = { start_tls, "TLS", NULL },
	[STEP_READY] = { ready, NULL, NULL },
};

/* "250-STARTTLS", in any case. */
static bool
is_tls_offer(const char *line, size_t len)
{
	return len > 4 && slice_ieq_str(slice_trim(slice_of(line + 4,
	    len - 4)), "STARTTLS");
}

/* True when it was the last line of a reply. */
static bool
take_line(struct dial *d, const char *line, size_t len)
{
	buf_add(&d->reply, line, len);
	buf_add(&d->reply, "\r\n", 2);
	if (*d->step == STEP_EHLO && is_tls_offer(line, len))
		d->offers_tls = true;
	return strspn(line, "0123456789") != 3 || line[3] != '-';
}

static void
judge(struct dial *d, const char *last)
{
	struct evbuffer *input = bufferevent_get_input(d->connection);

	(void)event_del(d->timer);
	if (evbuffer_get_length(input) > 0)
		fail(d, *d->step == STEP_STARTTLS,
		    "the server speaks out of turn");
	else
		steps[*d->step].on_reply(d, last);
}

static void
on_read(struct bufferevent *connection, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(connection);
	struct dial *d = arg;
	size_t len;
	char *line;

	while ((line = evbuffer_readln(input, &len, EVBUFFER_EOL_CRLF)) !=
	    NULL) {
		bool last = take_line(d, line, len);
		bool failed = buf_failed(&d->reply);

		if (last && !failed)
			judge(d, line);
		free(line);
		if (last && !failed)
			return;
	}
	if (buf_failed(&d->reply) || evbuffer_get_length(input) > REPLY_MAX)
		fail(d, false, "the server's reply has no end");
}

/* ---- steps ---- */

static void
on_event(struct bufferevent *connection, short what, void *arg)
{
	struct dial *d = arg;
	struct buf why = { 0 };
	bool ours = false;

	if (what & BEV_EVENT_CONNECTED) {
		next_step(d);
		return;
	}
	if (*d->step == STEP_TLS)
		ours = tls_client_add_failure(connection, &why);
	else
		buf_printf(&why, "the server hung up instead of %s",
		    steps[*d->step].awaited);
	fail(d, ours, buf_str(&why));
	buf_fini(&why);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct dial *d = arg;
	char why[80];

	(void)fd;
	(void)what;
	(void)snprintf(why, sizeof(why), "%s didn't come within mail.timeout",
	    steps[*d->step].awaited);
	fail(d, false, why);
}

static void
send_ehlo(struct dial *d)
{
	(void)evbuffer_add_printf(bufferevent_get_output(d->connection),
	    "EHLO %s\r\n", d->setup->hostname);
}

static void
send_starttls(struct dial *d)
{
	(void)evbuffer_add_printf(bufferevent_get_output(d->connection),
	    "STARTTLS\r\n");
}

static int
take_socket(struct dial *d)
{
	int fd = bufferevent_getfd(d->connection);

	(void)bufferevent_setfd(d->connection, -1);
	bufferevent_free(d->connection);
	d->connection = NULL;
	return fd;
}

static bool
set_connection(struct dial *d, struct bufferevent *connection)
{
	d->connection = connection;
	if (connection == NULL)
		return false;
	bufferevent_setcb(connection, on_read, NULL, on_event, d);
	return bufferevent_enable(connection, EV_READ | EV_WRITE) == 0;
}

static void
start_tls(struct dial *d)
{
	const struct dial_setup *setup = d->setup;

	if (!set_connection(d, tls_client_start(setup->tls, setup->base,
	    take_socket(d), setup->config->mail.host)))
		fail(d, true, "OpenSSL can't begin TLS");
}

static void
ready(struct dial *d)
{
	static const struct slice own = SLICE("220 TLS\r\n");
	struct bufferevent *connection = d->connection;
	bool believed = d->setup->config->mail.tls != CONFIG_TLS_STARTTLS;

	bufferevent_setcb(connection, NULL, NULL, NULL, NULL);
	(void)bufferevent_disable(connection, EV_READ);
	d->connection = NULL;
	d->callbacks->on_greeted(connection, believed ?
	    buf_slice(&d->reply) : own, d->arg);
	dial_free(d);
}

static void
begin_step(struct dial *d)
{
	if (steps[*d->step].awaited != NULL) {
		buf_reset(&d->reply);
		(void)event_add(d->timer, &(struct timeval){
		    .tv_sec = (time_t)d->setup->config->mail.timeout });
	}
	if (steps[*d->step].begin != NULL)
		steps[*d->step].begin(d);
}

static void
next_step(struct dial *d)
{
	d->step++;
	begin_step(d);
}

static void
on_connected(int fd, void *arg)
{
	struct dial *d = arg;
	struct bufferevent *connection = bufferevent_socket_new(
	    d->setup->base, fd, BEV_OPT_CLOSE_ON_FREE);

	d->connect = NULL;
	if (set_connection(d, connection))
		begin_step(d);
	else
		fail(d, false, "no memory");
}

static void
on_connect_failed(const char *why, void *arg)
{
	struct dial *d = arg;

	d->connect = NULL;
	fail(d, false, why);
}

struct dial *
dial_new(const struct dial_setup *setup,
    const struct dial_callbacks *callbacks, void *arg)
{
	static const struct connect_callbacks own = { on_connected,
		on_connect_failed };
	const struct config *config = setup->config;
	struct dial *d = MEM_NEW(struct dial);

	d->setup = setup;
	d->callbacks = callbacks;
	d->arg = arg;
	d->step = plans[config->mail.tls];
	buf_init(&d->reply, REPLY_MAX);
	d->timer = event_new(setup->base, -1, 0, on_timer, d);
	if (d->timer == NULL)
		mem_die();
	d->connect = connect_new(&(struct connect_setup){
		.base = setup->base,
		.resolver = config->mail.resolver,
		.host = config->mail.host,
		.port = config->mail.port,
		.milliseconds = (int64_t)config->mail.timeout * MS,
		.loopback_only = config->mail.tls == CONFIG_TLS_NONE,
		.callbacks = &own,
		.arg = d,
	});
	return d;
}

void
dial_free(struct dial *d)
{
	if (d == NULL)
		return;
	connect_free(d->connect);
	if (d->connection != NULL)
		bufferevent_free(d->connection);
	event_free(d->timer);
	buf_fini(&d->reply);
	free(d);
}
