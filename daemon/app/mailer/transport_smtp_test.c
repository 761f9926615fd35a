/* SPDX-License-Identifier: ISC */
/*
 * The whole way of a mail over SMTP: transport, session process, pump, and a
 * server that does what it is told.
 */
#include "app/mailer/transport.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include <cmocka.h>

#include "app/mailer/fake_smtp.h"
#include "base/clock.h"
#include "base/crc.h"
#include "base/mem.h"
#include "base/num.h"
#include "core/config.h"

#define OUTCOME(x) MESSAGE__MAIL_RESULT__OUTCOME__##x

enum { MAILS_MAX = 100, REPLY_SIZE = 128, TIMEOUT = 2 };

struct letter {
	struct delivery delivery;
	Message__MailResult__Outcome outcome;
	char reply[REPLY_SIZE];
	bool done;
};

struct fixture {
	struct event_base *base;
	struct config config;
	struct transport_setup setup;
	void *self;
	struct letter letters[MAILS_MAX];
	unsigned count, left;
	bool wanted, wanted_all;
};

static void
on_done(struct delivery *d, Message__MailResult__Outcome outcome,
    const char *reply, void *arg)
{
	struct fixture *f = arg;
	struct letter *l = (struct letter *)d;

	assert_false(l->done);
	l->done = true;
	l->outcome = outcome;
	(void)snprintf(l->reply, sizeof(l->reply), "%s", reply);
	if (--f->left == 0)
		(void)event_base_loopbreak(f->base);
}

static void
on_wanted(bool all, void *arg)
{
	struct fixture *f = arg;

	f->wanted = true;
	f->wanted_all = all;
	if (f->left == 0)
		(void)event_base_loopbreak(f->base);
}

static void
set_up(struct fixture *f, uint16_t port, unsigned sessions,
    unsigned per_session)
{
	static char host[] = "127.0.0.1", empty[] = "",
	    url[] = "https://news.example.org";
	static const struct transport_callbacks callbacks = {
		.on_done = on_done,
		.on_wanted = on_wanted,
	};

	*f = (struct fixture){ .base = event_base_new() };
	f->config.base_url = url;
	f->config.mail.host = host;
	f->config.mail.port = port;
	f->config.mail.sessions = sessions;
	f->config.mail.messages_per_session = per_session;
	f->config.mail.timeout = TIMEOUT;
	f->config.mail.username = empty;
	f->setup = (struct transport_setup){ f->base, &f->config, "",
		&callbacks, f };
	f->self = transport_smtp.open(&f->setup, NULL);
}

static void
forget_letters(struct fixture *f)
{
	for (unsigned i = 0; i < f->count; i++)
		compose_fini(&f->letters[i].delivery.mail);
	f->count = 0;
}

static void
tear_down(struct fixture *f)
{
	transport_smtp.abort(f->self);
	transport_smtp.close(f->self);
	forget_letters(f);
	event_base_free(f->base);
}

/* Headers that the library might want to write its own way, and lines that
 * need stuffing. */
static void
add_letter(struct fixture *f)
{
	struct letter *l = &f->letters[f->count];

	*l = (struct letter){ .delivery.key = "key" };
	l->delivery.mail.from = mem_strdup("weekly@example.org");
	l->delivery.mail.to = mem_printf("jo%u@example.net", f->count);
	buf_printf(&l->delivery.mail.message, "Date: Mon, 23 Nov 2026 "
	    "05:32:00 +0000\r\nFrom: =?utf-8?B?w7w=?=\r\n =?utf-8?B?w7w=?= "
	    "<weekly@example.org>\r\nTo: x@example.net\r\nSubject:\r\n"
	    " =?utf-8?B?w7w=?=\r\nMessage-ID: <%u@example.org>\r\nList-Id:"
	    "\r\n <w.example>\r\nMIME-Version: 1.0\r\nContent-Type: "
	    "multipart/alternative;\r\n\tboundary=\"x\"\r\n"
	    "\r\n.\r\n..\r\n.a\r\n\r\nlast\r\n", f->count);
	f->count++;
	f->left++;
	transport_smtp.send(f->self, &l->delivery);
}

static void
run(struct fixture *f)
{
	transport_smtp.flush(f->self);
	if (f->left > 0)
		(void)event_base_dispatch(f->base);
	assert_int_equal(f->left, 0);
}

