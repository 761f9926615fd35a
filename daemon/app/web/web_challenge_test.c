/* SPDX-License-Identifier: ISC */
/*
 * The challenge page and what comes back from it, the JSON for programs, and
 * the route: link with --wrap of clock_wall_us.
 */
#include "app/web/web_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/web/web_visitor.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/challenge.h"
#include "core/form_token.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BY_HAND "Sec-Fetch-User: ?1\r\n"
#define OURS_BY_SCRIPT OURS "Sec-Fetch-Site: same-origin\r\n" \
	"Sec-Fetch-Mode: navigate\r\n"
#define CHALLENGED MESSAGE__SUBSCRIBED__OUTCOME__CHALLENGED
#define ACCEPTED MESSAGE__SUBSCRIBED__OUTCOME__ACCEPTED

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

/* How far the test's clock is ahead (linked with --wrap), seconds. */
static int64_t ahead;

int64_t __real_clock_wall_us(void);
int64_t __wrap_clock_wall_us(void);

int64_t
__wrap_clock_wall_us(void)
{
	/* It stands still, so that a second is a second. */
	return (INT64_C(1790000000) + ahead) * CLOCK_SECOND;
}

static int
setup(void **state)
{
	ahead = 0;
	return world_setup(state);
}

/* The page that a post gets whom the engine wants more of; owned. */
static char *
ask_for_page(struct web_world *w, const char *headers, const char *body)
{
	char *all = mem_printf(FORM HTML "%s", headers), *page;

	w->subscribed = CHALLENGED;
	page = world_request(w, "POST", "/subscribe", all, body);
	free(all);
	world_expect(w, page, 200, "data-challenge");
	assert_null(strstr(page, "Set-Cookie"));
	return page;
}

/* Posts the page's form as a script does, with that behind it, to an engine
 * that says so; owned. */
static char *
go_on(struct web_world *w, const char *page, const char *more,
    Message__Subscribed__Outcome outcome)
{
	char *form = visitor_form(page);
	char *action = visitor_attribute(page, "action");
	char *body = mem_printf("%s%s", form, more), *answer;

	w->subscribed = outcome;
	answer = world_request(w, "POST", action, FORM HTML OURS_BY_SCRIPT,
	    body);
	free(body);
	free(action);
	free(form);
	return answer;
}

static Message__Proof__Kind
asked_kind(const struct web_world *w)
{
	const Message__Proof *proof = w->asked->subscribe->proof;

	return proof != NULL ? proof->kind : MESSAGE__PROOF__KIND__NOTHING;
}

/* ---- the page ---- */

static void
test_the_page(void **state)
{
	static const char *const parts[] = {
		"Content-Type: text/html", "Cache-Control: no-store",
		"Referrer-Policy: same-origin", "script-src 'self'",
		"form-action 'self' https://www.example.org;",
		"<script src=\"/assets/challenge",
		"action=\"/subscribe/weekly\"",
		"name=\"list\" value=\"weekly\"",
		"name=\"list\" value=\"open\"",
		"name=\"lang\" value=\"de\"",
		"name=\"email\" value=\"Jo@example.com\"",
		"name=\"name\" value=\"J&amp;o\"",
		"name=\"size\" value=\"M\"", "name=\"tag\" value=\"red\"",
		"name=\"utm_source\" value=\"tv\"",
		"name=\"redirect\" value=\"https://www.example.org/a\"",
		"&quot;level&quot;:1,&quot;list&quot;:&quot;weekly&quot;",
		"max=\"32000\"", "data-auto", "10 Sekunden",
		"name=\"altcha\" value=\"\"",
	};
	struct web_world *w = *state;
	char *page;

	w->level = 1;
	page = ask_for_page(w, LISTED, "EMAIL=Jo@example.com&l=weekly&"
	    "FNAME=J%26o&size=M&tag=open&tag=red&utm_source=tv&lang=de&"
	    "next=https://www.example.org/a&x=z~q&form_token=z~q&hp=");
	for (size_t i = 0; i < COUNT(parts); i++)
		world_expect(w, page, 200, parts[i]);
	assert_null(strstr(page, "z~q"));
	assert_null(w->asked->subscribe->proof);
	free(page);
}

