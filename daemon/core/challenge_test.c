/* SPDX-License-Identifier: ISC */
/*
 * Challenges: as other implementations write, sign and solve them, and good
 * for nothing else than what they were made for.
 */
#include "core/challenge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/crypto.h"

#define NOW INT64_C(1790000000)

static const struct slice key = SLICE("0123456789abcdef0123456789abcdef");

static void
make(unsigned level, struct challenge *ret_challenge)
{
	struct challenge_seed seed = { .list = "weekly", .level = level,
		.now = NOW };

	for (size_t i = 0; i < sizeof(seed.random); i++)
		seed.random[i] = (uint8_t)(i * 7 + 1);
	challenge_make(key, &seed, ret_challenge);
}

/* As a client does it. */
static uint32_t
solve(const struct challenge *c, uint8_t ret_key[CHALLENGE_KEY_SIZE])
{
	uint8_t data[2 * CHALLENGE_NONCE_SIZE + 4];

	memcpy(data, c->salt, CHALLENGE_NONCE_SIZE);
	memcpy(data + CHALLENGE_NONCE_SIZE, c->nonce, CHALLENGE_NONCE_SIZE);
	for (uint32_t i = 0; i < challenge_range(c->level); i++) {
		bytes_put_be(data + 2 * CHALLENGE_NONCE_SIZE, 4, i);
		crypto_hash(slice_of(data, sizeof(data)), ret_key);
		if (memcmp(ret_key, c->prefix, sizeof(c->prefix)) == 0)
			return i;
	}
	fail_msg("no counter below %u solves it", challenge_range(c->level));
	return 0;
}

/* Golden: altcha-lib 2.8.0 finds this well signed, and solved by it. */
static void
test_golden(void **state)
{
	static const char golden[] =
	    "{\"parameters\":{\"algorithm\":\"SHA-256\",\"cost\":1,"
	    "\"data\":{\"level\":1,\"list\":\"weekly\"},"
	    "\"expiresAt\":1790000900,\"keyLength\":32,"
	    "\"keyPrefix\":\"8423bbcacf91302f8e5c9572359e8f2d\","
	    "\"keySignature\":\"5dfdeb2baefc1fc50d0c27ef962eaa889c8b6fd"
	    "46a83a99cebd585ee5474d3d2\","
	    "\"nonce\":\"01080f161d242b323940474e555c636a\","
	    "\"salt\":\"71787f868d949ba2a9b0b7bec5ccd3da\"},"
	    "\"signature\":\"ab010a7f9f3975f786062e2867bc798f8bbcb00fae"
	    "aed21abbb4aad8de629f64\"}";
	struct buf text = { 0 };
	struct challenge c;

	(void)state;
	make(1, &c);
	challenge_write(&c, &text);
	assert_string_equal(buf_str(&text), golden);
	buf_fini(&text);
}

static void
test_solved(void **state)
{
	(void)state;
	for (unsigned level = 0; level < CHALLENGE_LEVELS; level++) {
		uint8_t found[CHALLENGE_KEY_SIZE];
		struct challenge c;

		make(level, &c);
		solve(&c, found);
		assert_int_equal(challenge_check(key, &c, found, "weekly",
		    level, NOW), CHALLENGE_OK);
		assert_int_equal(challenge_check(key, &c, found, "weekly", 0,
		    NOW + CHALLENGE_SECONDS), CHALLENGE_OK);
	}
}

/* Whatever is another one in what came back, it was not ours. */
static void
test_forged(void **state)
{
	uint8_t found[CHALLENGE_KEY_SIZE], *byte;
	struct challenge c;

	(void)state;
	make(0, &c);
	solve(&c, found);
	byte = c.nonce;
	for (size_t i = 0; i < sizeof(c) - offsetof(struct challenge, nonce);
	    i++) {
		byte[i] ^= 0x20;
		assert_int_equal(challenge_check(key, &c, found, "weekly", 0,
		    NOW), CHALLENGE_FORGED);
		byte[i] ^= 0x20;
	}
	c.expires_at++;
	assert_int_equal(challenge_check(key, &c, found, "weekly", 0, NOW),
	    CHALLENGE_FORGED);
	c.expires_at--;
	c.level++;
	assert_int_equal(challenge_check(key, &c, found, "weekly", 0, NOW),
	    CHALLENGE_FORGED);
	c.level--;
	c.list = slice_str("daily");
	assert_int_equal(challenge_check(key, &c, found, "daily", 0, NOW),
	    CHALLENGE_FORGED);
	c.list = slice_str("weekly");
	assert_int_equal(challenge_check(slice_str("other"), &c, found,
	    "weekly", 0, NOW), CHALLENGE_FORGED);
	assert_int_equal(challenge_check(key, &c, found, "weekly", 0, NOW),
	    CHALLENGE_OK);
}

static void
test_of_no_use(void **state)
{
	uint8_t found[CHALLENGE_KEY_SIZE];
	struct challenge c;

	(void)state;
	make(1, &c);
	solve(&c, found);
	assert_int_equal(challenge_check(key, &c, found, "weekly", 0,
	    NOW + CHALLENGE_SECONDS + 1), CHALLENGE_EXPIRED);
	assert_int_equal(challenge_check(key, &c, found, "daily", 0, NOW),
	    CHALLENGE_OTHER_LIST);
	assert_int_equal(challenge_check(key, &c, found, "weekly", 2, NOW),
	    CHALLENGE_TOO_EASY);
}

/* The half of the hash that everybody is given is not the hash. */
static void
test_no_work(void **state)
{
	uint8_t found[CHALLENGE_KEY_SIZE] = { 0 };
	struct challenge c;

	(void)state;
	make(0, &c);
	assert_int_equal(challenge_check(key, &c, found, "weekly", 0, NOW),
	    CHALLENGE_UNSOLVED);
	memcpy(found, c.prefix, sizeof(c.prefix));
	assert_int_equal(challenge_check(key, &c, found, "weekly", 0, NOW),
	    CHALLENGE_UNSOLVED);
	solve(&c, found);
	for (size_t i = 0; i < sizeof(found); i++) {
		found[i] ^= 1;
		assert_int_equal(challenge_check(key, &c, found, "weekly", 0,
		    NOW), CHALLENGE_UNSOLVED);
		found[i] ^= 1;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_solved),
		cmocka_unit_test(test_forged),
		cmocka_unit_test(test_of_no_use),
		cmocka_unit_test(test_no_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
