/* SPDX-License-Identifier: ISC */
/*
 * The public listener with an engine that says what the test wants: which
 * question each request becomes, and which answer each of the engine's.
 */
#include "app/web/web_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/web/web_engine.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/ipc.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ACTION(name) MESSAGE__VISIT__ACTION__##name
#define OUTCOME(name) MESSAGE__VISITED__OUTCOME__##name
#define STATE(name) MESSAGE__VISITED__STATE__##name
#define COOKIE "assent_signup=AAAAAAAAAAAAAAAAAAAAAA"

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

/* ---- visits ---- */

static void
test_visit_questions(void **state)
{
	static const struct {
		const char *route, *headers, *body;
		Message__Visit__Action action;
		bool pressed;
	} rows[] = {
		{ "/confirm/", "", NULL, ACTION(LOOK_CONFIRM), false },
		{ "/unsubscribe/", "", NULL, ACTION(LOOK_UNSUBSCRIBE),
		    false },
		{ "/notme/", "", NULL, ACTION(LOOK_NOTME), false },
		{ "/confirm/", "", "", ACTION(CONFIRM), false },
		{ "/confirm/", FORM, "press=1", ACTION(CONFIRM), true },
		{ "/confirm/", FORM, "press=0", ACTION(CONFIRM), false },
		{ "/confirm/", FORM "Sec-Fetch-User: ?1\r\n", "press=1",
		    ACTION(CONFIRM), true },
		{ "/confirm/", FORM "Sec-Fetch-User: ?0\r\n", "press=1",
		    ACTION(CONFIRM), false },
		{ "/confirm/", FORM "Sec-Fetch-Site: same-origin\r\n",
		    "press=1", ACTION(CONFIRM), false },
		{ "/confirm/", FORM "Sec-Fetch-Mode: navigate\r\n",
		    "press=1", ACTION(CONFIRM), false },
		{ "/confirm/", FORM "Sec-Fetch-Dest: document\r\n",
		    "press=1", ACTION(CONFIRM), false },
		{ "/unsubscribe/", FORM, "List-Unsubscribe=One-Click",
		    ACTION(UNSUBSCRIBE), false },
		{ "/unsubscribe/", FORM "Sec-Fetch-Site: cross-site\r\n",
		    "List-Unsubscribe=One-Click", ACTION(UNSUBSCRIBE),
		    false },
		{ "/unsubscribe/", FORM, "list-unsubscribe=One-Click",
		    ACTION(LOOK_UNSUBSCRIBE), false },
		{ "/unsubscribe/", FORM, "List-Unsubscribe=yes",
		    ACTION(LOOK_UNSUBSCRIBE), false },
		{ "/unsubscribe/", "", "", ACTION(LOOK_UNSUBSCRIBE), false },
		{ "/unsubscribe/", FORM, "press=1", ACTION(UNSUBSCRIBE),
		    false },
		{ "/unsubscribe/", FORM "Sec-Fetch-User: ?0\r\n", "press=1",
		    ACTION(LOOK_UNSUBSCRIBE), false },
		{ "/unsubscribe/", FORM "Sec-Fetch-User: ?0\r\n", "sure=1",
		    ACTION(UNSUBSCRIBE), false },
		{ "/notme/", FORM, "List-Unsubscribe=One-Click",
		    ACTION(LOOK_NOTME), false },
		{ "/notme/", FORM, "press=1", ACTION(NOTME), false },
		{ "/notme/", FORM, "sure=1", ACTION(NOTME), false },
		{ "/notme/", FORM, "undo=1", ACTION(NOTME_UNDO), false },
		{ "/notme/", FORM, "press=1&undo=1", ACTION(NOTME_UNDO),
		    false },
	};
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *path = world_path(rows[i].route);
		char *answer = world_request(w, rows[i].body != NULL ? "POST" :
		    "GET", path, rows[i].headers, rows[i].body);
		const Message__Visit *visit = w->asked->visit;

		if (visit->action != rows[i].action ||
		    visit->pressed != rows[i].pressed)
			fail_msg("row %zu: %d, %d", i, visit->action,
			    visit->pressed);
		assert_string_equal(visit->token, WORLD_TOKEN);
		world_expect(w, answer, 200, "\r\n\r\n");
		free(path);
		free(answer);
	}
}

