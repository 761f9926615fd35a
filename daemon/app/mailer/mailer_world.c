/* SPDX-License-Identifier: ISC */
/*
 * Everything in one process and one loop.  Doesn't know cmocka: a judge says
 * what fails.
 */
#include "app/mailer/mailer_world.h"

#include <sys/socket.h>

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/child.h"
#include "app/mailer/fake_smtp.h"
#include "app/templates/templates.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/ipc.h"

#define RESOLVER "127.0.0.1:53"

#define MUST(what) do {					\
	if (!(what)) {					\
		judge(#what, __FILE__, __LINE__);	\
		abort();				\
	}						\
} while (0)

enum { PATIENCE_MS = 60000, TIMEOUT = 2, PER_SESSION = 10 };

static world_judge *judge;

/* ---- what app/child.c is to the mailer ---- */

struct event_base *
child_base(struct child *c)
{
	return c->base;
}

const struct config *
child_config(const struct child *c)
{
	return &c->config;
}

const struct templates *
child_templates(const struct child *c)
{
	return c->templates;
}

struct metrics *
child_metrics(const struct child *c)
{
	(void)c;
	return NULL;
}

int
child_password_fd(const struct child *c)
{
	(void)c;
	return -1;
}

void
child_ready(struct child *c)
{
	c->ready = true;
}

void
child_exit(struct child *c, int status)
{
	(void)status;
	c->over = true;
}

int
child_run(struct child *c, const struct child_callbacks *callbacks, void *arg)
{
	MUST(c->ready);
	c->callbacks = callbacks;
	c->arg = arg;
	c->body(c);
	return 0;
}

/* ---- what the DNS is to the mailer ---- */

struct dns_mail_query {
	dns_mail_answer *on_answer;
	void *arg;
};

static struct dns_mail_query *asked;	/* NULL: nothing */

struct dns_mail_query *
dns_mail_ask(struct event_base *base, const char *resolver,
    const char *domain, dns_mail_answer *on_answer, void *arg)
{
	(void)base;
	MUST(strcmp(resolver, RESOLVER) == 0);
	MUST(strcmp(domain, "example.net") == 0);
	MUST(asked == NULL);
	asked = MEM_NEW(struct dns_mail_query);
	*asked = (struct dns_mail_query){ on_answer, arg };
	return asked;
}

void
dns_mail_cancel(struct dns_mail_query *q)
{
	free(q);
}

void
world_answer_dns(enum dns_mail found)
{
	struct dns_mail_query *q = asked;

	MUST(q != NULL);
	asked = NULL;
	q->on_answer(found, q->arg);
	free(q);
}

/* ---- what the engine is to the mailer ---- */

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct child *c = arg;
	Message__Envelope *e = wire_open(frame);

	(void)ipc;
	MUST(e != NULL);
	if (e->body_case == MESSAGE__ENVELOPE__BODY_MAIL_CREDIT) {
		c->credits += e->mail_credit->count;
	} else {
		MUST(e->body_case ==
		    MESSAGE__ENVELOPE__BODY_MAIL_RESULT);
		MUST(c->result_count < WORLD_RESULTS_MAX);
		c->results[c->result_count++] = e->mail_result;
		e->body_case = MESSAGE__ENVELOPE__BODY__NOT_SET;
	}
	wire_free(e);
}

static void
on_close(struct ipc *ipc, void *arg)
{
	struct child *c = arg;

	ipc_free(ipc);
	c->engine = NULL;
}

static void
forget_results(struct child *c)
{
	while (c->result_count > 0)
		message__mail_result__free_unpacked(
		    c->results[--c->result_count], NULL);
	c->credits = 0;
}

void
world_turn(struct child *c)
{
	(void)event_base_loop(c->base, EVLOOP_NONBLOCK);
	(void)usleep(1000);
}

void
world_connect(struct child *c)
{
	static const struct ipc_callbacks callbacks = { .on_frame = on_frame,
		.on_close = on_close };
	int fds[2];

	forget_results(c);
	ipc_free(c->engine);
	MUST(ipc_pair(fds) == 0);
	c->engine = ipc_new(c->base, fds[0], &callbacks, c);
	c->callbacks->on_peer(c, ROLE_ENGINE, 0, fds[1], c->arg);
}

