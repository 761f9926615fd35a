/* SPDX-License-Identifier: ISC */
/*
 * Delivery to a mail server: a queue, and as many sessions as the config
 * allows.  While the server can't be reached or turns everybody away, it is
 * asked again only after a growing delay, by one session with one mail; all
 * others go back untried, to wait where they can still be cancelled.
 */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "app/mailer/smtp_session.h"
#include "app/mailer/transport.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"

enum { DELAY_MIN_MS = 1000, DELAY_MAX_MS = 60 * 1000 };

struct smtp_transport {
	struct smtp_setup setup;
	char *program, *hostname;
	struct smtp_session **sessions;	/* NULL: a free place */
	unsigned session_max;
	struct delivery *first, **last;	/* the queue */
	int64_t delay_ms;		/* 0: the server was there */
	int64_t ask_again_at;		/* monotonic, milliseconds */
	struct event *again;		/* rings then */
	struct smtp_session *probe;	/* is it there again?  NULL: none */
	const struct transport_callbacks *callbacks;
	void *arg;
};

static struct delivery *
take_first(struct smtp_transport *t)
{
	struct delivery *d = t->first;

	t->first = d->link;
	if (t->first == NULL)
		t->last = &t->first;
	d->link = NULL;
	return d;
}

static void
give_back_all(struct smtp_transport *t)
{
	while (t->first != NULL)
		t->callbacks->on_done(take_first(t),
		    MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED, "", t->arg);
}

/* One is enough to find out if the server is there again. */
static bool
may_connect(const struct smtp_transport *t)
{
	return t->delay_ms == 0 || (t->probe == NULL &&
	    clock_monotonic_ms() >= t->ask_again_at);
}

/* A session that can take one now: an idle one, else a new one; or none. */
static bool
start_one(struct smtp_transport *t)
{
	struct smtp_session **free_place = NULL;

	for (unsigned i = 0; i < t->session_max; i++) {
		struct smtp_session **place = &t->sessions[i];

		if (*place == NULL) {
			free_place = place;
		} else if (smtp_session_is_idle(*place)) {
			smtp_session_send(*place, take_first(t));
			return true;
		}
	}
	if (free_place == NULL || !may_connect(t))
		return false;
	*free_place = smtp_session_new(&t->setup, take_first(t));
	if (t->delay_ms > 0)
		t->probe = *free_place;
	return true;
}

static bool
has_sessions(const struct smtp_transport *t)
{
	for (unsigned i = 0; i < t->session_max; i++) {
		if (t->sessions[i] != NULL)
			return true;
	}
	return false;
}

static void
schedule(struct smtp_transport *t)
{
	while (t->first != NULL && start_one(t))
		;
	if (!has_sessions(t))
		give_back_all(t);
}

static void
on_again(evutil_socket_t fd, short what, void *arg)
{
	struct smtp_transport *t = arg;

	(void)fd;
	(void)what;
	/* By the loop's clock, which may be a little ahead of ours. */
	t->ask_again_at = 0;
	t->callbacks->on_wanted(false, t->arg);
	schedule(t);
}

static void
server_is_there(struct smtp_transport *t)
{
	t->delay_ms = 0;
	t->probe = NULL;
	(void)event_del(t->again);
	t->callbacks->on_wanted(true, t->arg);
}

static void
on_done(struct smtp_session *s, struct delivery *d,
    Message__MailResult__Outcome outcome, const char *reply, void *arg)
{
	struct smtp_transport *t = arg;
	bool served = smtp_session_has_served(s);

	if (served && s == t->probe)
		server_is_there(t);
	t->callbacks->on_done(d, outcome, reply, t->arg);
	/* Else its end follows, and tells to wait. */
	if (served)
		schedule(t);
}