/* What was asked for, word for word, and where it came from at first. */
static void
test_it_goes_on(void **state)
{
	struct web_world *w = *state;
	char *page = ask_for_page(w, LISTED BY_HAND
	    "Sec-Fetch-Site: cross-site\r\n"
	    "Referer: https://www.example.org/form\r\n",
	    "email=Jo@example.com&name=J%26o&size=M&tag=red&source=a%22b");
	char *solution = visitor_solution(page), *answer;
	const Message__Subscribe *s;

	answer = go_on(w, page, solution, ACCEPTED);
	world_expect(w, answer, 303, "Location: /pending/weekly\r\n");
	world_expect(w, answer, 303, "Set-Cookie: assent_signup=");
	s = w->asked->subscribe;
	assert_string_equal(s->address, "Jo@example.com");
	assert_string_equal(s->name, "J&o");
	assert_string_equal(s->fields[0]->value, "M");
	assert_string_equal(s->tags[0], "red");
	assert_string_equal(s->evidence->source[0]->value, "a\"b");
	assert_string_equal(s->evidence->origin, "https://www.example.org");
	assert_string_equal(s->evidence->form_url,
	    "https://www.example.org/form");
	assert_string_equal(s->evidence->sec_fetch_site, "cross-site");
	assert_string_equal(s->evidence->sec_fetch_user, "?1");
	assert_int_equal(s->cookie_hash.len, 32);
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__SOLVED);
	assert_int_equal(s->proof->nonce.len, CHALLENGE_NONCE_SIZE);
	assert_int_equal(s->proof->expires_at, 1790000900);
	free(answer);
	free(solution);
	free(page);
}

/* Our own page speaks for nobody: no cookie for whoever may have none. */
static void
test_no_cookie(void **state)
{
	static const char *const firsts[] = { "", "Origin: null\r\n" BY_HAND,
		("Origin: null\r\nSec-Fetch-Site: cross-site\r\n" BY_HAND),
		(LISTED "Sec-Fetch-Site: cross-site\r\n"),
		(OURS_BY_SCRIPT) };
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(firsts); i++) {
		char *page = ask_for_page(w, firsts[i],
		    "email=jo@example.com");
		char *solution = visitor_solution(page);
		char *answer = go_on(w, page, solution, ACCEPTED);

		world_expect(w, answer, 303, "Location: /pending/weekly\r\n");
		assert_null(strstr(answer, "Set-Cookie"));
		assert_int_equal(w->asked->subscribe->cookie_hash.len, 0);
		free(answer);
		free(solution);
		free(page);
	}
}

/* Of another's hand it is worth less than nothing at all. */
static void
test_a_forged_first_post(void **state)
{
	struct web_world *w = *state;
	char *page = ask_for_page(w, LISTED BY_HAND, "email=jo@example.com");
	char *form = visitor_form(page), *at, *answer;
	static const char *const headers[] = { OURS BY_HAND,
		("Origin: null\r\n" BY_HAND), LISTED };
	static const char *const origins[] = { "", "null",
		"https://www.example.org" };

	w->subscribed = ACCEPTED;
	at = strstr(form, "first_post=") + 30;
	*at = *at == 'A' ? 'B' : 'A';
	for (size_t i = 0; i < COUNT(headers); i++) {
		char *all = mem_printf(FORM HTML "%s", headers[i]);

		answer = world_request(w, "POST", "/subscribe", all, form);
		world_expect(w, answer, 303, "Location");
		assert_string_equal(w->asked->subscribe->evidence->origin,
		    origins[i]);
		if (i < 2)
			assert_null(strstr(answer, "Set-Cookie"));
		free(answer);
		free(all);
	}
	/* Good, but not sent by our page. */
	*at = *at == 'A' ? 'B' : 'A';
	free(form);
	form = visitor_form(page);
	answer = world_request(w, "POST", "/subscribe", FORM HTML
	    "Origin: null\r\n" BY_HAND, form);
	assert_string_equal(w->asked->subscribe->evidence->origin, "null");
	assert_null(strstr(answer, "Set-Cookie"));
	free(answer);
	answer = world_request(w, "POST", "/subscribe", FORM HTML
	    "Origin: https://evil.example\r\n" BY_HAND, form);
	world_expect(w, answer, 403, "403");
	free(answer);
	free(form);
	free(page);
}

