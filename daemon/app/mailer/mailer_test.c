/* SPDX-License-Identifier: ISC */
/*
 * The mailer as the engine sees it: credits, results, a new engine in place
 * of a dead one, stopping.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/child.h"
#include "app/mailer/fake_smtp.h"
#include "app/mailer/mailer_world.h"
#include "base/clock.h"
#include "io/ipc.h"

enum { PATIENCE_MS = 60000 };

static void
judge(const char *what, const char *file, int line)
{
	print_error("%s\n", what);
	_fail(file, line);
}

static void
body_results(struct child *c)
{
	world_connect(c);
	world_wait(c, 0, WORLD_WINDOW);
	world_send_mail(c, 1, "confirm");
	world_send_mail(c, 2, "nonsense");
	world_send_mail(c, 3, "welcome");
	world_wait(c, 3, WORLD_WINDOW + 3);
	world_check(c->results[0], 2, MESSAGE__MAIL_RESULT__OUTCOME__OURS);
	world_check(c->results[1], 1, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	world_check(c->results[2], 3, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	assert_int_equal(world_take_files(c), 2);
}

static void
body_new_engine(struct child *c)
{
	world_connect(c);
	world_send_mail(c, 4, "confirm");
	world_wait(c, 1, WORLD_WINDOW + 1);
	assert_int_equal(world_take_files(c), 1);
	world_connect(c);
	world_wait(c, 0, WORLD_WINDOW);
	world_send_mail(c, 4, "confirm");
	world_send_mail(c, 5, "confirm");
	world_wait(c, 2, WORLD_WINDOW + 2);
	world_check(c->results[0], 4, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	world_check(c->results[1], 5, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	assert_int_equal(world_take_files(c), 1);
}

/* A mail that is on its way all the while takes one place, no more. */
static void
body_many_engines(struct child *c)
{
	for (uint32_t busy = 0, i = 0; i < 5; i++, busy = 1) {
		world_connect(c);
		world_wait(c, 0, WORLD_WINDOW - busy);
		world_send_mail(c, 8, "confirm");
		/* Its result tells that the one before was read. */
		world_send_mail(c, 9, "nonsense");
		world_wait(c, 1, WORLD_WINDOW - busy + 1);
	}
	world_wait(c, 2, WORLD_WINDOW + 2);
	world_check(c->results[1], 8, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
}

/* While the server is away, nothing more is asked for. */
static void
body_away(struct child *c)
{
	world_connect(c);
	world_wait(c, 0, WORLD_WINDOW);
	for (uint64_t i = 20; i < 25; i++)
		world_send_mail(c, i, "confirm");
	world_wait(c, 5, WORLD_WINDOW);
	for (unsigned i = 0; i < 5; i++) {
		world_check(c->results[i], 20 + i,
		    MESSAGE__MAIL_RESULT__OUTCOME__UNTRIED);
		/* Only the one that was tried has something to tell. */
		assert_int_equal(c->results[i]->reply[0] == '\0', i > 0);
	}
	/* Then for one, to try; another engine starts anew. */
	world_wait(c, 5, WORLD_WINDOW + 1);
	world_connect(c);
	world_wait(c, 0, WORLD_WINDOW);
}

static void
body_removed_maildir(struct child *c)
{
	world_connect(c);
	world_send_mail(c, 10, "confirm");
	world_wait(c, 1, WORLD_WINDOW + 1);
	assert_int_equal(world_take_files(c), 1);
	world_remove_maildir(c);
	world_send_mail(c, 11, "confirm");
	world_wait(c, 2, WORLD_WINDOW + 2);
	world_check(c->results[1], 11, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	assert_int_equal(world_take_files(c), 1);
}

static void
body_stop(struct child *c)
{
	int64_t end = clock_monotonic_ms() + PATIENCE_MS;

	world_connect(c);
	world_wait(c, 0, WORLD_WINDOW);
	c->callbacks->on_stop(c, c->arg);
	world_send_mail(c, 6, "confirm");
	while (!c->over && clock_monotonic_ms() < end)
		world_turn(c);
	assert_true(c->over);
	assert_int_equal(c->result_count, 0);
	assert_int_equal(world_take_files(c), 0);
}

static void
body_nonsense(struct child *c)
{
	world_connect(c);
	world_wait(c, 0, WORLD_WINDOW);
	assert_int_equal(ipc_send(c->engine, slice_str("\xff\xff")), 0);
	assert_int_equal(ipc_send(c->engine, slice_str("")), 0);
	world_send_mail(c, 7, "already");
	world_wait(c, 1, WORLD_WINDOW + 1);
	assert_int_equal(world_take_files(c), 1);
}

static void
each_mail_gets_its_result_and_a_credit(void **state)
{
	(void)state;
	world_run(body_results, NULL, false, judge);
}

static void
what_was_sent_is_not_sent_for_a_new_engine(void **state)
{
	(void)state;
	world_run(body_new_engine, NULL, false, judge);
}

static void
a_slow_mail_takes_one_credit_of_each_engine(void **state)
{
	static const struct fake_script silent = { .greeting = "220 f\r\n",
		.ehlo = "250 f\r\n", .mail = "" };
	struct fake_smtp server = fake_smtp_start(&silent, 0);

	(void)state;
	world_run(body_many_engines, &server, false, judge);
	fake_smtp_stop(&server);
}

static void
a_server_that_is_away_is_asked_for_one_mail(void **state)
{
	static const struct fake_script script = { .greeting = NULL };
	struct fake_smtp server = fake_smtp_start(&script, 0);

	(void)state;
	world_run(body_away, &server, false, judge);
	fake_smtp_stop(&server);
}

static void
a_maildir_that_was_removed_is_made_anew(void **state)
{
	(void)state;
	world_run(body_removed_maildir, NULL, false, judge);
}

static void
a_mailer_that_stops_takes_nothing(void **state)
{
	(void)state;
	world_run(body_stop, NULL, false, judge);
}

static void
nonsense_does_no_harm(void **state)
{
	(void)state;
	world_run(body_nonsense, NULL, false, judge);
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

	return cmocka_run_group_tests(tests, NULL, NULL);
}