/* What can be read in two ways is done in none. */
static void
test_doubled_fields(void **state)
{
	static const struct {
		const char *route, *body;
		unsigned status;
	} rows[] = {
		{ "/confirm/", "press=1&press=0", 400 },
		{ "/confirm/", "code=a&press=1&code=b", 400 },
		{ "/unsubscribe/", "press=1&press=", 400 },
		{ "/unsubscribe/", "List-Unsubscribe=One-Click&"
		    "List-Unsubscribe=no", 400 },
		{ "/notme/", "undo=1&undo=0", 400 },
		{ "/confirm/", "press=1&press=1", 200 },
		{ "/unsubscribe/", "List-Unsubscribe=One-Click&"
		    "List-Unsubscribe=One-Click", 200 },
	};
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *path = world_path(rows[i].route);
		unsigned asked = w->questions;

		world_expect_request(w, "POST", path, FORM JSON, rows[i].body,
		    rows[i].status, rows[i].status == 400 ?
		    "\"bad_request\"" : "");
		assert_int_equal(w->questions - asked,
		    rows[i].status == 200);
		free(path);
	}
}

static void
test_code_and_cookie(void **state)
{
	struct web_world *w = *state;
	char *path = world_path("/confirm/");
	char *leave = world_path("/unsubscribe/");

	w->outcome = OUTCOME(WRONG_CODE);
	world_expect_request(w, "POST", "/confirm", FORM HTML
	    "Cookie: x=y; " COOKIE "\r\n", "code=ab-cd", 400,
	    "code-problem");
	assert_int_equal(w->asked->visit->action, ACTION(CONFIRM_CODE));
	assert_string_equal(w->asked->visit->code, "ab-cd");
	assert_int_equal(w->asked->visit->cookie_hash.len, 32);
	world_expect_request(w, "POST", "/confirm", FORM JSON, "code=x", 400,
	    "\"wrong_code\"");
	assert_int_equal(w->asked->visit->cookie_hash.len, 0);
	world_expect_request(w, "POST", path, FORM HTML, "code=x", 400,
	    "code-problem");
	/* The right one, typed then, ends at the list's own page. */
	w->list = "open";
	world_expect_request(w, "POST", "/confirm", FORM HTML, "code=x", 400,
	    "form-action 'self' https://www.example.org;");
	w->list = "weekly";
	w->outcome = OUTCOME(DONE);
	world_expect_request(w, "GET", path, "Cookie: " COOKIE "\r\n", NULL,
	    200, "");
	assert_int_equal(w->asked->visit->cookie_hash.len, 32);
	world_expect_request(w, "GET", path, "Cookie: " COOKIE "A\r\n", NULL,
	    200, "");
	assert_int_equal(w->asked->visit->cookie_hash.len, 0);
	/* Whoever leaves needs no cookie, so none is looked at. */
	world_expect_request(w, "POST", leave, FORM "Cookie: " COOKIE "\r\n",
	    "List-Unsubscribe=One-Click", 200, "");
	assert_int_equal(w->asked->visit->cookie_hash.len, 0);
	free(path);
	free(leave);
}