static void
test_a_trap(void **state)
{
	struct web_world *w = *state;
	char *page = ask_for_page(w, OURS, "email=jo@example.com&hp=x");
	char *answer;

	assert_true(w->asked->subscribe->robot);
	answer = go_on(w, page, "", CHALLENGED);
	assert_true(w->asked->subscribe->robot);
	free(answer);
	free(page);
}

/* ---- without scripts ---- */

static void
test_the_wait(void **state)
{
	struct web_world *w = *state;
	char *page = ask_for_page(w, "", "email=jo@example.com");
	char *early, *answer;

	world_expect(w, page, 200, "10 seconds");
	ahead = 3;
	early = go_on(w, page, "", CHALLENGED);
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__NOTHING);
	world_expect(w, early, 200, "That was a little early.");
	world_expect(w, early, 200, "7 seconds");
	ahead = 9;
	answer = go_on(w, early, "", CHALLENGED);
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__NOTHING);
	world_expect(w, answer, 200, "2 seconds");
	free(answer);
	/* The first wait counts, however often it was looked at. */
	ahead = 10;
	answer = go_on(w, early, "", ACCEPTED);
	world_expect(w, answer, 303, "Location: /pending/weekly\r\n");
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__WAIT);
	assert_int_equal(w->asked->subscribe->proof->nonce.len,
	    FORM_TOKEN_NONCE_SIZE);
	assert_int_equal(w->asked->subscribe->proof->expires_at, 1790001200);
	free(answer);
	free(early);
	free(page);
}

/* Whatever is wrong with it, there is another page with another wait. */
static void
test_no_dead_end(void **state)
{
	struct web_world *w = *state;
	char *page = ask_for_page(w, "", "email=jo@example.com");
	char *solution = visitor_solution(page), *answer, *again;

	/* Used. */
	ahead = 11;
	answer = go_on(w, page, solution, CHALLENGED);
	world_expect(w, answer, 200, "Once more");
	world_expect(w, answer, 200, "10 seconds");
	again = go_on(w, answer, "", CHALLENGED);
	world_expect(w, again, 200, "That was a little early.");
	free(again);
	free(answer);
	/* Too old, both. */
	ahead = FORM_TOKEN_WAIT_MAX + 1;
	answer = go_on(w, page, solution, CHALLENGED);
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__NOTHING);
	world_expect(w, answer, 200, "10 seconds");
	free(answer);
	/* The network has waited too often. */
	w->wait = 90;
	answer = go_on(w, page, solution, CHALLENGED);
	world_expect(w, answer, 200, "90 seconds");
	free(answer);
	w->wait = 91;
	answer = go_on(w, page, solution, CHALLENGED);
	world_expect(w, answer, 200, "2 minutes");
	free(answer);
	free(solution);
	free(page);
}

/* A page that doesn't help doesn't go round for ever. */
static void
test_by_itself_thrice(void **state)
{
	struct web_world *w = *state;
	char *page = ask_for_page(w, "", "email=jo@example.com"), *next;

	for (int i = 1; i < 6; i++) {
		assert_int_equal(strstr(page, " data-auto") != NULL, i <= 3);
		next = go_on(w, page, "", CHALLENGED);
		free(page);
		page = next;
	}
	free(page);
}

