/* SPDX-License-Identifier: ISC */
/*
 * The links of mails and their buttons: which question each visit becomes, and
 * which page or redirect each of the engine's answers.
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
#define ACTION(name) MESSAGE__VISIT__ACTION__##name
#define OUTCOME(name) MESSAGE__VISITED__OUTCOME__##name
#define STATE(name) MESSAGE__VISITED__STATE__##name
#define COOKIE "assent_signup=AAAAAAAAAAAAAAAAAAAAAA"

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

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
		{ "/notme/", FORM, "undo=1", ACTION(LOOK_NOTME), false },
		{ "/notme/", FORM, "undo=1&sure=1", ACTION(NOTME_UNDO),
		    false },
		{ "/notme/", FORM "Sec-Fetch-User: ?0\r\n",
		    "press=1&undo=1", ACTION(LOOK_NOTME), false },
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
	/* Without it nobody says whether the code is right. */
	world_expect_request(w, "POST", "/confirm", FORM HTML, "code=x", 400,
	    "Please open the link in that email instead.");
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

static const struct {
	const char *method, *route, *headers, *body;
	Message__Visited__Outcome outcome;
	Message__Visited__State state;
	unsigned status;
	const char *part;
} answers[] = {
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
	{ "POST", "/notme/", HTML FORM, "undo=1&press=1",
	    OUTCOME(DONE), STATE(PENDING), 200, "name=\"code\"" },
	{ "POST", "/notme/", HTML FORM, "undo=1", OUTCOME(DONE),
	    STATE(WITHDRAWN), 200, "name=\"sure\"" },
};

static void
test_visit_answers(void **state)
{
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(answers); i++) {
		char *path = world_path(answers[i].route), *answer;

		w->outcome = answers[i].outcome;
		w->state = answers[i].state;
		answer = world_request(w, answers[i].method, path,
		    answers[i].headers, answers[i].body);
		world_expect(w, answer, answers[i].status, answers[i].part);
		world_expect(w, answer, answers[i].status,
		    "Cache-Control: no-store");
		world_expect(w, answer, answers[i].status, "Referrer-Policy: ");
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
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("web_visit", tests, NULL, NULL);
}
