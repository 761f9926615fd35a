/* SPDX-License-Identifier: ISC */
/*
 * The only file that knows libESMTP.  It adds each message inside the event
 * that ends the one before, which keeps the connection; only after a message
 * that was accepted, because after a refused DATA the library has already
 * decided to quit.  What the server said is taken from these events and never
 * from the return of smtp_start_session; and a message counts as sent only
 * when smtp/wire, which saw the bytes, agrees.
 */
#include "smtp/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libesmtp.h>

#include "base/buf.h"
#include "base/crlf.h"
#include "base/mem.h"
#include "base/slice.h"
#include "io/sandbox.h"
#include "smtp/channel.h"
#include "smtp/deadline.h"
#include "smtp/redirect.h"
#include "smtp/session_auth.h"
#include "smtp/stream.h"
#include "smtp/verdict.h"
#include "smtp/wire.h"

enum { REPLY_MAX = 400, PATH_MAX_LEN = 254, HOSTNAME_MAX = 255 };

struct session {
	struct channel channel;
	Session__Setup *setup;
	smtp_session_t smtp;
	struct session_auth *auth;	/* NULL: no login */
	struct wire wire;
	Session__Mail *mail;		/* the one in hand */
	bool reported;			/* its result was sent */
	bool given;			/* its bytes were handed over */
	bool broken;			/* the channel is */
	bool refused;			/* we won't send without a login */
};

/* ---- results ---- */

static void
report(struct session *s, Session__Result__Stage stage, const char *text)
{
	Session__Result result;
	char *copy = mem_strdup(text);

	session__result__init(&result);
	result.id = s->mail->id;
	result.stage = stage;
	result.reply = copy;
	if (!s->reported && channel_send(&s->channel, &result) != 0)
		s->broken = true;
	s->reported = true;
	free(copy);
}

/* Of a text from the wire: one line of printable ASCII, single blanks. */
static void
add_text(struct buf *out, const char *text)
{
	bool blank = false;

	for (; text != NULL && *text != '\0' && out->len < REPLY_MAX; text++) {
		unsigned char c = (unsigned char)*text;

		if (c > ' ' && blank)
			buf_add_char(out, ' ');
		if (c > ' ')
			buf_add_char(out, c > '~' ? '?' : *text);
		blank = c <= ' ';
	}
}

static void
report_status(struct session *s, Session__Result__Stage stage,
    const smtp_status_t *status)
{
	struct buf reply = { 0 };

	buf_printf(&reply, "%03d ", status->code);
	if (status->enh_class != 0)
		buf_printf(&reply, "%d.%d.%d ", status->enh_class,
		    status->enh_subject, status->enh_detail);
	add_text(&reply, status->text);
	report(s, stage, buf_str(&reply));
	buf_fini(&reply);
}

/* The connection is over, with a mail in hand. */
static void
report_end(struct session *s)
{
	struct verdict verdict;

	verdict_at_end(&s->wire, s->refused,
	    deadline_has_passed(), &verdict);
	report(s, verdict.stage, verdict.text);
}

/* ---- mails ---- */

/* The library prints paths as they are: nothing may end or split them. */
static bool
is_path(const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len > PATH_MAX_LEN || strchr(s, '@') == NULL)
		return false;
	for (; *s != '\0'; s++) {
		if (*s <= ' ' || *s > '~' || *s == '<' || *s == '>')
			return false;
	}
	return true;
}

static bool
is_sendable(const Session__Mail *m)
{
	return is_path(m->reverse_path) && is_path(m->recipient) &&
	    m->message.len > 0 &&
	    crlf_is_clean(slice_of(m->message.data, m->message.len));
}

static void
begin_body(struct session *s)
{
	/* It was not to be by BDAT. */
	if (s->wire.step != WIRE_DATA) {
		s->wire.fault = "the server's extensions came in pieces";
		redirect_hang_up();
	}
	wire_begin_body(&s->wire);
	deadline_set(WIRE_BODY);
}

/* A reply that comes before the message has ended is to something else. */
static void
end_body(struct session *s)
{
	if (s->wire.fault == NULL && stream_has_input()) {
		s->wire.fault = "the server spoke before the message ended";
		redirect_hang_up();
	}
	wire_end_body(&s->wire);
	deadline_set(WIRE_DOT);
}

