/* SPDX-License-Identifier: ISC */
/*
 * Tokens: what goes in comes out, and nothing else does.
 */
#include "core/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/clock.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define KEYED(test) cmocka_unit_test_setup_teardown(test, make_keys, free_keys)

static void
add_key(struct token_keys *keys, uint8_t id, uint8_t fill)
{
	uint8_t key[CRYPTO_SIV_KEY_SIZE];

	memset(key, fill, sizeof(key));
	token_keys_add(keys, id, key);
}

/* Two keys, for each test. */
static int
make_keys(void **state)
{
	static struct token_keys keys;

	add_key(&keys, 9, 0x11);
	add_key(&keys, 3, 0x44);
	*state = &keys;
	return 0;
}

static int
free_keys(void **state)
{
	token_keys_fini(*state);
	return 0;
}

static const struct token samples[] = {
	{ .kind = TOKEN_CONFIRM, .id = 1, .expiry = 498000 },
	{ .kind = TOKEN_CONFIRM, .id = TOKEN_ID_MAX,
	    .expiry = TOKEN_EXPIRY_MAX },
	{ .kind = TOKEN_UNSUBSCRIBE, .id = 77, .list = 65535,
	    .generation = 255 },
	{ .kind = TOKEN_UNSUBSCRIBE, .id = 77, .list = 1, .generation = 0 },
	{ .kind = TOKEN_NOTME, .id = 123456789, .expiry = 500001 },
	{ .kind = TOKEN_WITHDRAW, .id = 1, .expiry = 498000 },
	{ .kind = TOKEN_MANAGE, .id = 0, .expiry = 0 },
	{ .kind = TOKEN_MANAGE, .id = 7, .expiry = 5985013 },
	{ .kind = TOKEN_GOODBYE, .id = 1, .list = 2, .generation = 3 },
};

static bool
token_eq(const struct token *a, const struct token *b)
{
	return a->kind == b->kind && a->id == b->id &&
	    a->expiry == b->expiry && a->list == b->list &&
	    a->generation == b->generation;
}

static void
test_round_trip(void **state)
{
	const struct token_keys *keys = *state;

	for (size_t i = 0; i < COUNT(samples); i++) {
		char text[TOKEN_TEXT_SIZE];
		struct token token;

		token_make(keys, &samples[i], text);
		assert_int_equal(strlen(text), TOKEN_TEXT_LEN);
		assert_true(token_is_wellformed(slice_str(text)));
		assert_int_equal(token_open(keys, slice_str(text), &token),
		    0);
		assert_true(token_eq(&token, &samples[i]));
	}
}

/* Every single bit of the 25 bytes, in every sample. */
static void
test_flipped_bits(void **state)
{
	const struct token_keys *keys = *state;

	for (size_t i = 0; i < COUNT(samples) * TOKEN_SIZE * 8; i++) {
		char text[TOKEN_TEXT_SIZE];
		uint8_t bytes[TOKEN_SIZE];
		struct buf mutant = { 0 };
		struct token token;
		size_t bit = i % (TOKEN_SIZE * 8);

		token_make(keys, &samples[i / (TOKEN_SIZE * 8)], text);
		assert_int_equal(bytes_from_base64url(slice_str(text), bytes,
		    sizeof(bytes)), 0);
		bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
		bytes_add_base64url(&mutant, bytes, sizeof(bytes));
		assert_int_equal(token_open(keys, buf_slice(&mutant),
		    &token), -1);
		buf_fini(&mutant);
	}
}

/* Every character at every place, those outside the alphabet too. */
static void
test_changed_characters(void **state)
{
	const struct token_keys *keys = *state;
	char good[TOKEN_TEXT_SIZE];

	token_make(keys, &samples[0], good);
	for (size_t at = 0; at < TOKEN_TEXT_LEN; at++) {
		for (int c = 0; c < 256; c++) {
			char text[TOKEN_TEXT_SIZE];
			struct token token;

			memcpy(text, good, sizeof(text));
			if (text[at] == (char)c)
				continue;
			text[at] = (char)c;
			assert_int_equal(token_open(keys,
			    slice_of(text, TOKEN_TEXT_LEN), &token), -1);
		}
	}
}

