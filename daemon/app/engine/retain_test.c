/* SPDX-License-Identifier: ISC */
/*
 * What is kept for how long, when nobody orders anything.
 */
#include "app/engine/engine_world_admin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"

#define JO "jo@example.org"

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static bool
is_known(struct child *c)
{
	world_settle_due(c);
	return world_ask_show(c, JO)->found;
}

/* ---- who never confirmed ---- */

static void
wait_long(struct child *c)
{
	c->config.mail.lifetime = 5 * 86400;
	c->lists[WORLD_DAILY].confirm_within = 14 * 86400;
	world_subscribe(c, JO, "daily", false);
}

static void
ends_after_a_fortnight(struct child *c)
{
	world_pass(NOON + 14 * DAY - CLOCK_SECOND - world_now());
	assert_true(is_known(c));
	world_pass(CLOCK_SECOND);
	assert_false(is_known(c));
}

static void
mailed_late(struct child *c)
{
	wait_long(c);
	world_tell_result(c, world_next_mail(c),
	    MESSAGE__MAIL_RESULT__OUTCOME__RETRY);
	world_pass(4 * DAY);
	world_take_mail(c, "confirm");
	ends_after_a_fortnight(c);
}

static void
test_who_was_mailed_late(void **state)
{
	assert_int_equal(world_live(*state, mailed_late), 0);
}

static void
never_mailed(struct child *c)
{
	wait_long(c);
	ends_after_a_fortnight(c);
}

static void
test_who_was_never_mailed(void **state)
{
	assert_int_equal(world_live(*state, never_mailed), 0);
}

#define LIFE(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		LIFE(test_who_was_mailed_late),
		LIFE(test_who_was_never_mailed),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("retain", tests, NULL, NULL);
}
