/* SPDX-License-Identifier: ISC */
/*
 * What is said after the form, by the domain that was typed.
 */
#include "app/web/web_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
fail_test(const char *what, const char *file, int line)
{
	fail_msg("%s:%d: %s", file, line, what);
}

static void
test_where_to(void **state)
{
	static const struct {
		const char *path, *body, *location;
	} rows[] = {
		{ "/subscribe", "email=jo%40example.com", "/pending/weekly" },
		{ "/subscribe", "email=jo%40GMail.com",
		    "/pending/weekly?inbox=gmail" },
		{ "/subscribe", "email=jo%40gmial.com",
		    "/pending/weekly?meant=gmail.com" },
		{ "/subscribe", "email=jo%40yahoo.con",
		    "/pending/weekly?meant=yahoo.com" },
		{ "/subscribe", "email=jo%40web.de",
		    "/pending/weekly?inbox=webde" },
		/* Others' pages are theirs. */
		{ "/subscribe/open", "email=jo%40gmail.com",
		    "https://www.example.org/thanks" },
	};
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char line[128];

		snprintf(line, sizeof(line), "Location: %s\r\n",
		    rows[i].location);
		world_expect_request(w, "POST", rows[i].path, FORM HTML OURS,
		    rows[i].body, 303, line);
	}
}

static void
test_json(void **state)
{
	static const struct {
		const char *headers, *body, *part;
	} rows[] = {
		{ FORM JSON, "email=jo%40gmail.com",
		    "{\"status\":\"pending\"}\n" },
		{ FORM JSON, "email=jo%40gmial.com",
		    "{\"status\":\"pending\",\"hint\":\"gmail.com\"}\n" },
		{ FORM JSON LISTED, "email=jo%40gmail.com",
		    "\"inbox\":{\"text\":\"Open Gmail\",\"url\":"
		    "\"https://mail.google.com/mail/u/0/#search/from%3A" },
		{ FORM JSON LISTED, "email=jo%40gmail.com&lang=de",
		    "\"text\":\"Gmail " },
		{ FORM JSON LISTED, "email=jo%40gmial.com",
		    "\"message\":\"Did you mean @gmail.com?" },
		{ FORM JSON LISTED, "email=jo%40example.com",
		    "\"message\":\"If everything is in order" },
	};
	struct web_world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++)
		world_expect_request(w, "POST", "/subscribe",
		    rows[i].headers, rows[i].body, 202, rows[i].part);
}

#define EN "\"message\":\"If everything is in order, an email from us is on " \
	"its way. Open the link in it, and you are done.\""
#define DE "\"message\":\"Wenn alles stimmt, ist eine Mail an Sie unterwegs. " \
	"\xc3\x96" "ffnen Sie den Link darin, und schon ist alles erledigt.\""
#define CODE ",\"code\":{\"label\":\"Code "
#define SCRIPT "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n"

/* What is written down once is of one list, language and kind of page. */
static void
test_json_again(void **state)
{
	static const struct {
		const char *path, *headers, *body, *part;
	} rows[] = {
		{ "/subscribe", FORM JSON LISTED, "lang=en&", EN CODE },
		{ "/subscribe", FORM JSON LISTED, "lang=de&", DE CODE },
		{ "/subscribe", FORM JSON LISTED SCRIPT, "lang=en&",
		    EN "}\n" },
		{ "/subscribe", FORM JSON LISTED SCRIPT, "lang=de&",
		    DE "}\n" },
		{ "/subscribe/open", FORM JSON LISTED, "", EN "}\n" },
	};
	struct web_world *w = *state;

	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		size_t k = i % COUNT(rows);
		char body[64];

		snprintf(body, sizeof(body), "%semail=jo%%40example.com",
		    rows[k].body);
		world_expect_request(w, "POST", rows[k].path,
		    rows[k].headers, body, 202, rows[k].part);
	}
}

static void
test_the_page(void **state)
{
	static const struct {
		const char *query, *part;	/* NULL: nothing is added */
	} rows[] = {
		{ "", NULL },
		{ "?inbox=gmail", "<a class=\"button\" href=\"https://mail."
		    "google.com/mail/u/0/#search/from%3Aw%40" },
		{ "?inbox=webde", "rel=\"noopener noreferrer\">Open WEB.DE" },
		{ "?meant=gmail.com", "@gmail.com? Then please enter your "
		    "address once more.</p>\n<p class=\"press\">"
		    "<a class=\"button\" href=\"/subscribe/weekly\">" },
		{ "?meant=evil.example", NULL },
		{ "?inbox=https://evil.example", NULL },
		{ "?inbox=gmai", NULL },
		{ "?inbox=%00", NULL },
		{ "?other=gmail", NULL },
	};
	struct web_world *w = *state;
	char *plain = world_request(w, "GET", "/pending/weekly", HTML, NULL);

	for (size_t i = 0; i < COUNT(rows); i++) {
		char path[64], *answer;

		snprintf(path, sizeof(path), "/pending/weekly%s",
		    rows[i].query);
		answer = world_request(w, "GET", path, HTML, NULL);
		world_expect(w, answer, 200, rows[i].part != NULL ?
		    rows[i].part : "");
		if (rows[i].part == NULL)
			assert_string_equal(strstr(answer, "<!doctype"),
			    strstr(plain, "<!doctype"));
		free(answer);
	}
	free(plain);
}

#define WORLD(test) cmocka_unit_test_prestate_setup_teardown(test, \
    world_setup, world_teardown, &judge)

int
main(void)
{
	struct world_judge judge = { fail_test };
	const struct CMUnitTest tests[] = {
		WORLD(test_where_to),
		WORLD(test_json),
		WORLD(test_json_again),
		WORLD(test_the_page),
	};

	log_open("stderr", "test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests_name("web_after", tests, NULL, NULL);
}