/*
 * The whole message at once; NULL for `len` asks to start again.  The library
 * takes an errno that is left behind for a failure of ours.
 */
static const char *
on_read(void **context, int *len, void *arg)
{
	struct session *s = arg;

	(void)context;
	if (len == NULL) {
		s->given = false;
		return NULL;
	}
	if (s->given)
		end_body(s);
	else
		begin_body(s);
	*len = s->given ? 0 : (int)s->mail->message.len;
	s->given = true;
	errno = 0;
	return (const char *)s->mail->message.data;
}

static bool
add_message(struct session *s)
{
	smtp_message_t message = smtp_add_message(s->smtp);

	return message != NULL &&
	    smtp_set_reverse_path(message, s->mail->reverse_path) &&
	    smtp_add_recipient(message, s->mail->recipient) != NULL &&
	    smtp_set_messagecb(message, on_read, s);
}

/* Gives the library the next mail; false when there is none. */
static bool
take_next(struct session *s)
{
	while (!s->broken) {
		int got;

		session__mail__free_unpacked(s->mail, NULL);
		s->mail = NULL;
		s->reported = s->given = false;
		deadline_clear();
		got = channel_receive_mail(&s->channel, &s->mail);
		s->broken = got < 0;
		if (got <= 0)
			return false;
		if (!is_sendable(s->mail))
			report(s, SESSION__RESULT__STAGE__LOCAL,
			    "not a message or not a mailbox");
		else if (!add_message(s))
			report(s, SESSION__RESULT__STAGE__LOCAL,
			    "libESMTP takes no message");
		else
			return true;
	}
	return false;
}

/* ---- what the library tells ---- */

static void
on_mail_status(struct session *s, smtp_message_t message)
{
	const smtp_status_t *status = smtp_reverse_path_status(message);

	if (status->code / 100 != 2)
		report_status(s, SESSION__RESULT__STAGE__MAIL, status);
}

static void
on_rcpt_status(struct session *s, smtp_recipient_t recipient)
{
	const smtp_status_t *status = smtp_recipient_status(recipient);

	if (status->code / 100 != 2)
		report_status(s, SESSION__RESULT__STAGE__RCPT, status);
}

/* Whole, and to the final dot: the wire knows, the library doesn't. */
static void
on_sent(struct session *s, const smtp_status_t *status)
{
	const struct wire *w = &s->wire;
	char text[WIRE_TEXT_MAX + 64];

	if (w->asked_count > 0) {
		report_end(s);
	} else if (w->code / 100 == 2 && w->reply_to == WIRE_DOT) {
		report_status(s, SESSION__RESULT__STAGE__DATA, status);
		(void)take_next(s);
		return;
	} else {
		(void)snprintf(text, sizeof(text), "what the server answers, "
		    "nobody knows: %s", w->text);
		report(s, SESSION__RESULT__STAGE__DATA, text);
	}
	redirect_hang_up();
}

static void
on_message_sent(struct session *s, smtp_message_t message)
{
	const smtp_status_t *status = smtp_message_transfer_status(message);

	if (s->reported)
		return;
	if (status->code / 100 == 2)
		on_sent(s, status);
	else
		report_status(s, SESSION__RESULT__STAGE__DATA, status);
}

static void
on_event(smtp_session_t smtp, int event, void *arg, ...)
{
	struct session *s = arg;
	va_list ap;

	(void)smtp;
	if (s->mail == NULL || s->wire.fault != NULL || s->refused)
		return;
	va_start(ap, arg);
	if (event == SMTP_EV_MAILSTATUS) {
		(void)va_arg(ap, const char *);
		on_mail_status(s, va_arg(ap, smtp_message_t));
	} else if (event == SMTP_EV_RCPTSTATUS) {
		(void)va_arg(ap, const char *);
		on_rcpt_status(s, va_arg(ap, smtp_recipient_t));
	} else if (event == SMTP_EV_MESSAGESENT) {
		on_message_sent(s, va_arg(ap, smtp_message_t));
	}
	va_end(ap);
}

/* The library would go on without a login that failed, or was none. */
static void
check_login(struct session *s)
{
	if (s->auth == NULL)
		return;
	if (s->wire.authenticated) {
		session_auth_forget(s->auth);
		return;
	}
	s->refused = true;
	redirect_hang_up();
}

