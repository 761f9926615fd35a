/* SPDX-License-Identifier: ISC */
/*
 * The mailer: gets due mails from the engine, as many as it gave credits for,
 * composes them, hands them to the transport and tells what became of each.
 * No database, no keys.
 *
 * When the engine dies, what is on its way goes on; the next engine, which
 * can't know of it, hands the same mails out again: those are recognised by
 * their Message-ID, on their way or just delivered, and don't go twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "app/child.h"
#include "app/mail_kind.h"
#include "app/mailer/domains.h"
#include "app/mailer/job.h"
#include "app/mailer/mail_count.h"
#include "app/mailer/password_file.h"
#include "app/mailer/sent_memory.h"
#include "app/mailer/transport.h"
#include "app/wire.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "core/reply.h"
#include "io/dns.h"
#include "io/ipc.h"

/* To compose a mail takes longer than to pass one on, which has its turn. */
enum { WINDOW = 128, GROUP = 4, DOMAIN_MS = 1000 };
enum { STOP_MS = 8000, STOP_STEP_MS = 50, NEVER_MS = -1 };

struct mailer {
	struct child *child;
	const struct transport *transport;
	struct transport_setup transport_setup;
	void *self;			/* the transport's */
	struct ipc *engine;		/* NULL: away */
	struct jobs jobs;
	uint32_t held;			/* credits, until the server is there */
	struct sent_memory *sent;
	struct domains *domains;	/* NULL: each is tried */
	struct event *stop_timer;	/* not NULL: stopping */
	int64_t stop_at;		/* monotonic, milliseconds; or NEVER_MS:
					 * another mailer has taken over */
	uint64_t dns_mark;		/* of the files that it may read */
	bool dns_seen;			/* looked at since mails are coming */
};

static const struct transport *const transports[] = {
	[CONFIG_TRANSPORT_SMTP] = &transport_smtp,
	[CONFIG_TRANSPORT_MAILDIR] = &transport_maildir,
};

static void
send_credit(struct mailer *m, uint32_t count)
{
	Message__MailCredit credit;
	Message__Envelope envelope;

	if (m->engine == NULL || m->stop_timer != NULL || count == 0)
		return;
	message__mail_credit__init(&credit);
	message__envelope__init(&envelope);
	credit.count = count;
	envelope.body_case = MESSAGE__ENVELOPE__BODY_MAIL_CREDIT;
	envelope.mail_credit = &credit;
	(void)wire_send(m->engine, &envelope);
}

static void
send_result(struct mailer *m, uint64_t due, uint64_t sequence,
    Message__MailResult__Outcome outcome, const char *reply)
{
	Message__MailResult result;
	Message__Envelope envelope;
	char *text = mem_strdup(reply);

	message__mail_result__init(&result);
	message__envelope__init(&envelope);
	result.due = due;
	result.sequence = sequence;
	result.outcome = outcome;
	result.reply = text;
	envelope.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RESULT;
	envelope.mail_result = &result;
	(void)wire_send(m->engine, &envelope);
	free(text);
}

/* As if it had never been here. */
static void
give_back(struct mailer *m, struct job *j)
{
	if (!j->orphan)
		send_result(m, j->due, j->sequence,
		    MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED, "");
	send_credit(m, j->credits);
	job_free(&m->jobs, j);
}

static void
on_done(struct delivery *d, Message__MailResult__Outcome outcome,
    const char *reply, void *arg)
{
	struct mailer *m = arg;
	struct job *j = (struct job *)d;

	if (d->recalled && outcome == MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED) {
		give_back(m, j);
		return;
	}
	mail_count(child_metrics(m->child), j->kind, &j->times, outcome);
	if (outcome != MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED)
		job_log(j, outcome, reply);
	if (outcome == MESSAGE__MAIL_RESULT__OUTCOME__SENT)
		sent_memory_add(m->sent, j->message_id, reply);
	if (m->engine != NULL && !j->orphan)
		send_result(m, j->due, j->sequence, outcome, reply);
	if (outcome == MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED)
		m->held += j->credits;
	else
		send_credit(m, j->credits);
	job_free(&m->jobs, j);
}

static void
on_wanted(bool all, void *arg)
{
	struct mailer *m = arg;
	uint32_t count = all || m->held == 0 ? m->held : 1;

	m->held -= count;
	send_credit(m, count);
}

static void on_stop(struct child *child, void *arg);

/* As if told to stop: the parent starts another, which sees what is there. */
static void
on_lost(const char *what, void *arg)
{
	struct mailer *m = arg;

	if (m->stop_timer != NULL)
		return;
	log_info("mailer_renewed", log_str("replaced", what));
	on_stop(m->child, m);
}

/* Once for all mails that come together. */
static void
look_at_dns(struct mailer *m)
{
	if (m->transport != &transport_smtp || m->dns_seen)
		return;
	m->dns_seen = true;
	if (dns_files_mark() != m->dns_mark)
		on_lost("resolv.conf, hosts or nsswitch.conf", m);
}