/* Sessions that fail together count once. */
static void
back_off(struct smtp_transport *t)
{
	int64_t now = clock_monotonic_ms();
	struct timeval wait;

	if (t->delay_ms > 0 && now < t->ask_again_at)
		return;
	t->delay_ms = t->delay_ms > 0 ? 2 * t->delay_ms : DELAY_MIN_MS;
	if (t->delay_ms > DELAY_MAX_MS)
		t->delay_ms = DELAY_MAX_MS;
	t->ask_again_at = now + t->delay_ms;
	wait.tv_sec = t->delay_ms / 1000;
	wait.tv_usec = t->delay_ms % 1000 * 1000;
	(void)event_add(t->again, &wait);
	log_warn("mail_server_away",
	    log_str("host", t->setup.config->mail.host),
	    log_num("port", t->setup.config->mail.port),
	    log_num("wait_ms", t->delay_ms));
}

static void
on_end(struct smtp_session *s, void *arg)
{
	struct smtp_transport *t = arg;

	for (unsigned i = 0; i < t->session_max; i++) {
		if (t->sessions[i] == s)
			t->sessions[i] = NULL;
	}
	if (t->probe == s)
		t->probe = NULL;
	if (smtp_session_has_served(s))
		server_is_there(t);
	else
		back_off(t);
	schedule(t);
}

/* The folder may be another one for a build that isn't installed. */
static char *
find_program(void)
{
	const char *folder = secure_getenv("ASSENT_LIBEXEC");

	return mem_printf("%s/assent-smtp",
	    folder != NULL ? folder : PKGLIBEXECDIR);
}

/* For EHLO: the public name, base_url's; a literal for an address. */
static char *
find_hostname(const struct config *config)
{
	const char *p = strstr(config->base_url, "://");
	struct slice host = slice_str(p != NULL ? p + 3 : "localhost");
	bool six = slice_starts(host, "[");
	size_t len = strcspn(host.p, six ? "]/" : ":/");
	bool four = strspn(host.p, "0123456789.") == len;

	if (six)
		return mem_printf("[IPv6:%.*s]", (int)len - 1, host.p + 1);
	return mem_printf(four ? "[%.*s]" : "%.*s", (int)len, host.p);
}

static void *
smtp_transport_open(struct event_base *base, const struct config *config,
    const struct transport_callbacks *callbacks, void *arg)
{
	static const struct smtp_session_callbacks own = { on_done, on_end };
	struct smtp_transport *t = MEM_NEW(struct smtp_transport);

	t->program = find_program();
	t->hostname = find_hostname(config);
	t->setup = (struct smtp_setup){
		.base = base,
		.config = config,
		.program = t->program,
		.hostname = t->hostname,
		.callbacks = &own,
		.arg = t,
	};
	t->session_max = config->mail.sessions;
	t->sessions = mem_new(t->session_max, sizeof(t->sessions[0]));
	t->last = &t->first;
	t->again = event_new(base, -1, 0, on_again, t);
	t->callbacks = callbacks;
	t->arg = arg;
	return t;
}

static void
smtp_transport_send(void *self, struct delivery *d)
{
	struct smtp_transport *t = self;

	d->link = NULL;
	*t->last = d;
	t->last = &d->link;
}

static void
smtp_transport_flush(void *self)
{
	schedule(self);
}

static void
smtp_transport_abort(void *self)
{
	struct smtp_transport *t = self;

	for (unsigned i = 0; i < t->session_max; i++) {
		struct delivery *d;

		if (t->sessions[i] == NULL)
			continue;
		d = smtp_session_abort(t->sessions[i]);
		t->sessions[i] = NULL;
		if (d != NULL)
			t->callbacks->on_done(d,
			    MESSAGE__MAIL_RESULT__OUTCOME__RETRY, "stopped",
			    t->arg);
	}
	t->probe = NULL;
	give_back_all(t);
}

static void
smtp_transport_close(void *self)
{
	struct smtp_transport *t = self;

	event_free(t->again);
	free(t->sessions);
	free(t->program);
	free(t->hostname);
	free(t);
}

const struct transport transport_smtp = {
	.name = "smtp",
	.open = smtp_transport_open,
	.send = smtp_transport_send,
	.flush = smtp_transport_flush,
	.abort = smtp_transport_abort,
	.close = smtp_transport_close,
};
