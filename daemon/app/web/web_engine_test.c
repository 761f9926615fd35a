/* SPDX-License-Identifier: ISC */
/*
 * An engine that is slow, wrong or gone, as seen by clients: link with --wrap
 * of clock_monotonic_ms.
 */
#include "app/web/web_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/web/web_engine.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/log.h"
#include "io/ipc.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

/* How far the test's clock is ahead (linked with --wrap). */
static int64_t ahead_ms;

int64_t __real_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void);

int64_t
__wrap_clock_monotonic_ms(void)
{
	return __real_clock_monotonic_ms() + ahead_ms;
}

static void
test_an_engine_that_hangs(void **state)
{
	struct web_world *w = *state;
	char *answer;
	int fd;

	w->silent = true;
	fd = world_say(w, "POST", "/subscribe", FORM JSON,
	    "email=jo%40example.com");
	world_await(w, 1);
	ahead_ms = 21000;
	answer = world_hear(w, fd);
	ahead_ms = 0;
	world_expect(w, answer, 503, "\"unavailable\"");
	free(answer);
	w->silent = false;
	answer = world_request(w, "POST", "/subscribe", FORM JSON,
	    "email=jo%40example.com");
	world_expect(w, answer, 202, "pending");
	free(answer);
}

static void
test_credits(void **state)
{
	struct web_world *w = *state;
	int fd[WEB_ENGINE_CREDITS];
	char *answer;

	w->silent = true;
	for (size_t i = 0; i < COUNT(fd); i++)
		fd[i] = world_say(w, "POST", "/subscribe", FORM JSON,
		    "email=jo%40example.com");
	world_await(w, COUNT(fd));
	answer = world_request(w, "POST", "/subscribe", FORM JSON,
	    "email=jo%40example.com");
	world_expect(w, answer, 503, "Retry-After: ");
	free(answer);
	assert_int_equal(w->questions, COUNT(fd));
	/* It dies: whoever waits is told, and the next one gets a new one. */
	ipc_free(w->engine);
	w->engine = NULL;
	for (size_t i = 0; i < COUNT(fd); i++) {
		answer = world_hear(w, fd[i]);
		world_expect(w, answer, 503, "\"unavailable\"");
		free(answer);
	}
	answer = world_request(w, "GET", "/readyz", "", NULL);
	world_expect(w, answer, 503, "not ready");
	free(answer);
	answer = world_request(w, "GET", "/healthz", "", NULL);
	world_expect(w, answer, 200, "ok");
	free(answer);
	w->silent = false;
	world_connect_engine(w);
	answer = world_request(w, "POST", "/subscribe", FORM JSON,
	    "email=jo%40example.com");
	world_expect(w, answer, 202, "pending");
	free(answer);
}

static void
test_wrong_answers(void **state)
{
	struct web_world *w = *state;
	Message__Envelope reply = MESSAGE__ENVELOPE__INIT;
	Message__Pong pong = MESSAGE__PONG__INIT;
	char *answer;
	int fd;

	w->silent = true;
	fd = world_say(w, "POST", "/subscribe", FORM JSON,
	    "email=jo%40example.com");
	world_await(w, 1);
	reply.body_case = MESSAGE__ENVELOPE__BODY_PONG;
	reply.pong = &pong;
	/* Of a question that nobody asked: as if it had never come. */
	reply.serial = w->asked->serial + WEB_ENGINE_CREDITS;
	assert_int_equal(wire_send(w->engine, &reply), 0);
	reply.serial = 0;
	assert_int_equal(wire_send(w->engine, &reply), 0);
	assert_int_equal(ipc_send(w->engine, slice_str("nonsense")), 0);
	/* Of another kind than was asked for. */
	reply.serial = w->asked->serial;
	assert_int_equal(wire_send(w->engine, &reply), 0);
	answer = world_hear(w, fd);
	world_expect(w, answer, 503, "\"unavailable\"");
	free(answer);
	/* Again, when the question is over. */
	assert_int_equal(wire_send(w->engine, &reply), 0);
	pong.ready = true;
	fd = world_say(w, "GET", "/readyz", "", NULL);
	world_await(w, 2);
	reply.serial = w->asked->serial;
	assert_int_equal(wire_send(w->engine, &reply), 0);
	answer = world_hear(w, fd);
	world_expect(w, answer, 200, "ok");
	free(answer);
}

#define WORLD(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		WORLD(test_an_engine_that_hangs),
		WORLD(test_credits),
		WORLD(test_wrong_answers),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("web_engine", tests, NULL, NULL);
}
