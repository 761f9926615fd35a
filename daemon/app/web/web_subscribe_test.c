/* SPDX-License-Identifier: ISC */
/*
 * Posts of the form: what of them reaches the engine, who gets a cookie and
 * whose script may read the answer, and the form that comes back.
 */
#include "app/web/web_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static void
test_subscribe(void **state)
{
	static const struct {
		const char *headers;
		unsigned status;
		const char *part;
		bool cookie, cors;
	} rows[] = {
		{ FORM HTML OURS, 303, "Location: /pending/weekly\r\n",
		    true, false },
		{ FORM HTML LISTED, 303, "Location: /pending/weekly",
		    true, true },
		{ FORM JSON LISTED, 202, "{\"status\":\"pending\",\"message\":",
		    true, true },
		{ FORM JSON, 202, "{\"status\":\"pending\"}\n", false,
		    false },
		/* A listed page's own script is its word. */
		{ FORM JSON LISTED "Sec-Fetch-Site: same-site\r\n"
		    "Sec-Fetch-Mode: cors\r\n", 202, "\"code\":{\"label\":",
		    true, true },
		{ FORM JSON LISTED "Sec-Fetch-Site: same-site\r\n"
		    "Sec-Fetch-Mode: navigate\r\n", 202, "\"pending\"",
		    false, true },
		{ FORM JSON LISTED "Sec-Fetch-Site: cross-site\r\n"
		    "Sec-Fetch-Mode: cors\r\n", 202, "\"pending\"",
		    false, true },
		{ FORM JSON OURS "Sec-Fetch-Site: same-origin\r\n"
		    "Sec-Fetch-Mode: cors\r\n", 202, "\"pending\"", false,
		    false },
		{ FORM HTML, 303, "Location: ", false, false },
		{ FORM HTML "Origin: null\r\n", 303, "Location", false,
		    false },
		{ FORM HTML OURS "Sec-Fetch-User: ?1\r\n", 303, "Location",
		    true, false },
		{ FORM HTML OURS "Sec-Fetch-Mode: navigate\r\n", 303,
		    "Location", false, false },
		{ FORM HTML "Origin: https://evil.example\r\n", 403, "403",
		    false, false },
		{ FORM JSON "Origin: https://evil.example\r\n", 403,
		    "\"origin_not_allowed\"", false, false },
		{ FORM HTML "Origin: https://evil.example\r\n"
		    "Sec-Fetch-Site: same-origin\r\nSec-Fetch-User: ?1\r\n",
		    303, "Location", true, false },
	};
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *answer = world_request(w, "POST", "/subscribe",
		    rows[i].headers, "email=jo%40example.com");

		world_expect(w, answer, rows[i].status, rows[i].part);
		world_expect(w, answer, rows[i].status, "Vary: Origin");
		if ((strstr(answer, "Set-Cookie: assent_signup=") != NULL) !=
		    rows[i].cookie || (strstr(answer,
		    "Access-Control-Allow-Origin: https://www.example.org\r")
		    != NULL) != rows[i].cors)
			fail_msg("row %zu: %s", i, answer);
		if (rows[i].cookie)
			world_expect(w, answer, rows[i].status, "; HttpOnly; "
			    "SameSite=Lax; Path=/confirm; "
			    "Max-Age=259200; Secure\r\n");
		free(answer);
	}
}

static void
test_subscribe_message(void **state)
{
	struct web_world *w = *state;
	const Message__Subscribe *s;
	char *answer = world_request(w, "POST", "/subscribe/weekly",
	    FORM HTML OURS "User-Agent: A\x80gent\r\n"
	    "Referer: https://news.example.org/x\r\n"
	    "Accept-Language: de\r\n", "email=Jo%40Example.com&name=Jo");

	world_expect(w, answer, 303, "Location");
	free(answer);
	s = w->asked->subscribe;
	assert_string_equal(s->address, "Jo@example.com");
	assert_string_equal(s->lists[0], "weekly");
	assert_string_equal(s->lang, "de");
	assert_string_equal(s->evidence->ip, "unix");
	assert_string_equal(s->evidence->user_agent, "A?gent");
	assert_string_equal(s->evidence->form_url,
	    "https://news.example.org/x");
	assert_string_equal(s->evidence->origin,
	    "https://news.example.org");
	assert_int_equal(s->cookie_hash.len, 32);
	answer = world_request(w, "POST", "/subscribe/open", FORM HTML
	    "Origin: https://any.example\r\n", "email=jo%40example.com");
	world_expect(w, answer, 303,
	    "Location: https://www.example.org/thanks\r\n");
	world_expect(w, answer, 303,
	    "Access-Control-Allow-Origin: https://any.");
	assert_null(strstr(answer, "Access-Control-Allow-Credentials"));
	assert_null(strstr(answer, "Set-Cookie"));
	assert_int_equal(w->asked->subscribe->cookie_hash.len, 0);
	free(answer);
}

