/* SPDX-License-Identifier: ISC */
/*
 * What the mailer gives back: mails that it is asked for, wherever it has
 * them, and credits that it couldn't use for a while.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/mailer/fake_smtp.h"
#include "app/mailer/mailer_world.h"

#define OUTCOME(x) MESSAGE__MAIL_RESULT__OUTCOME__##x

enum { MAILS = 5 };

static const struct fake_script good = {
	.greeting = "220 fake\r\n",
	.ehlo = "250 fake\r\n",
	.mail = "250 ok\r\n",
	.rcpt = "250 ok\r\n",
	.data = "354 go on\r\n",
	.dot = "250 got it\r\n",
};

static struct fake_smtp server;		/* a test's */

/* A good one is there instead. */
static void
change_server(void)
{
	fake_smtp_stop(&server);
	server = fake_smtp_start(&good, server.port);
}

/* What was sent before was read, and passed on. */
static void
send_mark(struct child *c, unsigned results, uint32_t credits)
{
	world_send_mail(c, 99, "nonsense");
	world_wait(c, results + 1, credits + 1);
	world_check(c->results[results], 99, OUTCOME(OURS));
}

static void
body_queue(struct child *c)
{
	world_connect(c);
	world_send_mail(c, 1, "confirm");
	world_send_mail(c, 2, "confirm");
	send_mark(c, 0, WORLD_WINDOW);
	world_recall_mail(c, 2);
	world_wait(c, 2, WORLD_WINDOW + 2);
	world_check(c->results[1], 2, OUTCOME(UNTRIED));
}

static void
body_domain(struct child *c)
{
	world_connect(c);
	world_send_mail(c, 1, "confirm");
	world_send_mail(c, 2, "confirm");
	world_recall_mail(c, 1);
	send_mark(c, 0, WORLD_WINDOW);
	world_answer_dns(DNS_MAIL_TAKEN);
	world_wait(c, 3, WORLD_WINDOW + 3);
	world_check(c->results[1], 1, OUTCOME(UNTRIED));
	world_check(c->results[2], 2, OUTCOME(SENT));
}

static void
body_domain_without_engine(struct child *c)
{
	world_connect(c);
	world_send_mail(c, 1, "confirm");
	world_recall_mail(c, 1);
	send_mark(c, 0, WORLD_WINDOW);
	world_connect(c);
	world_wait(c, 0, WORLD_WINDOW - 1);
	world_answer_dns(DNS_MAIL_TAKEN);
	world_send_mail(c, 2, "welcome");
	world_wait(c, 1, WORLD_WINDOW + 1);
	/* It isn't with the server, nor remembered as if it were. */
	world_send_mail(c, 1, "nonsense");
	world_wait(c, 2, WORLD_WINDOW + 2);
	world_check(c->results[1], 1, OUTCOME(OURS));
}

/* Its session takes it to the server, which says no more. */
static void
body_lost_session(struct child *c)
{
	world_connect(c);
	world_send_mail(c, 1, "confirm");
	world_wait(c, 1, WORLD_WINDOW + 1);
	world_send_mail(c, 2, "confirm");
	send_mark(c, 1, WORLD_WINDOW + 1);
	world_recall_mail(c, 2);
	send_mark(c, 2, WORLD_WINDOW + 2);
	change_server();
	world_wait(c, 4, WORLD_WINDOW + 4);
	world_check(c->results[3], 2, OUTCOME(UNTRIED));
}

/* All but the one to try with come back when it is there, and no more. */
static void
body_credits(struct child *c)
{
	world_connect(c);
	for (uint64_t i = 1; i <= MAILS; i++)
		world_send_mail(c, i, "confirm");
	world_wait(c, MAILS, WORLD_WINDOW);
	change_server();
	world_wait(c, MAILS, WORLD_WINDOW + 1);
	world_send_mail(c, 1, "confirm");
	world_wait(c, MAILS + 1, WORLD_WINDOW + MAILS + 1);
	world_check(c->results[MAILS], 1, OUTCOME(SENT));
	send_mark(c, MAILS + 1, WORLD_WINDOW + MAILS + 1);
}

/* What an engine that is gone had given isn't given to the next one. */
static void
body_credits_of_another(struct child *c)
{
	world_connect(c);
	for (uint64_t i = 1; i <= MAILS; i++)
		world_send_mail(c, i, "confirm");
	world_wait(c, MAILS, WORLD_WINDOW);
	world_connect(c);
	world_send_mail(c, 1, "confirm");
	world_wait(c, 1, WORLD_WINDOW);
	world_check(c->results[0], 1, OUTCOME(UNTRIED));
	change_server();
	world_wait(c, 1, WORLD_WINDOW + 1);
	world_send_mail(c, 1, "confirm");
	world_wait(c, 2, WORLD_WINDOW + 2);
	world_check(c->results[1], 1, OUTCOME(SENT));
}

static void
judge(const char *what, const char *file, int line)
{
	print_error("%s\n", what);
	_fail(file, line);
}

static void
run(void (*body)(struct child *), const struct fake_script *script,
    bool asks_dns)
{
	server = fake_smtp_start(script, 0);
	world_run(body, &server, asks_dns, judge);
	fake_smtp_stop(&server);
}

static void
what_waits_for_a_session_is_given_back(void **state)
{
	static const struct fake_script silent = { .greeting = "" };

	(void)state;
	run(body_queue, &silent, false);
}

static void
what_waits_for_the_dns_is_given_back(void **state)
{
	(void)state;
	run(body_domain, &good, true);
}

static void
what_nobody_takes_back_is_not_sent(void **state)
{
	(void)state;
	run(body_domain_without_engine, &good, true);
}

static void
what_a_session_did_not_get_to_is_given_back(void **state)
{
	struct fake_script one = good;

	(void)state;
	one.mails = 1;
	run(body_lost_session, &one, false);
}

static void
credits_are_held_until_the_server_is_there(void **state)
{
	static const struct fake_script rude = { .greeting = NULL };

	(void)state;
	run(body_credits, &rude, false);
}

static void
credits_that_are_held_end_with_their_engine(void **state)
{
	static const struct fake_script rude = { .greeting = NULL };

	(void)state;
	run(body_credits_of_another, &rude, false);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_for_a_session_is_given_back),
		cmocka_unit_test(what_waits_for_the_dns_is_given_back),
		cmocka_unit_test(what_nobody_takes_back_is_not_sent),
		cmocka_unit_test(what_a_session_did_not_get_to_is_given_back),
		cmocka_unit_test(credits_are_held_until_the_server_is_there),
		cmocka_unit_test(credits_that_are_held_end_with_their_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