static void
test_lengths(void **state)
{
	const struct token_keys *keys = *state;
	char good[TOKEN_TEXT_SIZE];
	char text[2 * TOKEN_TEXT_SIZE];
	struct token token;

	token_make(keys, &samples[0], good);
	for (size_t len = 0; len < sizeof(text); len++) {
		memset(text, 'A', sizeof(text));
		memcpy(text, good, TOKEN_TEXT_LEN);
		assert_int_equal(token_is_wellformed(slice_of(text, len)),
		    len == TOKEN_TEXT_LEN);
		assert_int_equal(token_open(keys, slice_of(text, len),
		    &token), len == TOKEN_TEXT_LEN ? 0 : -1);
	}
	assert_false(token_is_wellformed(slice_str(NULL)));
}

/* A kind's bytes under another kind's name. */
static void
test_kinds_do_not_cross(void **state)
{
	const struct token_keys *keys = *state;

	for (size_t i = 0; i < COUNT(samples); i++) {
		for (unsigned kind = 0; kind < 16; kind++) {
			char text[TOKEN_TEXT_SIZE];
			uint8_t bytes[TOKEN_SIZE];
			struct buf other = { 0 };
			struct token token;

			if (kind == (unsigned)samples[i].kind)
				continue;
			token_make(keys, &samples[i], text);
			assert_int_equal(bytes_from_base64url(slice_str(text),
			    bytes, sizeof(bytes)), 0);
			bytes[0] = (uint8_t)(kind << 4 | (bytes[0] & 15));
			bytes_add_base64url(&other, bytes, sizeof(bytes));
			assert_int_equal(token_is_wellformed(
			    buf_slice(&other)), kind >= TOKEN_CONFIRM &&
			    kind < TOKEN_KIND_END);
			assert_int_equal(token_open(keys, buf_slice(&other),
			    &token), -1);
			buf_fini(&other);
		}
	}
}

static void
test_keys(void **state)
{
	const struct token_keys *old = *state;
	struct token_keys rotated = { 0 }, wrong = { 0 }, none = { 0 };
	char text[TOKEN_TEXT_SIZE];
	struct token token;

	token_make(old, &samples[0], text);
	add_key(&rotated, 10, 0x22);
	assert_int_equal(token_open(&rotated, slice_str(text), &token), -1);
	add_key(&rotated, 9, 0x11);
	assert_int_equal(token_open(&rotated, slice_str(text), &token), 0);
	add_key(&wrong, 9, 0x12);
	assert_int_equal(token_open(&wrong, slice_str(text), &token), -1);
	assert_int_equal(token_open(&none, slice_str(text), &token), -1);
	token_keys_fini(&rotated);
	token_keys_fini(&wrong);
	assert_int_equal(wrong.count, 0);
}

static void
test_expiry(void **state)
{
	static const struct {
		enum token_kind kind;
		int64_t now_s;
		uint64_t seconds;
		uint32_t expiry;
	} cases[] = {
		{ TOKEN_CONFIRM, 0, 0, 0 }, { TOKEN_CONFIRM, 0, 1, 1 },
		{ TOKEN_CONFIRM, 3600, 3600, 2 },
		{ TOKEN_CONFIRM, 1, 3600, 2 },
		{ TOKEN_NOTME, 1795500000, 259200, 498822 },
		{ TOKEN_WITHDRAW, -5, 3600, 1 },
		{ TOKEN_CONFIRM, 0, UINT64_MAX, TOKEN_EXPIRY_MAX },
		{ TOKEN_MANAGE, 0, 3600, 12 }, { TOKEN_MANAGE, 299, 1, 1 },
		{ TOKEN_MANAGE, 300, 3600, 13 },
		{ TOKEN_MANAGE, 1795500001, 3600, 5985013 },
		{ TOKEN_MANAGE, 0, UINT64_MAX, TOKEN_EXPIRY_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(token_expiry(cases[i].kind,
		    cases[i].now_s * CLOCK_SECOND, cases[i].seconds),
		    cases[i].expiry);
}

static void
test_expired(void **state)
{
	static const struct {
		enum token_kind kind;
		int64_t end;
	} cases[] = {
		{ TOKEN_CONFIRM, 7200 * CLOCK_SECOND },
		{ TOKEN_MANAGE, 600 * CLOCK_SECOND },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct token token = { .kind = cases[i].kind, .expiry = 2 };

		assert_false(token_is_expired(&token, cases[i].end - 1));
		assert_true(token_is_expired(&token, cases[i].end));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		KEYED(test_round_trip),
		KEYED(test_flipped_bits),
		KEYED(test_changed_characters),
		KEYED(test_lengths),
		KEYED(test_kinds_do_not_cross),
		KEYED(test_keys),
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_expired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