/* True when the mail is on its way or was delivered already. */
static bool
is_repeat(struct mailer *m, const Message__Mail *mail)
{
	const char *reply = sent_memory_find(m->sent, mail->message_id);
	struct job *j;

	if (reply != NULL) {
		send_result(m, mail->due, mail->sequence,
		    MESSAGE__MAIL_RESULT__OUTCOME__SENT, reply);
		send_credit(m, 1);
		return true;
	}
	j = job_find(&m->jobs, mail->message_id);
	if (j == NULL)
		return false;
	j->due = mail->due;
	j->sequence = mail->sequence;
	j->orphan = false;
	j->credits++;
	return true;
}

/* Else it waits for its domain; or a session has it, and may yet lose it. */
static void
take_recall(struct mailer *m, const Message__MailRecall *recall)
{
	struct job *j = job_find_sequence(&m->jobs, recall->sequence);

	if (j == NULL)
		return;
	if (m->transport->recall != NULL &&
	    m->transport->recall(m->self, &j->delivery))
		give_back(m, j);
	else
		j->delivery.recalled = true;
}

static void
send_unless(struct mailer *m, struct job *j, const char *why)
{
	if (j->delivery.recalled)
		give_back(m, j);
	else if (why == NULL)
		m->transport->send(m->self, &j->delivery);
	else
		on_done(&j->delivery, MESSAGE__MAIL_RESULT__OUTCOME__REFUSED,
		    why, m);
}

static void
on_domain(const char *why, void *arg)
{
	struct job *j = arg;
	struct mailer *m = j->mailer;

	send_unless(m, j, why);
	m->transport->flush(m->self);
}

/* Strangers type domains that take no mail; the server needn't be told. */
static void
send_or_look(struct mailer *m, struct job *j)
{
	const struct mail_kind *kind = mail_kind_find(j->kind);
	const char *at = strrchr(j->delivery.mail.to, '@'), *why = NULL;

	if (m->domains == NULL || at == NULL || !kind->is_by_strangers ||
	    domains_know(m->domains, at + 1, &why))
		send_unless(m, j, why);
	else
		domains_ask(m->domains, at + 1, on_domain, j);
}

static void
take_mail(struct mailer *m, const Message__Mail *mail)
{
	const char *why;
	struct job *j;

	look_at_dns(m);
	if (m->stop_timer != NULL) {
		/* It crossed with the word that another has taken over. */
		if (m->stop_at == NEVER_MS)
			send_result(m, mail->due, mail->sequence,
			    MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED, "");
		return;
	}
	if (is_repeat(m, mail))
		return;
	if (m->jobs.count >= 2 * WINDOW) {
		log_error("mail_without_credit", log_str("kind", mail->kind));
		send_result(m, mail->due, mail->sequence,
		    MESSAGE__MAIL_RESULT__OUTCOME__RETRY, "too many at once");
		return;
	}
	j = job_new(&m->jobs, mail, m);
	if (compose_mail(mail, child_config(m->child),
	    child_templates(m->child), &j->delivery.mail, &why) == 0)
		send_or_look(m, j);
	else
		on_done(&j->delivery, MESSAGE__MAIL_RESULT__OUTCOME__OURS, why,
		    m);
}

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct mailer *m = arg;
	Message__Envelope *envelope = wire_open(frame);

	(void)ipc;
	if (envelope != NULL &&
	    envelope->body_case == MESSAGE__ENVELOPE__BODY_MAIL)
		take_mail(m, envelope->mail);
	else if (envelope != NULL &&
	    envelope->body_case == MESSAGE__ENVELOPE__BODY_MAIL_RECALL)
		take_recall(m, envelope->mail_recall);
	else
		log_error("unexpected_message", log_str("from", "engine"));
	wire_free(envelope);
}

static void
on_idle(struct ipc *ipc, void *arg)
{
	struct mailer *m = arg;

	(void)ipc;
	m->dns_seen = false;
	m->transport->flush(m->self);
}

static void
drop_engine(struct mailer *m)
{
	ipc_free(m->engine);
	m->engine = NULL;
	for (struct job *j = m->jobs.first; j != NULL; j = j->next) {
		j->orphan = true;
		/* What that engine paid ends with it; its place doesn't. */
		j->credits = 1;
	}
}

static void
on_close(struct ipc *ipc, void *arg)
{
	struct mailer *m = arg;

	wire_closed(m->child, ipc);
	drop_engine(m);
}

