/* SPDX-License-Identifier: ISC */
/*
 * The only file that knows libESMTP.  It adds each message inside the event
 * that ends the one before, which keeps the connection; only after a message
 * that was accepted, because after a refused DATA the library has already
 * decided to quit.  What the server said is taken from these events and never
 * from the return of smtp_start_session; a message whose end the library
 * didn't report was not sent, whatever its status holds.
 */
#include "smtp/session.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libesmtp.h>

#include "base/buf.h"
#include "base/crlf.h"
#include "base/slice.h"
#include "smtp/channel.h"

enum { REPLY_MAX = 400, PATH_MAX_LEN = 254 };

struct session {
	int channel;
	smtp_session_t smtp;
	Session__Mail *mail;		/* the one in hand */
	bool reported;			/* its result was sent */
	bool given;			/* its bytes were handed over */
	bool broken;			/* the channel is */
	bool quitting;
	char last_reply[REPLY_MAX];	/* the server's, before QUIT */
};

/* One line of printable ASCII, single blanks in it. */
static void
add_text(struct buf *out, const char *text)
{
	bool blank = false;

	for (; text != NULL && *text != '\0' && out->len < REPLY_MAX; text++) {
		unsigned char c = (unsigned char)*text;

		if (c <= ' ') {
			blank = true;
			continue;
		}
		if (blank)
			buf_add_char(out, ' ');
		blank = false;
		buf_add_char(out, c > '~' ? '?' : *text);
	}
}

static void
report(struct session *s, Session__Result__Stage stage, struct buf *reply)
{
	Session__Result result;
	char *text = buf_take(reply);

	session__result__init(&result);
	result.id = s->mail->id;
	result.stage = stage;
	result.reply = text;
	if (!s->reported && channel_send(s->channel, &result) != 0)
		s->broken = true;
	s->reported = true;
	free(text);
}

static void
report_text(struct session *s, Session__Result__Stage stage,
    const char *text)
{
	struct buf reply = { 0 };

	add_text(&reply, text);
	report(s, stage, &reply);
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
	report(s, stage, &reply);
}

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

/* The whole message at once; NULL for `len` asks to start again. */
static const char *
on_read(void **context, int *len, void *arg)
{
	struct session *s = arg;

	(void)context;
	if (len == NULL) {
		s->given = false;
		return NULL;
	}
	*len = s->given ? 0 : (int)s->mail->message.len;
	s->given = true;
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
		got = channel_receive(s->channel, &s->mail);
		s->broken = got < 0;
		if (got <= 0)
			return false;
		if (!is_sendable(s->mail))
			report_text(s, SESSION__RESULT__STAGE__LOCAL,
			    "not a message or not a mailbox");
		else if (!add_message(s))
			report_text(s, SESSION__RESULT__STAGE__LOCAL,
			    "libESMTP takes no message");
		else
			return true;
	}
	return false;
}

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

static void
on_message_sent(struct session *s, smtp_message_t message)
{
	const smtp_status_t *status = smtp_message_transfer_status(message);

	if (s->reported)
		return;
	/* A 2yz to DATA itself: what it answers, nobody knows. */
	if (status->code / 100 == 2 && !s->given) {
		report_status(s, SESSION__RESULT__STAGE__CONNECT, status);
		return;
	}
	report_status(s, SESSION__RESULT__STAGE__DATA, status);
	if (status->code / 100 == 2)
		(void)take_next(s);
}

static void
on_event(smtp_session_t smtp, int event, void *arg, ...)
{
	struct session *s = arg;
	va_list ap;

	(void)smtp;
	if (s->mail == NULL)
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

/* Keeps the server's last line: the library hides its answer to EHLO. */
static void
on_wire(const char *p, int len, int writing, void *arg)
{
	struct session *s = arg;
	struct slice data = slice_of(p, len > 0 ? (size_t)len : 0), line = data;
	ptrdiff_t at;

	if (writing == SMTP_CB_WRITING && slice_starts(data, "QUIT"))
		s->quitting = true;
	if (writing != SMTP_CB_READING || data.len == 0 || s->quitting)
		return;
	if (data.p[data.len - 1] == '\n')
		line.len--;
	at = slice_rfind(line, '\n');
	line = slice_sub(line, (size_t)(at + 1), REPLY_MAX - 1 +
	    (size_t)(at + 1));
	memcpy(s->last_reply, line.p, line.len);
	s->last_reply[line.len] = '\0';
}

/* The connection ended with a mail in hand. */
static void
report_end(struct session *s)
{
	bool refused = s->last_reply[0] == '4' || s->last_reply[0] == '5';
	char text[128];

	if (!refused && (smtp_errno() == 0 ||
	    smtp_strerror(smtp_errno(), text, sizeof(text)) == NULL))
		(void)snprintf(text, sizeof(text), "the connection was lost");
	report_text(s, SESSION__RESULT__STAGE__CONNECT,
	    refused ? s->last_reply : text);
}

int
session_run(int channel, const char *hostname)
{
	struct session s = { .channel = channel };

	s.smtp = smtp_create_session();
	if (s.smtp == NULL)
		return -1;
	if (smtp_set_server(s.smtp, "server:25") &&
	    smtp_set_hostname(s.smtp, hostname) &&
	    smtp_set_eventcb(s.smtp, on_event, &s) &&
	    smtp_set_monitorcb(s.smtp, on_wire, &s, 0) && take_next(&s))
		(void)smtp_start_session(s.smtp);
	if (s.mail != NULL && !s.reported)
		report_end(&s);
	session__mail__free_unpacked(s.mail, NULL);
	(void)smtp_destroy_session(s.smtp);
	return s.broken ? -1 : 0;
}