/* Who has waited needs no harder challenge than was solved. */
static void
test_the_better_proof(void **state)
{
	struct web_world *w = *state;
	char *page = ask_for_page(w, "", "email=jo@example.com");
	char *solution = visitor_solution(page), *answer;

	ahead = 10;
	answer = go_on(w, page, solution, ACCEPTED);
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__SOLVED);
	free(answer);
	w->web.level = 1;
	answer = go_on(w, page, solution, ACCEPTED);
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__WAIT);
	free(answer);
	free(solution);
	free(page);
}

/* ---- form tokens ---- */

static void
test_our_form(void **state)
{
	static const struct {
		int64_t age;
		Message__Proof__Kind kind;
	} rows[] = {
		{ 1, MESSAGE__PROOF__KIND__NOTHING },
		{ 2, MESSAGE__PROOF__KIND__FORM },
		{ 3600, MESSAGE__PROOF__KIND__FORM },
		{ 3601, MESSAGE__PROOF__KIND__NOTHING },
	};
	struct web_world *w = *state;
	char *page = world_request(w, "GET", "/subscribe/weekly", "", NULL);
	char *form = visitor_form(page);
	char *body = mem_printf("%s&email=jo@example.com", form);

	for (size_t i = 0; i < COUNT(rows); i++) {
		ahead = rows[i].age;
		world_expect_request(w, "POST", "/subscribe/weekly",
		    FORM HTML OURS, body, 303, "Location");
		assert_int_equal(asked_kind(w), rows[i].kind);
	}
	ahead = 2;
	world_expect_request(w, "POST", "/subscribe/open", FORM HTML OURS,
	    "email=jo@example.com", 303, "Location");
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__NOTHING);
	free(body);
	/* Another list's token says nothing. */
	free(form);
	form = visitor_form(strstr(page, "name=\"form_token\"") -
	    strlen("<input type=\"hidden\" "));
	body = mem_printf("email=jo@example.com&%s", form);
	world_expect_request(w, "POST", "/subscribe/open", FORM HTML OURS,
	    body, 303, "Location");
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__NOTHING);
	world_expect_request(w, "POST", "/subscribe/weekly", FORM HTML OURS,
	    body, 303, "Location");
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__FORM);
	free(body);
	free(form);
	free(page);
}

/* The form of several lists, to be mended, has one for the first. */
static void
test_the_form_again(void **state)
{
	struct web_world *w = *state;
	char *page = world_request(w, "POST", "/subscribe", FORM HTML OURS,
	    "email=no&list=weekly&list=open");
	char *form = visitor_form(page);
	char *body = mem_printf("%s&email=jo@example.com", form);

	world_expect(w, page, 400, "name=\"form_token\"");
	ahead = 5;
	world_expect_request(w, "POST", "/subscribe/weekly", FORM HTML OURS,
	    body, 303, "Location");
	assert_int_equal(w->asked->subscribe->n_lists, 2);
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__FORM);
	free(body);
	free(form);
	free(page);
}

/* ---- one's own data ---- */

static void
test_manage(void **state)
{
	struct web_world *w = *state;
	char *page, *solution, *answer, *form, *body;

	page = world_request(w, "GET", "/manage", "", NULL);
	form = visitor_form(page);
	body = mem_printf("%s&email=jo%%40example.com", form);
	free(page);
	ahead = 2;
	w->subscribed = CHALLENGED;
	page = world_request(w, "POST", "/manage", FORM HTML OURS, body);
	world_expect(w, page, 200, "data-challenge");
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__FORM);
	solution = visitor_solution(page);
	answer = go_on(w, page, solution, ACCEPTED);
	world_expect(w, answer, 303, "Location: /manage/sent\r\n");
	assert_true(w->asked->subscribe->manage);
	assert_string_equal(w->asked->subscribe->address, "jo@example.com");
	assert_string_equal(w->asked->subscribe->evidence->origin,
	    "https://news.example.org");
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__SOLVED);
	free(answer);
	w->subscribed = CHALLENGED;
	world_expect_request(w, "POST", "/manage", FORM JSON, body, 400,
	    "\"challenge_required\"");
	free(solution);
	free(page);
	free(body);
	free(form);
}

