/* SPDX-License-Identifier: ISC */
/*
 * A session connects, starts the process, gives it a mail and waits for the
 * result.  After a mail that was accepted it is idle and may get another;
 * after anything else, or enough of them, or a while of idleness, it is told
 * that there is no more, which makes the process say QUIT.  The process looks
 * after the time that each command may take; one timer here stands over each
 * delivery as a whole, and when it fires, the process is killed.
 *
 * The end is reached when both sockets of the process are closed: a result
 * that it sent just before is read first.
 */
#include "app/mailer/smtp_session.h"

#include <sys/types.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/bytes.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "core/heap.h"
#include "core/reply.h"
#include "core/session.pb-c.h"
#include "io/ipc.h"
#include "io/pump.h"
#include "io/spawn.h"

/* A delivery may take so many times mail.timeout. */
enum { DELIVERY_TIMEOUTS = 4, IDLE_SECONDS = 5, QUIT_SECONDS = 10,
	MS = 1000 };

struct smtp_session {
	const struct smtp_setup *setup;
	struct dial *dial;		/* not NULL: connecting */
	struct pump *pump;
	struct ipc *channel;
	pid_t pid;			/* 0: none */
	struct event *timer;
	struct delivery *delivery;	/* NULL: none on its way */
	uint64_t id;			/* of it */
	unsigned sent;
	bool let_in;
	enum smtp_fate fate;
	char *why;			/* not SMTP_SERVED; or NULL */
};

static const struct config *
config_of(const struct smtp_session *s)
{
	return s->setup->dial.config;
}

static void
kill_process(struct smtp_session *s)
{
	if (s->pid > 0)
		spawn_end(s->pid);
	s->pid = 0;
}

static void
destroy(struct smtp_session *s)
{
	dial_free(s->dial);
	ipc_free(s->channel);
	pump_free(s->pump);
	kill_process(s);
	event_free(s->timer);
	free(s->why);
	free(s);
}

static void
set_timer(struct smtp_session *s, uint64_t seconds)
{
	struct timeval tv = { .tv_sec = (time_t)seconds };

	(void)event_add(s->timer, &tv);
}

static void
set_fate(struct smtp_session *s, enum smtp_fate fate, const char *why)
{
	s->fate = fate;
	free(s->why);
	s->why = mem_strdup(why);
}

static void
done(struct smtp_session *s, Message__MailResult__Outcome outcome,
    const char *reply)
{
	struct delivery *d = s->delivery;

	s->delivery = NULL;
	if (d != NULL)
		s->setup->callbacks->on_done(s, d, outcome, reply,
		    s->setup->arg);
}

static void
end(struct smtp_session *s, Message__MailResult__Outcome outcome,
    const char *why)
{
	ipc_free(s->channel);
	s->channel = NULL;
	done(s, outcome, why);
	s->setup->callbacks->on_end(s, s->why != NULL ? s->why : why,
	    s->setup->arg);
	destroy(s);
}

static void
end_if_over(struct smtp_session *s)
{
	if (s->channel == NULL && s->pump == NULL)
		end(s, MESSAGE__MAIL_RESULT__OUTCOME__RETRY,
		    "the connection was lost");
}

/* No more mails: the process says QUIT and ends. */
static void
close_channel(struct smtp_session *s)
{
	ipc_free(s->channel);
	s->channel = NULL;
	set_timer(s, QUIT_SECONDS);
}

/* RFC 5321 §3.8: a 421, to whatever, is about the connection. */
static bool
is_about_connection(const char *reply)
{
	return strspn(reply, "0123456789") < 3 || strncmp(reply, "421", 3) == 0;
}

/* Did the server get as far as the mail? */
static bool
is_about_mail(const Session__Result *r)
{
	return r->stage != SESSION__RESULT__STAGE__CONNECT &&
	    r->stage != SESSION__RESULT__STAGE__AUTH &&
	    r->stage != SESSION__RESULT__STAGE__NO_AUTH;
}