static void
test_visit_answers(void **state)
{
	static const struct {
		const char *method, *route, *headers, *body;
		Message__Visited__Outcome outcome;
		Message__Visited__State state;
		unsigned status;
		const char *part;
	} rows[] = {
		{ "GET", "/confirm/", HTML, NULL, OUTCOME(DONE),
		    STATE(PENDING), 200, "name=\"press\"" },
		{ "GET", "/confirm/", HTML, NULL, OUTCOME(DONE),
		    STATE(CONFIRMED), 200, "You are subscribed" },
		{ "GET", "/confirm/", HTML, NULL, OUTCOME(DONE),
		    STATE(UNSUBSCRIBED), 200,
		    "<title>You are unsubscribed" },
		{ "GET", "/confirm/", HTML, NULL, OUTCOME(EXPIRED),
		    STATE(PENDING), 410, "410" },
		{ "GET", "/confirm/", HTML, NULL, OUTCOME(EXPIRED),
		    STATE(PENDING), 410, "href=\"/subscribe/weekly\"" },
		{ "GET", "/confirm/", HTML, NULL, OUTCOME(NOT_FOUND),
		    STATE(PENDING), 404, "404" },
		{ "GET", "/confirm/", HTML, NULL, OUTCOME(UNAVAILABLE),
		    STATE(PENDING), 503, "Retry-After: " },
		{ "GET", "/confirm/", JSON, NULL, OUTCOME(EXPIRED),
		    STATE(PENDING), 410, "\"expired\"" },
		{ "GET", "/confirm/", JSON, NULL, OUTCOME(NOT_FOUND),
		    STATE(PENDING), 404, "\"not_found\"" },
		{ "GET", "/confirm/", JSON, NULL, OUTCOME(UNAVAILABLE),
		    STATE(PENDING), 503, "\"unavailable\"" },
		{ "GET", "/confirm/", JSON, NULL, OUTCOME(DONE),
		    STATE(CONFIRMED), 200, "{\"status\":\"confirmed\"}" },
		{ "POST", "/confirm/", HTML FORM, "press=1", OUTCOME(DONE),
		    STATE(CONFIRMED), 200, "You are subscribed" },
		{ "POST", "/confirm/", HTML FORM, "x=y", OUTCOME(NEEDS_PROOF),
		    STATE(PENDING), 200, "name=\"code\"" },
		{ "POST", "/unsubscribe/", HTML FORM, "press=1",
		    OUTCOME(DONE), STATE(UNSUBSCRIBED), 200,
		    "<title>You are unsubscribed" },
		{ "POST", "/unsubscribe/", HTML FORM, "x=y", OUTCOME(DONE),
		    STATE(CONFIRMED), 200, "name=\"sure\"" },
		{ "GET", "/unsubscribe/", HTML, NULL, OUTCOME(DONE),
		    STATE(CONFIRMED), 200, "name=\"press\"" },
		{ "GET", "/unsubscribe/", HTML, NULL, OUTCOME(DONE),
		    STATE(UNSUBSCRIBED), 200, "<title>You are unsubscribed" },
		{ "GET", "/notme/", HTML, NULL, OUTCOME(DONE),
		    STATE(PENDING), 200, "name=\"press\"" },
		{ "GET", "/notme/", HTML, NULL, OUTCOME(DONE),
		    STATE(PENDING), 200, "For 30 days" },
		{ "GET", "/notme/", HTML, NULL, OUTCOME(DONE),
		    STATE(CONFIRMED), 200, "and you are unsubscribed." },
		{ "GET", "/notme/", HTML, NULL, OUTCOME(DONE),
		    STATE(WITHDRAWN), 200, "name=\"undo\"" },
		{ "GET", "/notme/", HTML, NULL, OUTCOME(EXPIRED),
		    STATE(UNSUBSCRIBED), 200, "Example Ltd" },
		{ "POST", "/notme/", HTML FORM, "press=1", OUTCOME(DONE),
		    STATE(WITHDRAWN), 200, "name=\"undo\"" },
		{ "POST", "/notme/", HTML FORM, "x=y", OUTCOME(DONE),
		    STATE(PENDING), 200, "name=\"sure\"" },
		{ "POST", "/notme/", HTML FORM, "undo=1", OUTCOME(DONE),
		    STATE(PENDING), 200, "name=\"code\"" },
	};
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *path = world_path(rows[i].route), *answer;

		w->outcome = rows[i].outcome;
		w->state = rows[i].state;
		answer = world_request(w, rows[i].method, path, rows[i].headers,
		    rows[i].body);
		world_expect(w, answer, rows[i].status, rows[i].part);
		world_expect(w, answer, rows[i].status,
		    "Cache-Control: no-store");
		world_expect(w, answer, rows[i].status, "Referrer-Policy: ");
		assert_null(strstr(answer, "Set-Cookie"));
		free(path);
		free(answer);
	}
}