/* ---- programs ---- */

static void
test_json(void **state)
{
	static const struct {
		const char *headers, *body;
	} rows[] = {
		{ "Content-Type: application/json\r\n",
		    "{\"email\":\"jo@example.com\"}" },
		{ FORM JSON LISTED, "email=jo@example.com" },
		{ FORM JSON, "email=jo@example.com&altcha=" },
	};
	struct web_world *w = *state;

	w->subscribed = CHALLENGED;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *answer = world_request(w, "POST", "/subscribe",
		    rows[i].headers, rows[i].body);

		world_expect(w, answer, 400, "\"challenge_required\"");
		world_expect(w, answer, 400, "\"challenge\":{\"parameters\":{"
		    "\"algorithm\":\"SHA-256\"");
		world_expect(w, answer, 400, "\"signature\":\"");
		free(answer);
	}
	world_expect_request(w, "POST", "/subscribe", FORM JSON,
	    "email=jo@example.com&altcha=eyJ9", 400, "\"invalid_challenge\"");
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__NOTHING);
}

/* A challenge for any of the lists; once it is known that it was too easy, it
 * was no mistake. */
static void
test_json_solved(void **state)
{
	static const struct {
		const char *lists;
		Message__Proof__Kind kind;
	} rows[] = {
		{ "&list=weekly", MESSAGE__PROOF__KIND__SOLVED },
		{ "&list=open&list=weekly", MESSAGE__PROOF__KIND__SOLVED },
		{ "&list=open", MESSAGE__PROOF__KIND__NOTHING },
	};
	struct web_world *w = *state;
	char *got = world_request(w, "GET", "/challenge", "", NULL);
	char *payload = visitor_solve(strstr(got, "\r\n\r\n") + 4), *body;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf encoded = { 0 };

		for (const char *p = payload; *p != '\0'; p++)
			buf_printf(&encoded, "%%%02X", (unsigned)*p);
		body = mem_printf("email=jo@example.com%s&altcha=%s",
		    rows[i].lists, buf_str(&encoded));
		w->subscribed = ACCEPTED;
		world_expect_request(w, "POST", "/subscribe", FORM JSON, body,
		    202, "pending");
		assert_int_equal(asked_kind(w), rows[i].kind);
		w->subscribed = CHALLENGED;
		w->level = 0;
		world_expect_request(w, "POST", "/subscribe", FORM JSON, body,
		    400, "\"invalid_challenge\"");
		w->level = 1;
		world_expect_request(w, "POST", "/subscribe", FORM JSON, body,
		    400, rows[i].kind == MESSAGE__PROOF__KIND__SOLVED ?
		    "\"challenge_required\"" : "\"invalid_challenge\"");
		free(body);
		buf_fini(&encoded);
	}
	free(payload);
	free(got);
}

/* ---- the route ---- */