/* What the fake server answers to the final dot. */
static void
check_arrived(const struct letter *l, unsigned per_session)
{
	static const char got[] = "250 2.0.0 got ";
	struct slice rest = slice_str(l->reply), number;
	uint64_t n, crc;

	assert_int_equal(l->outcome, OUTCOME(SENT));
	assert_true(slice_starts(rest, got));
	rest = slice_sub(rest, strlen(got), rest.len);
	assert_true(slice_split(&rest, ' ', &number));
	assert_int_equal(num_parse_range(number, 1, per_session, &n), 0);
	assert_int_equal(num_parse_hex(rest, &crc), 0);
	assert_int_equal(crc, crc_of(buf_slice(&l->delivery.mail.message)));
}

#define STEP(name) offsetof(struct fake_script, name)

/* A server that is good but for one answer. */
static const struct {
	size_t step;
	const char *answer;
	Message__MailResult__Outcome outcome;
	const char *reply;	/* starts with */
} cases[] = {
	{ STEP(greeting), "220 fake\r\n", OUTCOME(SENT), "250 2.0.0 got 1 " },
	{ STEP(greeting), "220-fake\r\n220-fake\r\n220 fake\r\n",
	    OUTCOME(SENT), "250 2.0.0 got 1 " },
	{ STEP(greeting), "554 no\r\n", OUTCOME(UNTRIED), "554 no" },
	{ STEP(greeting), "421 later\r\n", OUTCOME(UNTRIED), "421 later" },
	{ STEP(greeting), "SSH-2.0\r\n", OUTCOME(UNTRIED), "SSH-2.0" },
	{ STEP(greeting), "220 fake\r\n250 fake\r\n", OUTCOME(UNTRIED),
	    "the server speaks" },
	{ STEP(greeting), "", OUTCOME(UNTRIED),
	    "the server's greeting didn't" },
	{ STEP(greeting), NULL, OUTCOME(UNTRIED), "the server hung up" },
	{ STEP(ehlo), "502 HELO only\r\n", OUTCOME(SENT), "250 2.0.0 got" },
	{ STEP(ehlo), "550 not you\r\n", OUTCOME(UNTRIED), "550 not you" },
	{ STEP(ehlo), "421 later\r\n", OUTCOME(UNTRIED), "421 later" },
	{ STEP(ehlo), "", OUTCOME(UNTRIED), "an answer to EHLO didn't" },
	{ STEP(ehlo), NULL, OUTCOME(UNTRIED), "the server hung up" },
	{ STEP(mail), "", OUTCOME(RETRY), "an answer to MAIL didn't" },
	{ STEP(mail), "250 ok\r\n250 ok\r\n", OUTCOME(RETRY),
	    "the server speaks" },
	{ STEP(mail), "553 5.1.8 who\r\n", OUTCOME(OURS), "553 5.1.8 who" },
	{ STEP(mail), "451 4.3.0 later\r\n", OUTCOME(RETRY),
	    "451 4.3.0 later" },
	{ STEP(rcpt), "550 5.1.1 nobody\r\n", OUTCOME(REFUSED),
	    "550 5.1.1 nobody" },
	{ STEP(rcpt), "450 4.2.0 greylisted\r\n", OUTCOME(RETRY),
	    "450 4.2.0 greylisted" },
	{ STEP(rcpt), "552 5.5.3 too many\r\n", OUTCOME(RETRY),
	    "552 5.5.3 too many" },
	{ STEP(rcpt), NULL, OUTCOME(RETRY), "the server hung up" },
	{ STEP(rcpt), "550-5.1.1 nobody\r\n550 here\r\n", OUTCOME(REFUSED),
	    "550 5.1.1 nobody here" },
	{ STEP(data), "554 5.6.0 no\r\n", OUTCOME(REFUSED), "554 5.6.0 no" },
	{ STEP(data), NULL, OUTCOME(RETRY), "the server hung up" },
	{ STEP(data), "250 2.1.5 of another command\r\n", OUTCOME(RETRY),
	    "what the server answers, nobody knows: 250 2.1.5" },
	{ STEP(data), "354 go\r\n250 2.0.0 so soon\r\n", OUTCOME(RETRY),
	    "the server speaks out of turn" },
	{ STEP(dot), "554 5.7.1 spam\r\n", OUTCOME(REFUSED),
	    "554 5.7.1 spam" },
	{ STEP(dot), "550 5.7.26 SPF\r\n", OUTCOME(OURS), "550 5.7.26 SPF" },
	{ STEP(dot), "451 4.3.0 later\r\n", OUTCOME(RETRY),
	    "451 4.3.0 later" },
	{ STEP(dot), "250\r\n", OUTCOME(SENT), "250" },
	{ STEP(dot), "250 2.0.0 o", OUTCOME(RETRY), "an answer to the" },
	{ STEP(dot), "252 2.0.0 whatever\r\n", OUTCOME(SENT), "252 2.0.0 w" },
	{ STEP(dot), "250 2.0.0 a\r\n554 5.0.0 b\r\n", OUTCOME(RETRY),
	    "the server speaks out of turn" },
	{ STEP(dot), "354 go on\r\n", OUTCOME(RETRY), "354 go on" },
	{ STEP(dot), NULL, OUTCOME(RETRY), "the server hung up" },
	{ STEP(dot), "", OUTCOME(RETRY), "an answer to the message didn't" },
};

