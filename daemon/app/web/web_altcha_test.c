/* SPDX-License-Identifier: ISC */
/*
 * Payloads of ALTCHA widgets: one that is good, and what becomes of it when
 * something of it is another; a step of the check has a vector each.
 */
#include "app/web/web_altcha.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/web/web_visitor.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/mem.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW INT64_C(1790000000)

static const struct slice key = SLICE("0123456789abcdef0123456789abcdef");

enum { UNREADABLE = -1 };	/* beside enum challenge_state */

static void
make(struct challenge *ret_challenge)
{
	struct challenge_seed seed = { .list = "weekly", .level = 1,
		.now = NOW };

	for (size_t i = 0; i < sizeof(seed.random); i++)
		seed.random[i] = (uint8_t)(i * 5 + 3);
	challenge_make(key, &seed, ret_challenge);
}

/* The JSON of a payload that is good; owned. */
static char *
good_json(void)
{
	struct buf text = { 0 };
	struct challenge c;
	char *payload;
	uint8_t *json;
	size_t len;

	make(&c);
	challenge_write(&c, &text);
	payload = visitor_solve(buf_str(&text));
	buf_fini(&text);
	json = mem_new(strlen(payload), 1);
	assert_int_equal(bytes_from_base64(slice_str(payload), json, &len),
	    0);
	free(payload);
	return (char *)json;
}

/* What that JSON is worth, for "weekly" at level 1. */
static int
worth_at(const char *json, int64_t now, struct web_altcha *ret_altcha)
{
	char *payload = visitor_base64(json);
	int error = web_altcha_read(slice_str(payload), ret_altcha);

	free(payload);
	return error < 0 ? UNREADABLE : (int)challenge_check(key,
	    &ret_altcha->challenge, ret_altcha->key_found, "weekly", 1, now);
}

/* The same text, but for the first place that says `from`; owned. */
static char *
replace(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (at == NULL)
		fail_msg("no %s in %s", from, text);
	return mem_printf("%.*s%s%s", (int)(at - text), text, to,
	    at + strlen(from));
}

static void
test_a_good_one(void **state)
{
	struct web_altcha altcha;
	struct challenge c;
	char *json = good_json();

	(void)state;
	make(&c);
	assert_int_equal(worth_at(json, NOW, &altcha), CHALLENGE_OK);
	assert_memory_equal(altcha.challenge.nonce, c.nonce,
	    sizeof(c.nonce));
	assert_int_equal(altcha.challenge.expires_at, c.expires_at);
	assert_int_equal(worth_at(json, NOW + CHALLENGE_SECONDS + 1,
	    &altcha), CHALLENGE_EXPIRED);
	free(json);
}

/* Where its parts are told apart by their values alone. */
#define CHANGE(from, to, worth) { from, to, (int)(worth) }

