/* SPDX-License-Identifier: ISC */
/*
 * The mailer as the engine sees it: credits, results, a new engine in place
 * of a dead one, stopping.  The test is its child.c and its engine.
 */
#include <sys/socket.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include <cmocka.h>

#include "app/child.h"
#include "app/mailer/fake_smtp.h"
#include "app/templates/templates.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/ipc.h"

enum { RESULTS_MAX = 16, WINDOW = 128, PATIENCE_MS = 5000,
	TIMEOUT = 2 };

struct child {
	struct event_base *base;
	struct config config;
	struct config_list list;
	struct templates *templates;
	const struct child_callbacks *callbacks;
	void *arg;			/* the mailer's */
	void (*body)(struct child *);	/* the test */
	struct ipc *engine;		/* the engine's end */
	Message__MailResult *results[RESULTS_MAX];
	unsigned result_count;
	uint32_t credits;
	bool ready, over;
};

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
	assert_true(c->ready);
	c->callbacks = callbacks;
	c->arg = arg;
	c->body(c);
	return 0;
}

/* ---- what the engine is to the mailer ---- */

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct child *c = arg;
	Message__Envelope *e = wire_open(frame);

	(void)ipc;
	assert_non_null(e);
	if (e->body_case == MESSAGE__ENVELOPE__BODY_MAIL_CREDIT) {
		c->credits += e->mail_credit->count;
	} else {
		assert_int_equal(e->body_case,
		    MESSAGE__ENVELOPE__BODY_MAIL_RESULT);
		assert_true(c->result_count < RESULTS_MAX);
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

static void
turn(struct child *c)
{
	(void)event_base_loop(c->base, EVLOOP_NONBLOCK);
	(void)usleep(1000);
}

static void
connect_engine(struct child *c)
{
	static const struct ipc_callbacks callbacks = { .on_frame = on_frame,
		.on_close = on_close };
	int fds[2];

	forget_results(c);
	ipc_free(c->engine);
	assert_int_equal(ipc_pair(fds), 0);
	c->engine = ipc_new(c->base, fds[0], &callbacks, c);
	c->callbacks->on_peer(c, ROLE_ENGINE, 0, fds[1], c->arg);
}

static void
send_mail(struct child *c, uint64_t sequence, const char *kind)
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
	assert_int_equal(wire_send(c->engine, &e), 0);
	free(m.kind);
	free(m.message_id);
}

static void
wait_results(struct child *c, unsigned count, uint32_t credits)
{
	int64_t end = clock_monotonic_ms() + PATIENCE_MS;

	while ((c->result_count < count || c->credits < credits) &&
	    clock_monotonic_ms() < end)
		turn(c);
	assert_int_equal(c->result_count, count);
	assert_int_equal(c->credits, credits);
}

static void
check_result(const Message__MailResult *r, uint64_t sequence,
    Message__MailResult__Outcome outcome)
{
	assert_int_equal(r->due, 77);
	assert_int_equal(r->sequence, sequence);
	assert_int_equal(r->outcome, outcome);
}

/* Files in new/, all of which are removed. */
static unsigned
take_files(const struct child *c)
{
	char *path = mem_printf("%s/new", c->config.mail.maildir);
	DIR *d = opendir(path);
	unsigned n = 0;

	for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		assert_int_equal(unlinkat(dirfd(d), e->d_name, 0), 0);
		n++;
	}
	if (d != NULL)
		(void)closedir(d);
	free(path);
	return n;
}

/* An empty one. */
static void
remove_maildir(const struct child *c)
{
	static const char *const folders[] = { "/tmp", "/new", "/cur", "" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char *path = mem_printf("%s%s", c->config.mail.maildir,
		    folders[i]);

		(void)rmdir(path);
		free(path);
	}
}

/* ---- the tests ---- */

