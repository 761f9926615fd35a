/* SPDX-License-Identifier: ISC */
/*
 * Delivery to a mail server: a queue, and as many sessions as the config
 * allows, or as the server takes.  While it can't be reached or turns
 * everybody away, it is asked again only after a growing delay, by one session
 * with one mail; all others go back untried, to wait where they can still be
 * cancelled.
 *
 * A mail that was tried before lets others go first, and leaves one session
 * to them: a server that is slow with it holds up nobody else.
 */
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "app/mailer/smtp_session.h"
#include "app/mailer/transport.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "core/reply.h"
#include "io/tls_client.h"

enum { DELAY_MIN_MS = 1000, DELAY_MAX_MS = 60 * 1000,
	RAISE_MS = 60 * 1000 };
enum { QUEUE_FRESH, QUEUE_AGAIN, QUEUES };

struct smtp_transport {
	struct smtp_setup setup;
	char *program, *hostname;
	struct smtp_session **sessions;	/* NULL: a free place */
	unsigned session_max;
	unsigned session_limit;		/* so many the server takes */
	int64_t raise_at;		/* monotonic: one more may try */
	struct {
		struct delivery *first, **last;
	} queues[QUEUES];
	int64_t delay_ms;		/* 0: the server was there */
	int64_t ask_again_at;		/* monotonic, milliseconds */
	struct event *again;		/* rings then */
	struct smtp_session *probe;	/* is it there again?  NULL: none */
	const struct transport_callbacks *callbacks;
	void *arg;
};

/* ---- the queue ---- */

static void
put_last(struct smtp_transport *t, struct delivery *d)
{
	int q = d->again ? QUEUE_AGAIN : QUEUE_FRESH;

	d->link = NULL;
	*t->queues[q].last = d;
	t->queues[q].last = &d->link;
}

static void
put_first(struct smtp_transport *t, struct delivery *d)
{
	int q = d->again ? QUEUE_AGAIN : QUEUE_FRESH;

	d->link = t->queues[q].first;
	t->queues[q].first = d;
	if (d->link == NULL)
		t->queues[q].last = &d->link;
}

static struct delivery *
take_first(struct smtp_transport *t, int q)
{
	struct delivery *d = t->queues[q].first;

	t->queues[q].first = d->link;
	if (d->link == NULL)
		t->queues[q].last = &t->queues[q].first;
	d->link = NULL;
	return d;
}

static void
give_back_all(struct smtp_transport *t)
{
	for (int q = 0; q < QUEUES; q++) {
		while (t->queues[q].first != NULL)
			t->callbacks->on_done(take_first(t, q),
			    MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED, "",
			    t->arg);
	}
}

/* ---- sessions ---- */

static unsigned
count_sessions(const struct smtp_transport *t,
    bool (*is_one)(const struct smtp_session *))
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->session_max; i++)
		n += t->sessions[i] != NULL && is_one(t->sessions[i]);
	return n;
}

static bool
is_any(const struct smtp_session *s)
{
	return s != NULL;
}

static bool
is_at_an_old_one(const struct smtp_session *s)
{
	const struct delivery *d = smtp_session_delivery(s);

	return d != NULL && d->again;
}

/* The queue whose turn it is; or QUEUES. */
static int
next_queue(const struct smtp_transport *t)
{
	if (t->queues[QUEUE_FRESH].first != NULL)
		return QUEUE_FRESH;
	if (t->queues[QUEUE_AGAIN].first != NULL && (t->session_max == 1 ||
	    count_sessions(t, is_at_an_old_one) < t->session_max - 1))
		return QUEUE_AGAIN;
	return QUEUES;
}

/* One is enough to find out if the server is there again. */
static bool
may_connect(struct smtp_transport *t)
{
	int64_t now = clock_monotonic_ms();

	if (t->session_limit < t->session_max && now >= t->raise_at) {
		t->session_limit++;
		t->raise_at = now + RAISE_MS;
	}
	return count_sessions(t, is_any) < t->session_limit &&
	    (t->delay_ms == 0 ||
	    (t->probe == NULL && now >= t->ask_again_at));
}

/* A session that can take one now: an idle one, else a new one; or none. */
static bool
start_one(struct smtp_transport *t, int q)
{
	struct smtp_session **free_place = NULL;

	for (unsigned i = 0; i < t->session_max; i++) {
		struct smtp_session **place = &t->sessions[i];

		if (*place == NULL) {
			free_place = place;
		} else if (smtp_session_is_idle(*place)) {
			smtp_session_send(*place, take_first(t, q));
			return true;
		}
	}
	if (free_place == NULL || !may_connect(t))
		return false;
	*free_place = smtp_session_new(&t->setup, take_first(t, q));
	if (t->delay_ms > 0)
		t->probe = *free_place;
	return true;
}

static void
schedule(struct smtp_transport *t)
{
	int q;

	do {
		q = next_queue(t);
	} while (q != QUEUES && start_one(t, q));
	if (count_sessions(t, is_any) == 0)
		give_back_all(t);
}

/* ---- the server ---- */

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
log_pause(const struct smtp_transport *t, enum smtp_fate fate,
    const char *why)
{
	const struct config *config = t->setup.dial.config;
	bool unwanted = fate == SMTP_UNWANTED;
	char *masked = reply_mask(slice_str(why));

	log_event(unwanted ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, unwanted ?
	    "mail_paused" : "mail_server_away", LOG_FIELDS(
	    log_str("host", config->mail.host),
	    log_num("port", config->mail.port), log_str("reason", masked),
	    log_num("wait_ms", t->delay_ms)));
	free(masked);
}