static void
test_subscribe_refused(void **state)
{
	static const struct {
		const char *headers, *body;
		unsigned status;
		const char *part;
	} rows[] = {
		{ FORM JSON, "email=x", 400, "\"field\":\"email\"" },
		{ FORM HTML, "email=x", 400, "aria-invalid" },
		{ FORM HTML, "", 400, "aria-invalid" },
		{ FORM JSON, "list=weekly", 400, "\"missing_email\"" },
		{ FORM JSON, "email=a%40b.example&list=none", 400,
		    "\"unknown_list\"" },
		{ FORM JSON, "email=%zz", 400, "\"bad_request\"" },
		{ FORM JSON "Content-Encoding: gzip\r\n", "email=x", 415,
		    "\"unsupported_media_type\"" },
		{ "Content-Type: text/plain\r\n" HTML, "email=x", 415,
		    "text/html" },
		{ "Content-Type: application/json\r\n", "{", 400,
		    "\"bad_request\"" },
		{ "Content-Type: application/json\r\n", "{\"email\":\"x\"}",
		    400, "\"invalid_email\"" },
	};
	struct web_world *w = *state;
	char *big = mem_printf("%020000d", 1), *answer;

	for (size_t i = 0; i < COUNT(rows); i++) {
		answer = world_request(w, "POST", "/subscribe", rows[i].headers,
		    rows[i].body);
		world_expect(w, answer, rows[i].status, rows[i].part);
		assert_null(strstr(answer, "Set-Cookie"));
		free(answer);
	}
	/* A listed page's script may read that what it sent is no form. */
	answer = world_request(w, "POST", "/subscribe",
	    "Content-Type: application/json\r\n" LISTED, "{");
	world_expect(w, answer, 400,
	    "Access-Control-Allow-Origin: https://www.");
	world_expect(w, answer, 400, "Vary: Origin\r\n");
	free(answer);
	answer = world_request(w, "POST", "/subscribe/weekly",
	    "Content-Type: text/plain\r\nOrigin: https://evil.example\r\n",
	    "x");
	world_expect(w, answer, 415, "Vary: Origin\r\n");
	assert_null(strstr(answer, "Access-Control"));
	free(answer);
	world_expect_request(w, "POST", "/subscribe", FORM JSON, big, 413,
	    "\"too_large\"");
	free(big);
	assert_int_equal(w->questions, 0);
}

/*
 * The form comes back with all its lists, and with what was typed if that was
 * on a page that we know: no other may write into ours.
 */
static void
test_the_form_again(void **state)
{
	/* No token can have a ~ in it by chance. */
	static const char body[] = "email=a%22%3Cb&name=J%26o&size=M&"
	    "list=weekly&list=open&tag=z~q&utm_source=z~q&hp=z~q&x=z~q";
	static const char *const lists[] = { "name=\"list\" value=\"weekly\"",
		"name=\"list\" value=\"open\"", "I want it.", "Yes.",
		"<title>Error: Subscribe to these lists", "aria-invalid",
		"action=\"/subscribe/weekly\"" };
	static const char *const typed[] = { "value=\"a&quot;&lt;b\"",
		"value=\"J&amp;o\"", "<option value=\"M\" selected>",
		"name=\"tag\" value=\"z~q\"",
		"name=\"utm_source\" value=\"z~q\"" };
	static const struct {
		const char *headers;
		bool filled;
	} rows[] = {
		{ OURS, true }, { LISTED, false }, { "", false },
		{ "Origin: null\r\n", false },
	};
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *headers = mem_printf(FORM HTML "%s", rows[i].headers);
		char *answer = world_request(w, "POST", "/subscribe", headers,
		    body);

		for (size_t k = 0; k < COUNT(lists); k++)
			world_expect(w, answer, 400, lists[k]);
		for (size_t k = 0; k < COUNT(typed); k++) {
			if ((strstr(answer, typed[k]) != NULL) !=
			    rows[i].filled)
				fail_msg("row %zu: %s", i, answer);
		}
		assert_int_equal(strstr(answer, "z~q") != NULL,
		    rows[i].filled);
		free(answer);
		free(headers);
	}
	assert_int_equal(w->questions, 0);
}