static const struct fake_script good = {
	.greeting = "220 fake\r\n",
	.ehlo = "250-fake\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n"
	    "250 8BITMIME\r\n",
	.helo = "250 fake\r\n",
	.mail = "250 2.1.0 ok\r\n",
	.rcpt = "250 2.1.5 ok\r\n",
	.data = "354 go on\r\n",
	.dot = "250 2.0.0 got %",
};

/* The outcome of one mail when `step` is answered so. */
static void
check_case(size_t i, const struct fake_script *script)
{
	struct fake_smtp server = fake_smtp_start(script, 0);
	struct fixture f;
	const struct letter *l = &f.letters[0];

	set_up(&f, server.port, 1, 10);
	add_letter(&f);
	run(&f);
	if (l->outcome != cases[i].outcome ||
	    !slice_starts(slice_str(l->reply), cases[i].reply))
		fail_msg("case %zu: %d %s", i, (int)l->outcome, l->reply);
	tear_down(&f);
	fake_smtp_stop(&server);
}

static void
each_answer_has_its_outcome(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fake_script script = good;

		*(const char **)(void *)((char *)&script + cases[i].step) =
		    cases[i].answer;
		check_case(i, &script);
		if (cases[i].step != STEP(rcpt) || cases[i].answer == NULL)
			continue;
		script.data = "554 5.5.1 no recipient\r\n";
		check_case(i, &script);
	}
}

static void
a_long_greeting_is_not_taken_in_part(void **state)
{
	struct buf greeting = { 0 };
	struct fake_script script = good;
	struct fake_smtp server;
	struct fixture f;

	(void)state;
	for (int i = 0; i < 500; i++)
		buf_add_str(&greeting, "220-fake\r\n");
	buf_add_str(&greeting, "220 fake\r\n");
	script.greeting = buf_str(&greeting);
	server = fake_smtp_start(&script, 0);
	set_up(&f, server.port, 1, 10);
	add_letter(&f);
	run(&f);
	assert_int_equal(f.letters[0].outcome, OUTCOME(UNTRIED));
	assert_string_equal(f.letters[0].reply,
	    "the server's reply has no end");
	tear_down(&f);
	fake_smtp_stop(&server);
	buf_fini(&greeting);
}

static void
many_go_over_few_sessions(void **state)
{
	struct fake_smtp server = fake_smtp_start(&good, 0);
	struct fixture f;

	(void)state;
	set_up(&f, server.port, 3, 7);
	for (unsigned i = 0; i < MAILS_MAX; i++)
		add_letter(&f);
	run(&f);
	for (unsigned i = 0; i < MAILS_MAX; i++)
		check_arrived(&f.letters[i], 7);
	tear_down(&f);
	fake_smtp_stop(&server);
}

static void
a_bad_mailbox_never_reaches_the_server(void **state)
{
	static const char *const bad[] = { "", "jo", "a b@example.net",
		"jo@example.net>\r\nRCPT TO:<x@example.net", "<jo@example.net",
		"j\xc3\xb6@example.net", "jo@example.net> SIZE=1" };
	struct fake_smtp server = fake_smtp_start(&good, 0);
	struct fixture f;

	(void)state;
	set_up(&f, server.port, 1, 100);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		add_letter(&f);
		free(f.letters[i].delivery.mail.to);
		f.letters[i].delivery.mail.to = mem_strdup(bad[i]);
	}
	add_letter(&f);
	buf_add_str(&f.letters[f.count - 1].delivery.mail.message, "a\n.\n");
	run(&f);
	for (unsigned i = 0; i < f.count; i++)
		assert_int_equal(f.letters[i].outcome, OUTCOME(OURS));
	tear_down(&f);
	fake_smtp_stop(&server);
}

static void
send_letters(struct fixture *f, unsigned count)
{
	forget_letters(f);
	for (unsigned i = 0; i < count; i++)
		add_letter(f);
	run(f);
}