static void
on_peer(struct child *child, enum role peer, unsigned index, int fd,
    void *arg)
{
	static const struct ipc_callbacks callbacks = { .on_frame = on_frame,
		.on_idle = on_idle, .on_close = on_close,
		.frames_max = GROUP };
	struct mailer *m = arg;

	(void)index;
	if (peer != ROLE_ENGINE) {
		evutil_closesocket(fd);
		return;
	}
	if (m->engine != NULL)
		drop_engine(m);
	m->held = 0;
	m->engine = ipc_new(child_base(child), fd, &callbacks, m);
	send_credit(m, m->jobs.count < WINDOW ? WINDOW - m->jobs.count : 0);
}

/* Until the last mail is done and its result has left, or time is up. */
static void
on_stop_timer(evutil_socket_t fd, short what, void *arg)
{
	struct mailer *m = arg;
	bool late = m->stop_at != NEVER_MS &&
	    clock_monotonic_ms() >= m->stop_at;

	(void)fd;
	(void)what;
	if (m->jobs.count > 0 && late)
		m->transport->abort(m->self);
	else if (m->stop_at == NEVER_MS && m->transport->give_back != NULL)
		m->transport->give_back(m->self);
	if (m->jobs.count > 0)
		return;
	if (late || m->engine == NULL || ipc_backlog(m->engine) == 0)
		child_exit(m->child, 0);
}

/* No look at a domain holds anything up. */
static void
let_all_be_sent(struct mailer *m)
{
	if (m->domains == NULL)
		return;
	domains_hurry(m->domains);
	m->transport->flush(m->self);
}

static void
stop_by(struct mailer *m, int64_t when)
{
	static const struct timeval step = { 0, STOP_STEP_MS * 1000 };

	m->stop_at = when;
	if (m->stop_timer != NULL)
		return;
	let_all_be_sent(m);
	m->stop_timer = event_new(child_base(m->child), -1, EV_PERSIST,
	    on_stop_timer, m);
	if (m->stop_timer == NULL || event_add(m->stop_timer, &step) != 0)
		child_exit(m->child, 0);
}

static void
on_stop(struct child *child, void *arg)
{
	struct mailer *m = arg;

	(void)child;
	if (m->stop_timer == NULL || m->stop_at == NEVER_MS)
		stop_by(m, clock_monotonic_ms() + STOP_MS);
}

/* What waits is another mailer's at once; what is on its way takes its time,
 * as to break it off might have it sent twice. */
static void
on_leave(struct child *child, void *arg)
{
	struct mailer *m = arg;

	(void)child;
	if (m->stop_timer != NULL)
		return;
	stop_by(m, NEVER_MS);
	if (m->transport->give_back != NULL)
		m->transport->give_back(m->self);
}

/* The file may have been emptied since the start; "" for no login. */
static char *
read_password(struct child *child)
{
	const struct config *config = child_config(child);
	int fd = child_password_fd(child);
	char *password = fd >= 0 ? password_file_read(fd) : mem_strdup("");

	if (password == NULL)
		fprintf(stderr, "assentd: %s:%u: password_file = %s: want "
		    "the password as its only line\n", config->path,
		    config->lines.mail_password_file,
		    config->mail.password_file);
	return password;
}

/* False after saying why not. */
static bool
open_transport(struct mailer *m, const char *password)
{
	static const struct transport_callbacks outcomes = { on_done,
		on_wanted, on_lost };
	const struct config *config = child_config(m->child);
	struct buf error = { 0 };

	m->transport_setup = (struct transport_setup){
		.base = child_base(m->child),
		.config = config,
		.password = password,
		.callbacks = &outcomes,
		.arg = m,
	};
	m->transport = transports[config->mail.transport];
	m->self = m->transport->open(&m->transport_setup, &error);
	if (m->self == NULL)
		fprintf(stderr, "assentd: %s:%u: ca_file = %s: want a file "
		    "of certificates in PEM\n", config->path,
		    config->lines.mail_ca_file, buf_str(&error));
	buf_fini(&error);
	return m->self != NULL;
}

static int
run(struct mailer *m)
{
	static const struct child_callbacks callbacks = {
		.on_peer = on_peer,
		.on_stop = on_stop,
		.on_leave = on_leave,
	};
	const struct config *config = child_config(m->child);
	int status;

	m->dns_mark = dns_files_mark();
	m->sent = sent_memory_new();
	if (m->transport == &transport_smtp && config->mail.check_domains)
		m->domains = domains_new(child_base(m->child),
		    config->mail.resolver, DOMAIN_MS);
	child_ready(m->child);
	status = child_run(m->child, &callbacks, m);
	let_all_be_sent(m);
	m->transport->abort(m->self);
	m->transport->close(m->self);
	if (m->engine != NULL)
		drop_engine(m);
	if (m->stop_timer != NULL)
		event_free(m->stop_timer);
	domains_free(m->domains);
	sent_memory_free(m->sent);
	return status;
}

int
mailer_main(struct child *child)
{
	struct mailer m = { .child = child };
	char *password = read_password(child);
	int status = 1;

	if (password != NULL && open_transport(&m, password))
		status = run(&m);
	password_free(password);
	return status;
}
