/* SPDX-License-Identifier: ISC */
/*
 * Clocks that are wrong, or seem to be: what was asked for is neither lost by
 * them nor hangs.
 */
#include "app/engine/engine_world_admin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>
#include <signal.h>

#include "app/engine/engine.h"
#include "app/engine/store.h"
#include "app/engine/wall.h"
#include "base/clock.h"
#include "base/log.h"

#define HOUR (3600 * CLOCK_SECOND)
#define YEAR (365 * DAY)
/* 2038-01-19T03:14:07Z, the last second of a 32-bit time_t. */
#define LAST_32 (INT64_C(2147483647) * CLOCK_SECOND)
/* 2027-03-28T00:59:59Z and 2027-10-31T00:59:59Z: a second later the clocks
 * of Berlin go an hour forth, and back. */
#define SUMMER_BEGINS (INT64_C(1806195599) * CLOCK_SECOND)
#define SUMMER_ENDS (INT64_C(1824944399) * CLOCK_SECOND)

static const char pending[] = "daily=pending | subscribe mailed";

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static struct world_mail
ask(struct child *c, const char *address)
{
	world_subscribe(c, address, "daily", false);
	return world_take_mail(c, "confirm");
}

static Message__Visited__Outcome
notme(struct child *c, const char *token, bool back)
{
	return world_visit(c, (struct world_visit){ back ?
	    MESSAGE__VISIT__ACTION__NOTME_UNDO :
	    MESSAGE__VISIT__ACTION__NOTME, token, NULL, true, false
	    })->outcome;
}

/* Somebody asks, and confirms after the clock has shown something else. */
static void
confirm_after(struct child *c, int64_t jump)
{
	struct world_mail mail = ask(c, "jo@example.org");

	world_jump(jump);
	world_settle_due(c);
	assert_string_equal(world_show(c, "jo@example.org"), pending);
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=confirmed | subscribe mailed confirm");
}

/* And there is an end to waiting, three days after the mail. */
static void
expire_after(struct child *c, int64_t passes)
{
	struct engine *e = c->arg;

	ask(c, "mo@example.org");
	world_pass(3 * DAY - CLOCK_SECOND);
	world_settle_due(c);
	assert_string_equal(world_show(c, "mo@example.org"), pending);
	world_pass(CLOCK_SECOND + passes);
	world_settle_due(c);
	assert_int_equal(steady_jump(&e->steady), 0);
	assert_false(world_ask_show(c, "mo@example.org")->found);
}

#define SMALL_JUMP(name, jump)						\
static void								\
name(struct child *c)							\
{									\
	confirm_after(c, jump);						\
	expire_after(c, 0);						\
}

SMALL_JUMP(hour_ahead, HOUR)
SMALL_JUMP(hour_back, -HOUR)
SMALL_JUMP(day_ahead, DAY)
SMALL_JUMP(day_back, -DAY)

/* Everything that lasts for a time: a request, a not-me, a sealed proof, who
 * has left. */
static void
prepare(struct child *c)
{
	struct world_mail mail;

	ask(c, "jo@example.org");
	mail = ask(c, "no@example.org");
	assert_int_equal(notme(c, mail.notme, false), DONE);
	mail = ask(c, "gone@example.org");
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	world_erase(c, "gone@example.org", false, false);
	mail = ask(c, "left@example.org");
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	assert_int_equal(notme(c, mail.notme, false), DONE);
}

static bool
holds(struct child *c)
{
	struct engine *e = c->arg;

	world_settle_due(c);
	return store_count(e->store, STORE_REQUEST) == 3 &&
	    store_count(e->store, STORE_CONTACT) == 1 &&
	    store_count(e->store, STORE_SUPPRESSION) == 1 &&
	    store_count(e->store, STORE_PROOF) == 1;
}

static bool
is_over(struct child *c)
{
	struct engine *e = c->arg;

	world_settle_due(c);
	return store_count(e->store, STORE_REQUEST) == 0 &&
	    store_count(e->store, STORE_CONTACT) == 0 &&
	    store_count(e->store, STORE_SUPPRESSION) == 0 &&
	    store_count(e->store, STORE_PROOF) == 0;
}

static void
years_ahead(struct child *c)
{
	prepare(c);
	assert_true(holds(c));
	world_jump(10 * YEAR);
	assert_true(holds(c));
	world_pass(DAY - CLOCK_SECOND);
	assert_true(holds(c));
	assert_int_equal(world_subscribe(c, "no@example.org", "daily", false),
	    ACCEPTED);
	assert_null(world_next_mail(c));
	world_pass(CLOCK_SECOND);
	assert_true(is_over(c));
	confirm_after(c, 0);
}

/* All is as if it had never been away. */
static void
years_ahead_and_back(struct child *c)
{
	prepare(c);
	world_jump(10 * YEAR);
	assert_true(holds(c));
	world_pass(DAY / 2);
	assert_true(holds(c));
	world_jump(-10 * YEAR);
	assert_true(holds(c));
	world_pass(DAY / 2);
	assert_string_equal(world_show(c, "jo@example.org"), pending);
	expire_after(c, 0);
}

/* What was to be tried in ten minutes isn't tried in ten years. */
static void
years_back(struct child *c)
{
	const Message__Mail *mail;

	world_subscribe(c, "jo@example.org", "daily", false);
	mail = world_next_mail(c);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	assert_null(world_next_mail(c));
	world_jump(-10 * YEAR);
	mail = world_next_mail(c);
	assert_non_null(mail);
	assert_int_equal(mail->attempts, 1);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	expire_after(c, 0);
}