/* What a result says of the server, and of the mail. */
static Message__MailResult__Outcome
judge(struct smtp_session *s, const Session__Result *r)
{
	Message__MailResult__Outcome outcome = reply_judge(r->stage,
	    slice_str(r->reply));
	bool local = r->stage == SESSION__RESULT__STAGE__LOCAL;

	if (outcome == MESSAGE__MAIL_RESULT__OUTCOME__OURS && !local)
		set_fate(s, SMTP_UNWANTED, r->reply);
	else if (local || (is_about_mail(r) && !is_about_connection(r->reply)))
		set_fate(s, SMTP_SERVED, "");
	else if (s->fate != SMTP_SERVED)
		set_fate(s, SMTP_NOWHERE, r->reply);
	else if (r->stage == SESSION__RESULT__STAGE__MAIL)
		/* It had gone away while there was nothing to do. */
		return MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED;
	return is_about_mail(r) ? outcome :
	    MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED;
}

static void
on_result(struct smtp_session *s, const Session__Result *r)
{
	Message__MailResult__Outcome outcome;
	bool sent;

	if (s->delivery == NULL || r->id != s->id) {
		log_error("unexpected_result", log_num("id", (int64_t)r->id));
		kill_process(s);
		return;
	}
	outcome = judge(s, r);
	sent = outcome == MESSAGE__MAIL_RESULT__OUTCOME__SENT;
	if (sent && ++s->sent < config_of(s)->mail.messages_per_session)
		set_timer(s, IDLE_SECONDS);
	else
		close_channel(s);
	done(s, outcome, r->reply);
	end_if_over(s);
}

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct smtp_session *s = arg;
	Session__Result *r = session__result__unpack(heap_allocator(),
	    frame.len, (const uint8_t *)frame.p);

	(void)ipc;
	if (r == NULL)
		kill_process(s);
	else
		on_result(s, r);
	session__result__free_unpacked(r, NULL);
}

static void
on_channel_close(struct ipc *ipc, void *arg)
{
	struct smtp_session *s = arg;

	(void)ipc;
	close_channel(s);
	end_if_over(s);
}

static void
on_pump_end(struct pump *pump, void *arg)
{
	struct smtp_session *s = arg;

	pump_free(pump);
	s->pump = NULL;
	end_if_over(s);
}

/* Too late: whatever it does, it is over. */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct smtp_session *s = arg;

	(void)fd;
	(void)what;
	if (s->channel != NULL && s->delivery == NULL) {
		close_channel(s);
		return;
	}
	end(s, s->dial != NULL ? MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED :
	    MESSAGE__MAIL_RESULT__OUTCOME__RETRY, s->channel == NULL &&
	    s->dial == NULL ? "the connection was lost" :
	    "the server takes too long");
}

/* A frame as io/ipc has them: so that none of its memory holds a password. */
static int
send_setup(const struct smtp_session *s, int channel)
{
	const struct config *config = config_of(s);
	char *password = mem_strdup(s->setup->password);
	char *hostname = mem_strdup(s->setup->dial.hostname);
	Session__Setup setup;
	uint8_t *frame;
	size_t len;
	bool done;

	session__setup__init(&setup);
	setup.hostname = hostname;
	setup.timeout_ms = (uint32_t)config->mail.timeout * MS;
	setup.username = config->mail.username;
	setup.password = password;
	len = session__setup__get_packed_size(&setup);
	frame = mem_new(len + sizeof(uint32_t), 1);
	bytes_put_be(frame, sizeof(uint32_t), len);
	(void)session__setup__pack(&setup, frame + sizeof(uint32_t));
	len += sizeof(uint32_t);
	done = write(channel, frame, len) == (ssize_t)len;
	mem_free_secret(frame, len);
	mem_free_secret(password, strlen(password));
	free(hostname);
	return done ? 0 : -EIO;
}

static void
hand_over(struct smtp_session *s)
{
	struct composed *mail = &s->delivery->mail;
	Session__Mail m;
	uint8_t *frame;
	size_t len;

	session__mail__init(&m);
	m.id = ++s->id;
	m.reverse_path = mail->from;
	m.recipient = mail->to;
	m.message.data = (uint8_t *)mail->message.p;
	m.message.len = mail->message.len;
	len = session__mail__get_packed_size(&m);
	frame = mem_new(len, 1);
	(void)session__mail__pack(&m, frame);
	(void)ipc_send(s->channel, slice_of(frame, len));
	free(frame);
}

/*
 * In the clear, and so to this machine only, the process has the connection
 * itself: there is nothing to be done between it and the server.
 */