static void
test_auto_and_redirect(void **state)
{
	struct web_world *w = *state;
	char *path = world_path("/confirm/"), *answer;

	w->cookie_holds = true;
	answer = world_request(w, "GET", path, HTML, NULL);
	world_expect(w, answer, 200, "data-auto");
	world_expect(w, answer, 200, "script-src 'self'");
	world_expect(w, answer, 200, "action=\"/confirm/");
	free(answer);
	/* A page that was posted never posts itself again. */
	w->outcome = OUTCOME(NEEDS_PROOF);
	answer = world_request(w, "POST", path, HTML FORM, "x=y");
	assert_null(strstr(answer, "data-auto"));
	free(answer);
	w->outcome = OUTCOME(DONE);
	w->list = "open";
	answer = world_request(w, "GET", path, HTML, NULL);
	world_expect(w, answer, 200,
	    "form-action 'self' https://www.example.org;");
	free(answer);
	w->state = STATE(CONFIRMED);
	answer = world_request(w, "POST", path, HTML FORM, "press=1");
	world_expect(w, answer, 303,
	    "Location: https://www.example.org/done\r\n");
	free(answer);
	answer = world_request(w, "GET", path, HTML, NULL);
	world_expect(w, answer, 200, "Open");
	free(answer);
	/* A list that is no longer configured. */
	w->list = "gone";
	answer = world_request(w, "POST", path, HTML FORM, "press=1");
	world_expect(w, answer, 200, "Kept title");
	free(answer);
	free(path);
}

/* Malformed tokens are told without the engine. */
static void
test_tokens(void **state)
{
	static const char *const tokens[] = { "A", "",
		"EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+",
		"EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%41",
		"EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB" };
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(tokens); i++) {
		static const char *const routes[] = { "/confirm/",
			"/unsubscribe/", "/notme/" };

		for (size_t k = 0; k < COUNT(routes); k++) {
			char *path = mem_printf("%s%s", routes[k], tokens[i]);

			world_expect_request(w, "GET", path, HTML, NULL, 404,
			    "404");
			world_expect_request(w, "POST", path, FORM, "press=1",
			    404, "");
			free(path);
		}
	}
	assert_int_equal(w->questions, 0);
}

/* ---- subscribing ---- */

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
		{ FORM JSON LISTED, 202, "{\"status\":\"pending\"}", true,
		    true },
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
	static const char body[] = "email=a%22%3Cb&name=J%26o&size=M&"
	    "list=weekly&list=open&tag=zq&utm_source=zq&hp=zq&x=zq";
	static const char *const lists[] = { "name=\"list\" value=\"weekly\"",
		"name=\"list\" value=\"open\"", "I want it.", "Yes.",
		"<title>Error: Subscribe to these lists", "aria-invalid",
		"action=\"/subscribe/weekly\"" };
	static const char *const typed[] = { "value=\"a&quot;&lt;b\"",
		"value=\"J&amp;o\"", "<option value=\"M\" selected>",
		"name=\"tag\" value=\"zq\"",
		"name=\"utm_source\" value=\"zq\"" };
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
		assert_int_equal(strstr(answer, "zq") != NULL,
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

/* ---- an engine that is slow, wrong or gone ---- */

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

/* ---- routes, languages, headers ---- */

static void
test_routes(void **state)
{
	static const struct {
		const char *method, *path;
		unsigned status;
		const char *part;
	} rows[] = {
		{ "GET", "/", 404, "404" },
		{ "GET", "/subscribe", 405, "Allow: POST, OPTIONS\r\n" },
		{ "PUT", "/subscribe/weekly", 405,
		    "Allow: GET, HEAD, POST, OPTIONS\r\n" },
		{ "BREW", "/healthz", 405, "Allow: GET, HEAD\r\n" },
		{ "GET", "/confirm", 405, "Allow: POST\r\n" },
		{ "GET", "/subscribe/none", 404, "404" },
		{ "GET", "/subscribe/Weekly", 404, "404" },
		{ "GET", "/subscribe/weekly/", 404, "404" },
		{ "GET", "/subscribe//weekly", 404, "404" },
		{ "GET", "/pending/none", 404, "404" },
		{ "GET", "/assets/none", 404, "404" },
		{ "OPTIONS", "*", 404, "404" },
		{ "GET", "/assets/style.css", 200, "max-age=300\r\n" },
		{ "GET", "/pending/weekly", 200, "action=\"/confirm\"" },
		{ "GET", "/subscribe/weekly", 200, "frame-ancestors "
		    "https://www.example.org\r\n" },
		{ "GET", "/subscribe/weekly", 200,
		    "action=\"/subscribe/weekly\"" },
		{ "GET", "/subscribe/weekly", 200,
		    "href=\"/assets/style-" },
		{ "GET", "/subscribe/weekly", 200,
		    "Strict-Transport-Security: " },
		{ "HEAD", "/subscribe/weekly", 200, "Content-Length: " },
		{ "OPTIONS", "/subscribe", 204, "Allow: POST, OPTIONS\r\n" },
	};
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *answer = world_request(w, rows[i].method, rows[i].path,
		    HTML, NULL);

		world_expect(w, answer, rows[i].status, rows[i].part);
		world_expect(w, answer, rows[i].status,
		    "X-Content-Type-Options: nosniff");
		free(answer);
	}
}