/* Of several commands that were sent at once each has its own time. */
static void
set_deadline(struct session *s, size_t asked_before)
{
	const struct wire *w = &s->wire;

	/* What is said after it has passed reaches nobody. */
	if (w->asked_count > 0 && w->asked_count != asked_before &&
	    !deadline_has_passed())
		deadline_set(wire_awaited(w));
}

/*
 * The library would send in chunks, unwatched, before it knows of the
 * recipient: so it isn't told that the server takes them.  What it reads next
 * is what it has just shown, in its own memory.
 */
static void
hide_chunking(struct slice seen)
{
	static const char keyword[] = "CHUNKING", hidden[] = "X-HIDDEN";
	union {
		const char *shown;
		char *own;
	} u = { .shown = seen.p };

	for (size_t at = 4; at + sizeof(keyword) - 1 <= seen.len; at++) {
		if (slice_ieq_str(slice_sub(seen, at, at + sizeof(keyword) -
		    1), keyword))
			memcpy(u.own + at, hidden, sizeof(hidden) - 1);
	}
}

/* Told before it is written, and after it was read. */
static void
on_wire(const char *p, int len, int writing, void *arg)
{
	struct session *s = arg;
	struct slice data = slice_of(p, len > 0 ? (size_t)len : 0);
	size_t asked = s->wire.asked_count;

	if (writing == SMTP_CB_READING) {
		if (wire_awaited(&s->wire) == WIRE_EHLO)
			hide_chunking(data);
		wire_got(&s->wire, data);
		if (s->wire.fault != NULL)
			redirect_hang_up();
	} else if (writing == SMTP_CB_WRITING) {
		if (s->wire.step == WIRE_GREETING)
			redirect_greeted();
		if (slice_starts(data, "MAIL FROM:"))
			check_login(s);
		if (s->refused)
			return;
		wire_sent(&s->wire, data);
	}
	set_deadline(s, asked);
}

/* ---- its life ---- */

/* A domain or an address literal. */
static bool
is_hostname(const char *s)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-.[]:";
	size_t len = strlen(s);

	return len > 0 && len <= HOSTNAME_MAX && strspn(s, alphabet) == len;
}

static bool
is_usable(const Session__Setup *setup)
{
	return is_hostname(setup->hostname) && setup->timeout_ms > 0 &&
	    strlen(setup->username) <= SESSION_AUTH_MAX &&
	    strlen(setup->password) <= SESSION_AUTH_MAX;
}

static bool
set_up(struct session *s)
{
	const Session__Setup *setup = s->setup;

	wire_init(&s->wire);
	s->smtp = smtp_create_session();
	if (s->smtp == NULL || deadline_init(setup->timeout_ms) != 0)
		return false;
	if (setup->username[0] != '\0') {
		s->auth = session_auth_new(s->smtp, setup->username,
		    setup->password);
		if (s->auth == NULL)
			return false;
	}
	explicit_bzero(setup->password, strlen(setup->password));
	return smtp_set_server(s->smtp, "server:25") &&
	    smtp_set_hostname(s->smtp, setup->hostname) &&
	    smtp_set_eventcb(s->smtp, on_event, s) &&
	    smtp_set_monitorcb(s->smtp, on_wire, s, 0);
}

/* From here on there is nothing but the two sockets. */
static bool
confine(void)
{
	struct sandbox *none = sandbox_new(0);
	int error = sandbox_enter(none, 0);

	sandbox_free(none);
	return error == 0;
}

static int
run(struct session *s)
{
	if (is_usable(s->setup) && set_up(s) && confine() && take_next(s))
		(void)smtp_start_session(s->smtp);
	if (s->mail != NULL && !s->reported)
		report_end(s);
	session__mail__free_unpacked(s->mail, NULL);
	if (s->smtp != NULL)
		(void)smtp_destroy_session(s->smtp);
	session_auth_free(s->auth);
	explicit_bzero(s->setup->password, strlen(s->setup->password));
	session__setup__free_unpacked(s->setup, NULL);
	return s->broken ? -1 : 0;
}

int
session_run(int channel)
{
	struct session s = { 0 };
	int ret = -1;

	channel_init(&s.channel, channel);
	if (channel_receive_setup(&s.channel, &s.setup) == 1)
		ret = run(&s);
	channel_fini(&s.channel);
	return ret;
}