static int
give_away(struct smtp_session *s, struct bufferevent **connection)
{
	int fd = bufferevent_getfd(*connection);

	if (config_of(s)->mail.tls != CONFIG_TLS_NONE)
		return -1;
	(void)bufferevent_setfd(*connection, -1);
	bufferevent_free(*connection);
	*connection = NULL;
	return fd;
}

/* Blocking at the process's end; 0 or negative errno. */
static int
make_pairs(int channel[2], int server[2])
{
	int error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
		return -errno;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, server) == 0)
		return 0;
	error = -errno;
	(void)close(channel[0]);
	(void)close(channel[1]);
	return error;
}

/* The process, with its channel and its end of the server; 0 or -errno. */
static int
start_process(struct smtp_session *s, struct bufferevent *connection,
    struct slice greeting)
{
	static const struct ipc_callbacks callbacks = { .on_frame = on_frame,
		.on_close = on_channel_close };
	const char *argv[] = { s->setup->program, NULL };
	struct event_base *base = s->setup->dial.base;
	int channel[2] = { -1, -1 }, server[2] = { -1, -1 }, given, error;

	error = make_pairs(channel, server);
	if (error != 0) {
		bufferevent_free(connection);
		return error;
	}
	given = give_away(s, &connection);
	s->pid = spawn_program(argv, (const int[]){ channel[1], server[1],
	    given }, given < 0 ? 2 : 3);
	(void)close(channel[1]);
	(void)close(server[1]);
	if (given >= 0)
		(void)close(given);
	error = send_setup(s, channel[0]);
	s->channel = ipc_new(base, channel[0], &callbacks, s);
	(void)evutil_make_socket_nonblocking(server[0]);
	s->pump = pump_new(base, connection, server[0], greeting,
	    on_pump_end, s);
	if (s->pid < 0) {
		error = (int)s->pid;
		s->pid = 0;
	}
	return s->pump == NULL ? -ENOMEM : error;
}

static void
on_greeted(struct bufferevent *connection, struct slice greeting, void *arg)
{
	struct smtp_session *s = arg;
	int error;

	s->dial = NULL;
	s->let_in = true;
	error = start_process(s, connection, greeting);
	if (error == 0) {
		hand_over(s);
		return;
	}
	log_error("session_failed", log_str("program", s->setup->program),
	    log_errno("error", error));
	set_fate(s, SMTP_UNWANTED, "assent-smtp can't be started");
	end(s, MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED, s->why);
}

static void
on_dial_failed(bool ours, const char *why, void *arg)
{
	struct smtp_session *s = arg;

	s->dial = NULL;
	set_fate(s, ours ? SMTP_UNWANTED : SMTP_NOWHERE, why);
	end(s, MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED, s->why);
}

static void
set_delivery(struct smtp_session *s, struct delivery *d)
{
	s->delivery = d;
	set_timer(s, config_of(s)->mail.timeout * DELIVERY_TIMEOUTS);
}

struct smtp_session *
smtp_session_new(const struct smtp_setup *setup, struct delivery *first)
{
	static const struct dial_callbacks callbacks = { on_greeted,
		on_dial_failed };
	struct smtp_session *s = MEM_NEW(struct smtp_session);

	s->setup = setup;
	s->timer = event_new(setup->dial.base, -1, 0, on_timer, s);
	if (s->timer == NULL)
		mem_die();
	set_delivery(s, first);
	s->dial = dial_new(&setup->dial, &callbacks, s);
	return s;
}

bool
smtp_session_was_let_in(const struct smtp_session *s)
{
	return s->let_in;
}

bool
smtp_session_is_idle(const struct smtp_session *s)
{
	return s->channel != NULL && s->pump != NULL && s->delivery == NULL;
}

enum smtp_fate
smtp_session_fate(const struct smtp_session *s)
{
	return s->fate;
}

const struct delivery *
smtp_session_delivery(const struct smtp_session *s)
{
	return s->delivery;
}

void
smtp_session_send(struct smtp_session *s, struct delivery *d)
{
	set_delivery(s, d);
	hand_over(s);
}

struct delivery *
smtp_session_abort(struct smtp_session *s)
{
	struct delivery *d = s->delivery;

	destroy(s);
	return d;
}