/* Sessions that fail together count once. */
static void
back_off(struct smtp_transport *t, enum smtp_fate fate, const char *why)
{
	int64_t now = clock_monotonic_ms();

	if (t->delay_ms > 0 && now < t->ask_again_at)
		return;
	t->delay_ms = t->delay_ms > 0 ? 2 * t->delay_ms : DELAY_MIN_MS;
	if (t->delay_ms > DELAY_MAX_MS)
		t->delay_ms = DELAY_MAX_MS;
	t->ask_again_at = now + t->delay_ms;
	(void)event_add(t->again, &(struct timeval){
	    .tv_sec = t->delay_ms / 1000,
	    .tv_usec = t->delay_ms % 1000 * 1000 });
	log_pause(t, fate, why);
}

/* It has let others in, so what it turned away was one too many. */
static void
take_fewer(struct smtp_transport *t, const char *why)
{
	char *masked = reply_mask(slice_str(why));

	t->session_limit = count_sessions(t, is_any);
	t->raise_at = clock_monotonic_ms() + RAISE_MS;
	log_info("mail_server_takes_fewer",
	    log_num("sessions", t->session_limit), log_str("reason", masked));
	free(masked);
}

/* What a session didn't get to, another will: it costs the mail nothing. */
static bool
is_for_another(const struct smtp_transport *t, const struct smtp_session *s,
    Message__MailResult__Outcome outcome)
{
	enum smtp_fate fate = smtp_session_fate(s);
	unsigned others = count_sessions(t, smtp_session_was_let_in) -
	    smtp_session_was_let_in(s);

	return outcome == MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED &&
	    (fate == SMTP_SERVED || (fate == SMTP_NOWHERE && others > 0));
}

static void
on_done(struct smtp_session *s, struct delivery *d,
    Message__MailResult__Outcome outcome, const char *reply, void *arg)
{
	struct smtp_transport *t = arg;
	bool served = smtp_session_fate(s) == SMTP_SERVED;

	if (served && s == t->probe)
		server_is_there(t);
	if (is_for_another(t, s, outcome) && !d->recalled)
		put_first(t, d);
	else
		t->callbacks->on_done(d, outcome, reply, t->arg);
	/* Else its end follows, and tells to wait. */
	if (served)
		schedule(t);
}

static void
on_end(struct smtp_session *s, const char *why, void *arg)
{
	struct smtp_transport *t = arg;
	enum smtp_fate fate = smtp_session_fate(s);

	for (unsigned i = 0; i < t->session_max; i++) {
		if (t->sessions[i] == s)
			t->sessions[i] = NULL;
	}
	if (t->probe == s)
		t->probe = NULL;
	if (fate == SMTP_SERVED)
		server_is_there(t);
	else if (fate == SMTP_NOWHERE && !smtp_session_was_let_in(s) &&
	    count_sessions(t, smtp_session_was_let_in) > 0)
		take_fewer(t, why);
	else
		back_off(t, fate, why);
	schedule(t);
}

/* ---- its life ---- */

/* The folder may be another one for a build that isn't installed. */
char *
transport_smtp_program(void)
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
smtp_transport_open(const struct transport_setup *setup, struct buf *error)
{
	static const struct smtp_session_callbacks own = { on_done, on_end };
	const struct config *config = setup->config;
	struct tls_client *tls = NULL;
	struct smtp_transport *t;

	if (config->mail.tls != CONFIG_TLS_NONE) {
		tls = tls_client_new(config->mail.ca_file, error);
		if (tls == NULL)
			return NULL;
	}
	t = MEM_NEW(struct smtp_transport);
	t->program = transport_smtp_program();
	t->hostname = find_hostname(config);
	t->setup = (struct smtp_setup){
		.dial = { setup->base, config, t->hostname, tls },
		.program = t->program,
		.password = setup->password,
		.callbacks = &own,
		.arg = t,
	};
	t->session_max = t->session_limit = config->mail.sessions;
	t->sessions = mem_new(t->session_max, sizeof(t->sessions[0]));
	for (int q = 0; q < QUEUES; q++)
		t->queues[q].last = &t->queues[q].first;
	t->again = event_new(setup->base, -1, 0, on_again, t);
	t->callbacks = setup->callbacks;
	t->arg = setup->arg;
	return t;
}

static void
smtp_transport_send(void *self, struct delivery *d)
{
	put_last(self, d);
}

static bool
smtp_transport_recall(void *self, struct delivery *d)
{
	struct smtp_transport *t = self;
	int q = d->again ? QUEUE_AGAIN : QUEUE_FRESH;
	struct delivery **link = &t->queues[q].first;

	while (*link != NULL && *link != d)
		link = &(*link)->link;
	if (*link == NULL)
		return false;
	*link = d->link;
	if (d->link == NULL)
		t->queues[q].last = link;
	d->link = NULL;
	return true;
}

static void
smtp_transport_flush(void *self)
{
	schedule(self);
}

static void
smtp_transport_give_back(void *self)
{
	give_back_all(self);
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
			    MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED, "",
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
	tls_client_free(t->setup.dial.tls);
	free(t->sessions);
	free(t->program);
	free(t->hostname);
	free(t);
}

const struct transport transport_smtp = {
	.name = "smtp",
	.open = smtp_transport_open,
	.send = smtp_transport_send,
	.recall = smtp_transport_recall,
	.flush = smtp_transport_flush,
	.give_back = smtp_transport_give_back,
	.abort = smtp_transport_abort,
	.close = smtp_transport_close,
};