void
world_send_mail(struct child *c, uint64_t sequence, const char *kind)
{
	static char list[] = "weekly", lang[] = "en", token[] = "abcdef",
	    address[] = "jo@example.net";
	Message__Visited__Topic topic, *topics[] = { &topic };
	Message__Envelope e;
	Message__Mail m;

	message__visited__topic__init(&topic);
	topic.list = topic.title = list;
	message__mail__init(&m);
	m.due = 77;
	m.sequence = sequence;
	m.kind = mem_strdup(kind);
	m.list = list;
	m.topics = topics;
	m.n_topics = 1;
	m.lang = lang;
	m.address = address;
	m.message_id = mem_printf("%d@example.org", (int)sequence);
	m.queued_at = 1795411920 * CLOCK_SECOND;
	m.confirm_token = m.notme_token = m.unsubscribe_token = token;
	message__envelope__init(&e);
	e.body_case = MESSAGE__ENVELOPE__BODY_MAIL;
	e.mail = &m;
	MUST(wire_send(c->engine, &e) == 0);
	free(m.kind);
	free(m.message_id);
}

void
world_recall_mail(struct child *c, uint64_t sequence)
{
	Message__MailRecall recall;
	Message__Envelope e;

	message__mail_recall__init(&recall);
	recall.sequence = sequence;
	message__envelope__init(&e);
	e.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RECALL;
	e.mail_recall = &recall;
	MUST(wire_send(c->engine, &e) == 0);
}

void
world_wait(struct child *c, unsigned results, uint32_t credits)
{
	int64_t end = clock_monotonic_ms() + PATIENCE_MS;

	while ((c->result_count < results || c->credits < credits) &&
	    clock_monotonic_ms() < end)
		world_turn(c);
	MUST(c->result_count == results);
	MUST(c->credits == credits);
}

void
world_check(const Message__MailResult *r, uint64_t sequence,
    Message__MailResult__Outcome outcome)
{
	MUST(r->due == 77);
	MUST(r->sequence == sequence);
	MUST(r->outcome == outcome);
}

unsigned
world_take_files(const struct child *c)
{
	char *path = mem_printf("%s/new", c->config.mail.maildir);
	DIR *d = opendir(path);
	unsigned n = 0;

	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		MUST(unlinkat(dirfd(d), e->d_name, 0) == 0);
		n++;
	}
	if (d != NULL)
		(void)closedir(d);
	free(path);
	return n;
}

void
world_remove_maildir(const struct child *c)
{
	static const char *const folders[] = { "/tmp", "/new", "/cur", "" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *path = mem_printf("%s%s", c->config.mail.maildir,
		    folders[i]);

		(void)rmdir(path);
		free(path);
	}
}

void
world_run(void (*body)(struct child *), const struct fake_smtp *server,
    bool asks_dns, world_judge *own)
{
	static char url[] = "https://news.example.org", weekly[] = "weekly",
	    from[] = "weekly@example.org", empty[] = "", host[] = "127.0.0.1",
	    resolver[] = RESOLVER;
	const char *source = getenv("ASSENT_SRCDIR");
	char root[] = "/tmp/mailer_test.XXXXXX";
	struct child c = { .base = event_base_new(), .body = body };
	struct buf errors = { 0 };
	char *folder;

	judge = own;
	MUST(mkdtemp(root) != NULL);
	/* The session's program: tests run where it was built. */
	MUST(setenv("ASSENT_LIBEXEC", ".", 0) == 0);
	c.list.name = c.list.title = weekly;
	c.list.from_name = empty;
	c.list.from_address = from;
	c.config.base_url = url;
	c.config.lists = &c.list;
	c.config.list_count = 1;
	c.config.controller.name = c.config.controller.address = empty;
	c.config.controller.privacy_url = c.config.controller.contact = empty;
	c.config.mail.transport = CONFIG_TRANSPORT_MAILDIR;
	c.config.mail.maildir = root;
	c.config.mail.username = empty;
	if (server != NULL) {
		c.config.mail.transport = CONFIG_TRANSPORT_SMTP;
		c.config.mail.host = host;
		c.config.mail.port = server->port;
		c.config.mail.sessions = 1;
		c.config.mail.timeout = TIMEOUT;
		c.config.mail.messages_per_session = PER_SESSION;
		c.config.mail.check_domains = asks_dns;
		c.config.mail.resolver = resolver;
	}
	folder = mem_printf("%s/templates", source != NULL ? source : ".");
	c.templates = templates_load(folder, &errors);
	MUST(c.templates != NULL);
	MUST(mailer_main(&c) == 0);
	forget_results(&c);
	ipc_free(c.engine);
	templates_free(c.templates);
	buf_fini(&errors);
	free(folder);
	event_base_free(c.base);
	world_remove_maildir(&c);
}