static const struct {
	const char *from, *to;
	int worth;
} changes[] = {
	/* No JSON, or not all of it. */
	CHANGE("{\"challenge\":", "{\"challenge\"=", UNREADABLE),
	CHANGE("{\"challenge\":", "[{\"challenge\":", UNREADABLE),
	CHANGE("\"time\":12.3}}", "\"time\":12.3}}{}", UNREADABLE),
	CHANGE("\"time\":12.3}}", "\"time\":12.3}} x", UNREADABLE),
	CHANGE("\"solution\"", "\"answer\"", UNREADABLE),
	CHANGE("\"signature\"", "\"Signature\"", UNREADABLE),
	CHANGE("\"expiresAt\":1790000900,", "", UNREADABLE),
	CHANGE("\"expiresAt\":1790000900", "\"expiresAt\":null", UNREADABLE),
	CHANGE("\"expiresAt\":1790000900", "\"expiresAt\":\"1790000900\"",
	    UNREADABLE),
	CHANGE("\"expiresAt\":1790000900", "\"expiresAt\":1790000900.0",
	    UNREADABLE),
	CHANGE("\"data\":{\"level\":1,\"list\":\"weekly\"},", "", UNREADABLE),
	CHANGE("\"level\":1", "\"level\":3", UNREADABLE),
	CHANGE("\"level\":1", "\"level\":-1", UNREADABLE),
	CHANGE("\"level\":1", "\"level\":\"1\"", UNREADABLE),
	CHANGE("weekly", "weeklyweeklyweeklyweeklyweeklyweekly", UNREADABLE),
	CHANGE("\"list\":\"weekly\"", "\"list\":1", UNREADABLE),
	CHANGE("\"derivedKey\":\"", "\"derivedKey\":\"00", UNREADABLE),
	CHANGE("\"counter\":", "\"counter\":0.5,\"was\":", UNREADABLE),
	/* Members that nobody signed, and such that stand there twice. */
	CHANGE("{\"algorithm\"", "{\"a\":1,\"algorithm\"", UNREADABLE),
	CHANGE("{\"level\"", "{\"a\":1,\"level\"", UNREADABLE),
	CHANGE("\"signature\"", "\"a\":1,\"signature\"", UNREADABLE),
	CHANGE("\"expiresAt\"", "\"expiresAt\":1999999999,\"expiresAt\"",
	    UNREADABLE),
	CHANGE("\"nonce\"", "\"nonce\":\"00\",\"nonce\"", UNREADABLE),
	CHANGE("\"counter\"", "\"counter\":1,\"counter\"", UNREADABLE),
	/* What is beside them may say what it likes. */
	CHANGE("\"time\":12.3", "\"time\":\"soon\",\"workers\":[4]",
	    CHALLENGE_OK),
	CHANGE(",\"time\":12.3", "", CHALLENGE_OK),
	/* In another spelling it is the same. */
	CHANGE("\"cost\":1,", "\n  \"cost\" : 1 ,\t", CHALLENGE_OK),
	CHANGE("weekly", "week\\u006cy", CHALLENGE_OK),
	/* Another puzzle. */
	CHANGE("SHA-256", "SHA-512", UNREADABLE),
	CHANGE("SHA-256", "PBKDF2/SHA-256", UNREADABLE),
	CHANGE("\"cost\":1", "\"cost\":0", UNREADABLE),
	CHANGE("\"cost\":1", "\"cost\":2", UNREADABLE),
	CHANGE("\"keyLength\":32", "\"keyLength\":16", UNREADABLE),
	CHANGE("\"keyPrefix\":\"", "\"keyPrefix\":\"00\",\"x\":\"",
	    UNREADABLE),
	/* Well-formed, and not what we signed. */
	CHANGE("\"expiresAt\":1790000900", "\"expiresAt\":1790009900",
	    CHALLENGE_FORGED),
	CHANGE("\"expiresAt\":1790000900", "\"expiresAt\":0",
	    CHALLENGE_FORGED),
	CHANGE("\"level\":1", "\"level\":2", CHALLENGE_FORGED),
	CHANGE("weekly", "daily", CHALLENGE_FORGED),
	CHANGE("weekly", "weekly\\\"", CHALLENGE_FORGED),
};

static void
test_changes(void **state)
{
	char *json = good_json();

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		char *changed = replace(json, changes[i].from, changes[i].to);
		struct web_altcha altcha;

		if (worth_at(changed, NOW, &altcha) != changes[i].worth)
			fail_msg("%zu: %s", i, changed);
		free(changed);
	}
	free(json);
}

/* A member in another's place: sorted or not, it is the same challenge. */
static void
test_another_order(void **state)
{
	char *json = good_json(), *without, *changed;
	struct web_altcha altcha;

	(void)state;
	without = replace(json, "\"cost\":1,", "");
	changed = replace(without, "{\"algorithm\"",
	    "{\"cost\":1,\"algorithm\"");
	assert_int_equal(worth_at(changed, NOW, &altcha), CHALLENGE_OK);
	free(changed);
	free(without);
	free(json);
}

