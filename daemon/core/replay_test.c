/* SPDX-License-Identifier: ISC */
/*
 * Good once: also when memory is full, and after a new start.
 */
#include "core/replay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

#define START INT64_C(1800000000)
enum { LIFE = 900 };

static uint64_t
mixed(uint64_t n)
{
	n = (n ^ n >> 31) * UINT64_C(0x7fb5d329728ea185);
	return n ^ n >> 29;
}

static struct replay_proof
proof_of(uint64_t n, int64_t made_at)
{
	return (struct replay_proof){ mixed(n + 1), made_at, made_at + LIFE };
}

static bool
take(struct replay *r, uint64_t n, int64_t made_at, int64_t now)
{
	struct replay_proof proof = proof_of(n, made_at);

	return replay_take(r, &proof, now);
}

static void
test_good_once(void **state)
{
	struct replay *r = replay_new(100, START);

	(void)state;
	for (uint64_t n = 0; n < 100; n++)
		assert_true(take(r, n, START + 1, START + 10));
	for (int64_t age = 10; age <= LIFE; age += 10) {
		for (uint64_t n = 0; n < 100; n++)
			assert_false(take(r, n, START + 1, START + age));
	}
	replay_free(r);
}

static void
test_none_from_before(void **state)
{
	struct replay *r = replay_new(100, START);

	(void)state;
	assert_false(take(r, 1, START - LIFE, START + 1));
	assert_false(take(r, 2, START, START + 1));
	assert_true(take(r, 3, START + 1, START + 2));
	replay_free(r);
}

/*
 * A thousand times as many as there is room for, each tried again until it
 * expires: none is taken twice, and one just made is always taken.
 */
static void
test_full(void **state)
{
	enum { ROOM = 64, ALL = 64000, RATE = 7 };
	struct replay *r = replay_new(ROOM, START);
	uint8_t *taken = mem_new(ALL, 1);

	(void)state;
	for (uint64_t n = 0; n < ALL; n++) {
		int64_t now = START + 1 + (int64_t)(n / RATE);
		uint64_t back = mixed(n) % (n < 500 ? n + 1 : 500);

		taken[n] += take(r, n, now, now);
		assert_int_equal(taken[n], 1);
		taken[n - back] += take(r, n - back,
		    START + 1 + (int64_t)((n - back) / RATE), now);
		assert_int_equal(taken[n - back], 1);
	}
	free(taken);
	replay_free(r);
}

/* What is forgotten because it has expired makes nobody else's too old. */
static void
test_expired_makes_room(void **state)
{
	struct replay *r = replay_new(2, START);

	(void)state;
	assert_true(take(r, 1, START + 1, START + 2));
	assert_true(take(r, 2, START + 1, START + 2));
	assert_true(take(r, 3, START + 1, START + 1 + LIFE + 1));
	assert_true(take(r, 4, START + 1, START + 1 + LIFE + 1));
	assert_false(take(r, 3, START + 1, START + 1 + LIFE + 1));
	replay_free(r);
}

static void
test_clock_put_back(void **state)
{
	struct replay *r = replay_new(2, START);

	(void)state;
	assert_false(take(r, 1, START - 3600, START - 3600));
	assert_true(take(r, 1, START - 3599, START - 3599));
	assert_false(take(r, 1, START - 3599, START - 3599));
	replay_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_once),
		cmocka_unit_test(test_none_from_before),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_expired_makes_room),
		cmocka_unit_test(test_clock_put_back),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