static void
test_the_route(void **state)
{
	static const struct {
		const char *path, *headers;
		unsigned status;
		const char *part, *cors;	/* cors: NULL: none */
	} rows[] = {
		{ "/challenge?list=weekly", "", 200,
		    "\"list\":\"weekly\"", NULL },
		{ "/challenge?list=open", "", 200, "\"list\":\"open\"", NULL },
		{ "/challenge", "", 200, "\"list\":\"weekly\"", NULL },
		{ "/challenge", "", 200, "Cache-Control: no-store", NULL },
		{ "/challenge", "", 200, "Content-Type: application/json",
		    NULL },
		{ "/challenge?list=weekly", LISTED, 200, "Vary: Origin",
		    "https://www.example.org\r" },
		{ "/challenge?list=open", "Origin: https://any.example\r\n",
		    200, "\"level\":0", "https://any.example\r" },
		{ "/challenge?list=weekly", "Origin: https://any.example\r\n",
		    200, "\"level\":0", NULL },
		{ "/challenge?list=none", JSON, 400, "\"unknown_list\"",
		    NULL },
		{ "/challenge?list=%zz", JSON, 400, "\"unknown_list\"",
		    NULL },
	};
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *answer = world_request(w, "GET", rows[i].path,
		    rows[i].headers, NULL);
		const char *allow = strstr(answer, "Allow-Origin: ");

		world_expect(w, answer, rows[i].status, rows[i].part);
		if (rows[i].cors == NULL ? allow != NULL : allow == NULL ||
		    strstr(allow, rows[i].cors) == NULL)
			fail_msg("row %zu: %s", i, answer);
		assert_null(strstr(answer, "Set-Cookie"));
		free(answer);
	}
	w->web.level = 2;
	world_expect_request(w, "GET", "/challenge", "", NULL, 200,
	    "\"level\":2");
	world_expect_request(w, "POST", "/challenge", FORM, "", 405,
	    "Allow: GET, HEAD\r\n");
}

/* As many as it may post forms (30/1m), then one once there is room. */
static void
test_the_limit(void **state)
{
	struct web_world *w = *state;
	char *answer;

	for (int i = 0; i < 30; i++)
		world_expect_request(w, "GET", "/challenge", "", NULL, 200,
		    "signature");
	answer = world_request(w, "GET", "/challenge", JSON LISTED, NULL);
	world_expect(w, answer, 429, "\"rate_limited\"");
	world_expect(w, answer, 429, "Retry-After: ");
	world_expect(w, answer, 429, "Access-Control-Allow-Origin: ");
	free(answer);
	ahead = 120;
	world_expect_request(w, "GET", "/challenge", "", NULL, 200,
	    "signature");
}

/* Until the engine has told the key: nothing is asked for that can't be
 * checked, and nothing believed. */
static void
test_without_terms(void **state)
{
	struct web_world *w = *state;
	char *page = ask_for_page(w, LISTED BY_HAND, "email=jo@example.com");
	char *solution = visitor_solution(page), *answer;

	w->web.has_terms = false;
	memset(w->web.form_key, 0, sizeof(w->web.form_key));
	world_expect_request(w, "GET", "/challenge", "", NULL, 503,
	    "Retry-After: 1\r\n");
	answer = go_on(w, page, solution, ACCEPTED);
	assert_int_equal(asked_kind(w), MESSAGE__PROOF__KIND__NOTHING);
	assert_null(strstr(answer, "Set-Cookie"));
	free(answer);
	answer = go_on(w, page, solution, CHALLENGED);
	world_expect(w, answer, 503, "Retry-After");
	free(answer);
	answer = world_request(w, "GET", "/subscribe/weekly", "", NULL);
	assert_null(strstr(answer, "form_token"));
	free(answer);
	w->subscribed = CHALLENGED;
	world_expect_request(w, "POST", "/manage", FORM OURS,
	    "email=jo@example.com", 503, "Retry-After");
	free(solution);
	free(page);
}

#define WORLD(test) cmocka_unit_test_prestate_setup_teardown(test, \
    setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		WORLD(test_the_page),
		WORLD(test_it_goes_on),
		WORLD(test_no_cookie),
		WORLD(test_a_forged_first_post),
		WORLD(test_a_trap),
		WORLD(test_the_wait),
		WORLD(test_no_dead_end),
		WORLD(test_by_itself_thrice),
		WORLD(test_the_better_proof),
		WORLD(test_our_form),
		WORLD(test_the_form_again),
		WORLD(test_manage),
		WORLD(test_json),
		WORLD(test_json_solved),
		WORLD(test_the_route),
		WORLD(test_the_limit),
		WORLD(test_without_terms),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("web_challenge", tests, NULL,
	    NULL);
}