/* A listed page's visitor ends where they were to. */
static void
test_the_form_again_redirects(void **state)
{
	struct web_world *w = *state;
	char *answer = world_request(w, "POST", "/subscribe/weekly", FORM HTML
	    LISTED, "email=no&next=https://www.example.org/a");

	world_expect(w, answer, 400, "value=\"no\"");
	world_expect(w, answer, 400, "name=\"redirect\" "
	    "value=\"https://www.example.org/a\"");
	world_expect(w, answer, 400,
	    "form-action 'self' https://www.example.org;");
	free(answer);
	answer = world_request(w, "POST", "/subscribe/weekly", FORM HTML LISTED,
	    "email=no&next=https://evil.example/a");
	world_expect(w, answer, 400, "form-action 'self';");
	assert_null(strstr(answer, "evil"));
	free(answer);
}

/* Of a body that is too large not even the list is known. */
static void
test_too_large(void **state)
{
	static const struct {
		const char *path, *headers;
		const char *allowed;	/* NULL: no CORS */
		bool cookies;
	} rows[] = {
		{ "/subscribe", LISTED, "https://www.example.org\r", true },
		{ "/subscribe/weekly", LISTED, "https://www.example.org\r",
		    true },
		{ "/subscribe/weekly", "Origin: https://any.example\r\n",
		    NULL, false },
		{ "/subscribe/open", "Origin: https://any.example\r\n",
		    "https://any.example\r", false },
		{ "/subscribe", "", NULL, false },
		{ "/subscribe", "Origin: null\r\n", NULL, false },
		{ "/confirm", LISTED, NULL, false },
		{ "/nothing", LISTED, NULL, false },
	};
	struct web_world *w = *state;
	char *big = mem_printf("%020000d", 1);

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *headers = mem_printf(FORM JSON "%s", rows[i].headers);
		char *answer = world_request(w, "POST", rows[i].path, headers,
		    big);
		const char *allow = strstr(answer, "Allow-Origin: ");

		world_expect(w, answer, 413, "\"too_large\"");
		if (rows[i].allowed == NULL ? allow != NULL : allow == NULL ||
		    strstr(allow, rows[i].allowed) == NULL)
			fail_msg("row %zu: %s", i, answer);
		assert_int_equal(rows[i].cookies, strstr(answer,
		    "Allow-Credentials: true\r\n") != NULL);
		free(answer);
		free(headers);
	}
	free(big);
}

static void
test_engine_says_no(void **state)
{
	struct web_world *w = *state;
	char *answer;

	w->subscribed = MESSAGE__SUBSCRIBED__OUTCOME__RATE_LIMITED;
	answer = world_request(w, "POST", "/subscribe", FORM JSON OURS,
	    "email=jo%40example.com");
	world_expect(w, answer, 429, "\"rate_limited\"");
	world_expect(w, answer, 429, "Retry-After: 7\r\n");
	assert_null(strstr(answer, "Set-Cookie"));
	free(answer);
	w->subscribed = MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE;
	answer = world_request(w, "POST", "/subscribe", FORM HTML OURS,
	    "email=jo%40example.com");
	world_expect(w, answer, 503, "Retry-After: 7\r\n");
	assert_null(strstr(answer, "Set-Cookie"));
	free(answer);
}

#define WORLD(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		WORLD(test_subscribe),
		WORLD(test_subscribe_message),
		WORLD(test_subscribe_refused),
		WORLD(test_the_form_again),
		WORLD(test_the_form_again_redirects),
		WORLD(test_too_large),
		WORLD(test_engine_says_no),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("web_subscribe", tests, NULL, NULL);
}