static void
test_languages(void **state)
{
	struct web_world *w = *state;
	char *answer;

	answer = world_request(w, "GET", "/subscribe/weekly",
	    "Accept-Language: fr, de;q=0.5\r\n", NULL);
	world_expect(w, answer, 200, "<html lang=\"de\"");
	free(answer);
	answer = world_request(w, "GET", "/subscribe/open",
	    "Accept-Language: de\r\n", NULL);
	world_expect(w, answer, 200, "<html lang=\"en\"");
	free(answer);
	answer = world_request(w, "GET", "/nothing", "Accept-Language: de\r\n",
	    NULL);
	world_expect(w, answer, 404, "<html lang=\"de\"");
	free(answer);
}

static void
test_accept(void **state)
{
	static const struct {
		const char *headers;
		bool json;
	} rows[] = {
		{ "", false },
		{ "Accept: */*\r\n", false },
		{ "Accept: text/html\r\n", false },
		{ "Accept: application/json\r\n", true },
		{ "Accept: APPLICATION/JSON\r\n", true },
		{ "Accept: application/json, text/plain, */*\r\n", true },
		{ "Accept: text/html, application/json\r\n", false },
		{ "Accept: text/html;q=0.9, application/json\r\n", true },
		{ "Accept: text/html, application/json;q=0.9\r\n", false },
		{ "Accept: application/json;q=0, text/html;q=0.1\r\n",
		    false },
		{ "Accept: text/*, application/json;q=0.5\r\n", false },
		{ "Accept: application/*\r\n", true },
		{ "Accept: */*;q=0.1, application/json;q=0.2\r\n", true },
		{ "Accept: ;;,,\r\n", false },
		{ "Accept: text/html,application/xhtml+xml,application/xml;"
		    "q=0.9,image/avif,*/*;q=0.8\r\n", false },
		{ "Accept: */*\r\nSec-Fetch-Mode: cors\r\n", true },
		{ "Accept: text/html\r\nSec-Fetch-Mode: cors\r\n", false },
		{ "Content-Type: application/json; charset=utf-8\r\n"
		    "Accept: text/html\r\n", true },
	};
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		world_expect_request(w, "GET", "/nothing", rows[i].headers,
		    NULL, 404, rows[i].json ? "\"not_found\"" :
		    "<!doctype html>");
	}
}

#define WORLD(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		WORLD(test_visit_questions),
		WORLD(test_doubled_fields),
		WORLD(test_code_and_cookie),
		WORLD(test_visit_answers),
		WORLD(test_auto_and_redirect),
		WORLD(test_tokens),
		WORLD(test_subscribe),
		WORLD(test_subscribe_message),
		WORLD(test_subscribe_refused),
		WORLD(test_the_form_again),
		WORLD(test_the_form_again_redirects),
		WORLD(test_too_large),
		WORLD(test_engine_says_no),
		WORLD(test_an_engine_that_hangs),
		WORLD(test_credits),
		WORLD(test_wrong_answers),
		WORLD(test_routes),
		WORLD(test_languages),
		WORLD(test_accept),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("web", tests, NULL, NULL);
}