/* The first `tried` of them have a reply, the others weren't tried. */
static void
check_tried(const struct fixture *f, unsigned tried,
    Message__MailResult__Outcome outcome)
{
	for (unsigned i = 0; i < f->count; i++) {
		assert_int_equal(f->letters[i].outcome, i < tried ? outcome :
		    OUTCOME(UNTRIED));
		assert_int_equal(f->letters[i].reply[0] != '\0', i < tried);
	}
}

static void
wait_wanted(struct fixture *f, bool all)
{
	f->wanted = false;
	while (!f->wanted)
		(void)event_base_loop(f->base, EVLOOP_ONCE);
	assert_int_equal(f->wanted_all, all);
}

static void
a_server_that_is_away_is_not_asked_at_once(void **state)
{
	struct fake_smtp server = fake_smtp_start(&good, 0);
	int64_t start = clock_monotonic_ms();
	struct fixture f;

	(void)state;
	fake_smtp_stop(&server);
	set_up(&f, server.port, 2, 10);
	send_letters(&f, 8);
	check_tried(&f, 2, OUTCOME(UNTRIED));
	send_letters(&f, 8);
	check_tried(&f, 0, OUTCOME(RETRY));
	wait_wanted(&f, false);
	assert_true(clock_monotonic_ms() >= start + 900);
	/* One mail finds out if it is there, however many there are. */
	send_letters(&f, 8);
	check_tried(&f, 1, OUTCOME(UNTRIED));
	server = fake_smtp_start(&good, server.port);
	wait_wanted(&f, false);
	f.wanted = false;
	send_letters(&f, 8);
	check_tried(&f, 8, OUTCOME(SENT));
	assert_true(f.wanted && f.wanted_all);
	tear_down(&f);
	fake_smtp_stop(&server);
}

/* It greets, but nobody gets anything done there. */
static void
a_server_that_serves_nobody_counts_as_away(void **state)
{
	static const struct {
		size_t step;
		const char *answer;
		unsigned tried;
		Message__MailResult__Outcome outcome;
	} refusals[] = {
		{ STEP(greeting), "554 not you\r\n", 1, OUTCOME(UNTRIED) },
		{ STEP(ehlo), "421 later\r\n", 1, OUTCOME(UNTRIED) },
		{ STEP(ehlo), NULL, 1, OUTCOME(UNTRIED) },
		{ STEP(mail), "421 later\r\n", 1, OUTCOME(RETRY) },
		{ STEP(mail), "550 not you\r\n", 1, OUTCOME(OURS) },
		{ STEP(rcpt), "421 later\r\n", 1, OUTCOME(RETRY) },
		{ STEP(rcpt), "450 later\r\n", 3, OUTCOME(RETRY) },
		{ STEP(rcpt), "450 4.7.25 no PTR\r\n", 1, OUTCOME(OURS) },
		{ STEP(dot), "550 5.7.26 no SPF\r\n", 1, OUTCOME(OURS) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct fake_script script = good;
		struct fake_smtp server;
		struct fixture f;

		*(const char **)(void *)((char *)&script +
		    refusals[i].step) = refusals[i].answer;
		server = fake_smtp_start(&script, 0);
		set_up(&f, server.port, 1, 10);
		send_letters(&f, 3);
		check_tried(&f, refusals[i].tried, refusals[i].outcome);
		tear_down(&f);
		fake_smtp_stop(&server);
	}
}

static void
abort_gives_all_back(void **state)
{
	static const struct fake_script silent = { .greeting = "" };
	struct fake_smtp server = fake_smtp_start(&silent, 0);
	struct fixture f;

	(void)state;
	set_up(&f, server.port, 2, 10);
	for (unsigned i = 0; i < 5; i++)
		add_letter(&f);
	transport_smtp.flush(f.self);
	(void)event_base_loop(f.base, EVLOOP_NONBLOCK);
	assert_int_equal(f.left, 5);
	transport_smtp.abort(f.self);
	assert_int_equal(f.left, 0);
	check_tried(&f, 0, OUTCOME(UNTRIED));
	tear_down(&f);
	fake_smtp_stop(&server);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_answer_has_its_outcome),
		cmocka_unit_test(a_long_greeting_is_not_taken_in_part),
		cmocka_unit_test(many_go_over_few_sessions),
		cmocka_unit_test(a_bad_mailbox_never_reaches_the_server),
		cmocka_unit_test(a_server_that_is_away_is_not_asked_at_once),
		cmocka_unit_test(a_server_that_serves_nobody_counts_as_away),
		cmocka_unit_test(abort_gives_all_back),
	};

	/* The session's program: tests run where it was built. */
	if (setenv("ASSENT_LIBEXEC", ".", 0) != 0 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
