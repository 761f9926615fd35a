/* SPDX-License-Identifier: ISC */
/*
 * The public listener as a whole: its routes, languages and headers, and who
 * gets JSON.
 */
#include "app/web/web_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

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
		{ "GET", "/assets/style.css", 200, "max-age=3600\r\n" },
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
		WORLD(test_routes),
		WORLD(test_languages),
		WORLD(test_accept),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("web", tests, NULL, NULL);
}