static void
ages_ago(struct child *c)
{
	assert_true(holds(c));
	world_pass(DAY - CLOCK_SECOND);
	assert_true(holds(c));
	world_pass(CLOCK_SECOND);
	assert_true(is_over(c));
}

static void
mail_waits(struct child *c)
{
	world_subscribe(c, "jo@example.org", "daily", false);
	world_tell_result(c, world_next_mail(c),
	    MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
}

static void
mail_is_tried(struct child *c)
{
	const Message__Mail *mail = world_next_mail(c);

	assert_non_null(mail);
	assert_string_equal(mail->address, "jo@example.org");
}

/* Nobody gives up a mail because a clock says that it has waited for days. */
static void
mail_is_not_given_up(struct child *c)
{
	const Message__Mail *mail;

	mail_waits(c);
	world_jump(10 * DAY);
	mail = world_next_mail(c);
	world_tell_result(c, mail, MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	assert_string_equal(world_show(c, "jo@example.org"),
	    "daily=pending | subscribe");
	world_pass(3 * HOUR);
	world_tell_result(c, world_next_mail(c),
	    MESSAGE__MAIL_RESULT__OUTCOME__SENT);
	assert_string_equal(world_show(c, "jo@example.org"), pending);
}

static void
past_2038(struct child *c)
{
	world_pass(LAST_32 - world_now() - HOUR);
	confirm_after(c, 2 * HOUR);
	expire_after(c, 0);
	world_pass(80 * YEAR);
	world_erase(c, "jo@example.org", false, false);
	confirm_after(c, 0);
	expire_after(c, 0);
}

static void
summer_time(struct child *c)
{
	world_pass(SUMMER_BEGINS - world_now() - DAY);
	expire_after(c, 0);
	world_pass(SUMMER_ENDS - world_now() - DAY);
	expire_after(c, 0);
}

/* The same second twice, and then one that is missing. */
static void
leap_second(struct child *c)
{
	struct world_mail mail = ask(c, "jo@example.org");

	world_jump(-CLOCK_SECOND);
	world_pass(CLOCK_SECOND);
	ask(c, "no@example.org");
	world_jump(CLOCK_SECOND);
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	expire_after(c, 0);
}

static void
frozen(struct child *c)
{
	for (int i = 0; i < 20; i++) {
		world_pass(HOUR);
		world_jump(-HOUR);
		world_settle_due(c);
	}
	confirm_after(c, 0);
	/* The queue goes on, if it is looked at. */
	world_subscribe(c, "mo@example.org", "daily", false);
	world_take_mail(c, "confirm");
}

/* Made by a clock that was ahead, and shown to one that isn't any more. */
static void
token_of_later(struct child *c)
{
	struct world_mail mail = ask(c, "jo@example.org");

	world_jump(-2 * HOUR);
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
	mail = ask(c, "mo@example.org");
	world_jump(-2 * DAY);
	assert_int_equal(notme(c, mail.notme, false), DONE);
	assert_int_equal(notme(c, mail.notme, true), DONE);
	assert_int_equal(world_press_confirm(c, mail.confirm), DONE);
}

static void
seen(struct child *c)
{
	struct engine *e = c->arg;

	/* Nothing happens for days: whoever starts next must know that the
	 * clock was right. */
	for (int i = 0; i < 72; i++) {
		world_pass(HOUR + CLOCK_SECOND);
		wall_note(e);
		world_settle(c);
	}
	assert_true(world_now() - e->progress.seen <= HOUR);
}

static void
believes(struct child *c)
{
	const struct engine *e = c->arg;

	assert_int_equal(steady_jump(&e->steady), 0);
}

#define NAMED(name)							\
static void								\
test_##name(void **state)						\
{									\
	assert_int_equal(world_live(*state, name), 0);			\
}

NAMED(hour_ahead)
NAMED(hour_back)
NAMED(day_ahead)
NAMED(day_back)
NAMED(years_ahead)
NAMED(years_ahead_and_back)
NAMED(years_back)
NAMED(mail_is_not_given_up)
NAMED(past_2038)
NAMED(leap_second)
NAMED(frozen)
NAMED(token_of_later)

static void
test_summer_time(void **state)
{
	assert_int_equal(setenv("TZ", "Europe/Berlin", 1), 0);
	tzset();
	assert_int_equal(world_live(*state, summer_time), 0);
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
}

/* It was stopped for years, or the machine's clock starts wrong. */
static void
test_start_ages_later(void **state)
{
	assert_int_equal(world_live(*state, prepare), 0);
	world_pass(10 * YEAR);
	assert_int_equal(world_live(*state, ages_ago), 0);
}

static void
test_start_before_the_end(void **state)
{
	assert_int_equal(world_live(*state, mail_waits), 0);
	world_jump(-10 * YEAR);
	assert_int_equal(world_live(*state, mail_is_tried), 0);
}

static void
test_start_after_idle_days(void **state)
{
	assert_int_equal(world_live(*state, seen), 0);
	world_pass(DAY / 2);
	assert_int_equal(world_live(*state, believes), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_hour_ahead),
		LIFE(test_hour_back),
		LIFE(test_day_ahead),
		LIFE(test_day_back),
		LIFE(test_years_ahead),
		LIFE(test_years_ahead_and_back),
		LIFE(test_years_back),
		LIFE(test_mail_is_not_given_up),
		LIFE(test_past_2038),
		LIFE(test_summer_time),
		LIFE(test_leap_second),
		LIFE(test_frozen),
		LIFE(test_token_of_later),
		LIFE(test_start_ages_later),
		LIFE(test_start_before_the_end),
		LIFE(test_start_after_idle_days),
	};

	signal(SIGPIPE, SIG_IGN);	/* as assentd does */
	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("engine_clock", tests, NULL, NULL);
}