static void
body_results(struct child *c)
{
	connect_engine(c);
	wait_results(c, 0, WINDOW);
	send_mail(c, 1, "confirm");
	send_mail(c, 2, "nonsense");
	send_mail(c, 3, "welcome");
	wait_results(c, 3, WINDOW + 3);
	check_result(c->results[0], 2, MESSAGE__MAIL_RESULT__OUTCOME__OURS);
	check_result(c->results[1], 1, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	check_result(c->results[2], 3, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	assert_int_equal(take_files(c), 2);
}

static void
body_new_engine(struct child *c)
{
	connect_engine(c);
	send_mail(c, 4, "confirm");
	wait_results(c, 1, WINDOW + 1);
	assert_int_equal(take_files(c), 1);
	connect_engine(c);
	wait_results(c, 0, WINDOW);
	send_mail(c, 4, "confirm");
	send_mail(c, 5, "confirm");
	wait_results(c, 2, WINDOW + 2);
	check_result(c->results[0], 4, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	check_result(c->results[1], 5, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	assert_int_equal(take_files(c), 1);
}

/* A mail that is on its way all the while takes one place, no more. */
static void
body_many_engines(struct child *c)
{
	for (uint32_t busy = 0, i = 0; i < 5; i++, busy = 1) {
		connect_engine(c);
		wait_results(c, 0, WINDOW - busy);
		send_mail(c, 8, "confirm");
		/* Its result tells that the one before was read. */
		send_mail(c, 9, "nonsense");
		wait_results(c, 1, WINDOW - busy + 1);
	}
	wait_results(c, 2, WINDOW + 2);
	check_result(c->results[1], 8, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
}

/* While the server is away, nothing more is asked for. */
static void
body_away(struct child *c)
{
	connect_engine(c);
	wait_results(c, 0, WINDOW);
	for (uint64_t i = 20; i < 25; i++)
		send_mail(c, i, "confirm");
	wait_results(c, 5, WINDOW);
	for (unsigned i = 0; i < 5; i++) {
		check_result(c->results[i], 20 + i,
		    MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED);
		/* Only the one that was tried has something to tell. */
		assert_int_equal(c->results[i]->reply[0] == '\0', i > 0);
	}
	/* Then for one, to try; another engine starts anew. */
	wait_results(c, 5, WINDOW + 1);
	connect_engine(c);
	wait_results(c, 0, WINDOW);
}

static void
body_removed_maildir(struct child *c)
{
	connect_engine(c);
	send_mail(c, 10, "confirm");
	wait_results(c, 1, WINDOW + 1);
	assert_int_equal(take_files(c), 1);
	remove_maildir(c);
	send_mail(c, 11, "confirm");
	wait_results(c, 2, WINDOW + 2);
	check_result(c->results[1], 11, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	assert_int_equal(take_files(c), 1);
}

static void
body_stop(struct child *c)
{
	int64_t end = clock_monotonic_ms() + PATIENCE_MS;

	connect_engine(c);
	wait_results(c, 0, WINDOW);
	c->callbacks->on_stop(c, c->arg);
	send_mail(c, 6, "confirm");
	while (!c->over && clock_monotonic_ms() < end)
		turn(c);
	assert_true(c->over);
	assert_int_equal(c->result_count, 0);
	assert_int_equal(take_files(c), 0);
}

static void
body_nonsense(struct child *c)
{
	connect_engine(c);
	wait_results(c, 0, WINDOW);
	assert_int_equal(ipc_send(c->engine, slice_str("\xff\xff")), 0);
	assert_int_equal(ipc_send(c->engine, slice_str("")), 0);
	send_mail(c, 7, "already");
	wait_results(c, 1, WINDOW + 1);
	assert_int_equal(take_files(c), 1);
}

static void
run(void (*body)(struct child *), const struct fake_smtp *server)
{
	static char url[] = "https://news.example.org", weekly[] = "weekly",
	    from[] = "weekly@example.org", empty[] = "", host[] = "127.0.0.1";
	const char *source = getenv("ASSENT_SRCDIR");
	char root[] = "/tmp/mailer_test.XXXXXX";
	struct child c = { .base = event_base_new(), .body = body };
	struct buf errors = { 0 };
	char *folder;

	assert_non_null(mkdtemp(root));
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
	}
	folder = mem_printf("%s/templates", source != NULL ? source : ".");
	c.templates = templates_load(folder, &errors);
	if (c.templates == NULL)
		fail_msg("%s", buf_str(&errors));
	assert_int_equal(mailer_main(&c), 0);
	forget_results(&c);
	ipc_free(c.engine);
	templates_free(c.templates);
	buf_fini(&errors);
	free(folder);
	event_base_free(c.base);
	remove_maildir(&c);
}

static void
each_mail_gets_its_result_and_a_credit(void **state)
{
	(void)state;
	run(body_results, NULL);
}

static void
what_was_sent_is_not_sent_for_a_new_engine(void **state)
{
	(void)state;
	run(body_new_engine, NULL);
}

static void
a_slow_mail_takes_one_credit_of_each_engine(void **state)
{
	static const struct fake_script silent = { .greeting = "220 f\r\n",
		.ehlo = "250 f\r\n", .mail = "" };
	struct fake_smtp server = fake_smtp_start(&silent, 0);

	(void)state;
	run(body_many_engines, &server);
	fake_smtp_stop(&server);
}

static void
a_server_that_is_away_is_asked_for_one_mail(void **state)
{
	static const struct fake_script script = { .greeting = NULL };
	struct fake_smtp server = fake_smtp_start(&script, 0);

	(void)state;
	run(body_away, &server);
	fake_smtp_stop(&server);
}

static void
a_maildir_that_was_removed_is_made_anew(void **state)
{
	(void)state;
	run(body_removed_maildir, NULL);
}

static void
a_mailer_that_stops_takes_nothing(void **state)
{
	(void)state;
	run(body_stop, NULL);
}

static void
nonsense_does_no_harm(void **state)
{
	(void)state;
	run(body_nonsense, NULL);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mail_gets_its_result_and_a_credit),
		cmocka_unit_test(what_was_sent_is_not_sent_for_a_new_engine),
		cmocka_unit_test(a_slow_mail_takes_one_credit_of_each_engine),
		cmocka_unit_test(a_server_that_is_away_is_asked_for_one_mail),
		cmocka_unit_test(a_maildir_that_was_removed_is_made_anew),
		cmocka_unit_test(a_mailer_that_stops_takes_nothing),
		cmocka_unit_test(nonsense_does_no_harm),
	};

	/* The session's program: tests run where it was built. */
	if (setenv("ASSENT_LIBEXEC", ".", 0) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