/* Each hex digit that is another one: forged, or not solved. */
static void
test_digits(void **state)
{
	char *json = good_json();
	static const struct {
		const char *name;
		int worth;
	} members[] = {
		{ "\"keyPrefix\":\"", CHALLENGE_FORGED },
		{ "\"keySignature\":\"", CHALLENGE_FORGED },
		{ "\"nonce\":\"", CHALLENGE_FORGED },
		{ "\"salt\":\"", CHALLENGE_FORGED },
		{ "\"signature\":\"", CHALLENGE_FORGED },
		{ "\"derivedKey\":\"", CHALLENGE_UNSOLVED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(members); i++) {
		char *at = strstr(json, members[i].name) +
		    strlen(members[i].name);
		struct web_altcha altcha;

		for (; *at != '"'; at++) {
			const char was = *at;

			*at = was == '0' ? '1' : '0';
			assert_int_equal(worth_at(json, NOW, &altcha),
			    members[i].worth);
			*at = 'G';
			assert_int_equal(worth_at(json, NOW, &altcha),
			    UNREADABLE);
			*at = was;
		}
	}
	free(json);
}

/* All that can be had without work: counter 0, and what everybody is given,
 * the half of the key that is to be found. */
static void
test_no_work(void **state)
{
	static const char zeros[] = "00000000000000000000000000000000";
	struct buf prefix = { 0 }, text = { 0 };
	const char *halves[2];
	struct challenge c;

	(void)state;
	make(&c);
	bytes_add_hex(&prefix, c.prefix, sizeof(c.prefix));
	halves[0] = zeros;
	halves[1] = buf_str(&prefix);
	for (size_t i = 0; i < 4; i++) {
		struct web_altcha altcha;

		buf_reset(&text);
		buf_add_str(&text, "{\"challenge\":");
		challenge_write(&c, &text);
		buf_printf(&text, ",\"solution\":{\"counter\":0,"
		    "\"derivedKey\":\"%s%s\"}}", halves[i / 2],
		    halves[i % 2]);
		assert_int_equal(worth_at(buf_str(&text), NOW, &altcha),
		    CHALLENGE_UNSOLVED);
	}
	buf_fini(&prefix);
	buf_fini(&text);
}

static void
test_base64(void **state)
{
	char *json = good_json(), *payload = visitor_base64(json), *other;
	struct web_altcha altcha;

	(void)state;
	assert_int_equal(web_altcha_read(slice_str(payload), &altcha), 0);
	other = mem_printf("%s\n", payload);
	assert_int_equal(web_altcha_read(slice_str(other), &altcha), -1);
	free(other);
	other = mem_printf("%s====", payload);
	assert_int_equal(web_altcha_read(slice_str(other), &altcha), -1);
	free(other);
	other = replace(payload, "eyJ", "ey-");
	assert_int_equal(web_altcha_read(slice_str(other), &altcha), -1);
	free(other);
	assert_int_equal(web_altcha_read(slice_str(json), &altcha), -1);
	assert_int_equal(web_altcha_read(slice_str(""), &altcha), -1);
	free(payload);
	free(json);
}

/* As large as may be, and a block larger. */
static void
test_size(void **state)
{
	char *json = good_json(), *payload, *padded;
	struct web_altcha altcha;

	(void)state;
	padded = mem_printf("%*s%s", (int)(WEB_ALTCHA_MAX / 4 * 3 -
	    strlen(json)), "", json);
	payload = visitor_base64(padded);
	assert_int_equal(strlen(payload), WEB_ALTCHA_MAX);
	assert_int_equal(web_altcha_read(slice_str(payload), &altcha), 0);
	free(payload);
	free(padded);
	padded = mem_printf("%*s%s", (int)(WEB_ALTCHA_MAX / 4 * 3 + 1 -
	    strlen(json)), "", json);
	payload = visitor_base64(padded);
	assert_int_equal(web_altcha_read(slice_str(payload), &altcha), -1);
	free(payload);
	free(padded);
	free(json);
}

/* Version 1 signs no list and no cost, and digits can be moved from its salt
 * to its number. */
static void
test_version_1(void **state)
{
	static const char *const payloads[] = {
		"{\"algorithm\":\"SHA-256\",\"challenge\":\"2f\","
		"\"number\":42,\"salt\":\"a0?expires=1790000900&\","
		"\"signature\":\"77\",\"took\":5}",
		"{\"algorithm\":\"SHA-256\",\"challenge\":\"2f\","
		"\"number\":442,\"salt\":\"a0?expires=17900009&\","
		"\"signature\":\"77\"}",
		"{\"challenge\":null,\"solution\":null,\"test\":true}",
	};
	struct web_altcha altcha;

	(void)state;
	for (size_t i = 0; i < COUNT(payloads); i++)
		assert_int_equal(worth_at(payloads[i], NOW, &altcha),
		    UNREADABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_good_one),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_another_order),
		cmocka_unit_test(test_digits),
		cmocka_unit_test(test_no_work),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_version_1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
