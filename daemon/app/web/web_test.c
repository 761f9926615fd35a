/* SPDX-License-Identifier: ISC */
/*
 * The public listener with an engine that says what the test wants: which
 * question each request becomes, and which answer each of the engine's.
 */
#include "app/web/web.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include <cmocka.h>

#include "app/config/config_file.h"
#include "app/web/web_engine.h"
#include "app/web/web_page.h"
#include "app/web/web_request.h"
#include "app/wire.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/ipc.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define ACTION(name) MESSAGE__VISIT__ACTION__##name
#define OUTCOME(name) MESSAGE__VISITED__OUTCOME__##name
#define STATE(name) MESSAGE__VISITED__STATE__##name
#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define HTML "Accept: text/html,*/*;q=0.8\r\n"
#define JSON "Accept: application/json\r\n"
#define COOKIE "assent_signup=AAAAAAAAAAAAAAAAAAAAAA"
#define OURS "Origin: https://news.example.org\r\n"
#define LISTED "Origin: https://www.example.org\r\n"

/* Well-formed, by any kind: the engine is ours. */
static const char token[] = "EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static const char config_text[] =
    "base_url = \"https://news.example.org\"\n"
    "database = \"/nowhere\"\n"
    "templates = \"/nowhere\"\n"
    "user = \"nobody\"\n"
    "secret_file = \"/nowhere/secret\"\n"
    "listen \"127.0.0.1:0\" { }\n"
    "admin { socket = \"/nowhere/socket\" }\n"
    "controller { name = \"Example Ltd\" }\n"
    "mail { transport = \"maildir\" maildir = \"/nowhere/mails\" }\n"
    "list \"weekly\" { title = \"The Weekly\"\n"
    "  from = \"The Weekly <w@news.example.org>\"\n"
    "  origins = { \"https://www.example.org\" }\n"
    "  consent = \"I want it.\"  languages = { \"en\", \"de\" }\n"
    "  field \"size\" { type = \"choice\" choices = { \"S\", \"M\" } } }\n"
    "list \"open\" { title = \"Open\" from = \"O <o@news.example.org>\"\n"
    "  origins = { \"*\" } consent = \"Yes.\" languages = { \"en\" }\n"
    "  pending_url = \"https://www.example.org/thanks\"\n"
    "  confirmed_url = \"https://www.example.org/done\" }\n"
    "default_list = \"weekly\"\n";

struct fixture {
	struct event_base *base;
	struct config *config;
	struct templates *templates;
	struct web web;
	struct http_server *server;
	struct sockaddr_un address;
	int listener;
	struct ipc *engine;		/* its end */
	Message__Envelope *asked;	/* the last question */
	unsigned questions;
	bool silent;			/* doesn't answer */
	/* What it says. */
	Message__Subscribed__Outcome subscribed;
	Message__Visited__Outcome outcome;
	Message__Visited__State state;
	const char *list;
	bool cookie_holds;
};

/* ---- the engine ---- */

static void
answer_visit(struct fixture *f, Message__Envelope *reply)
{
	Message__Visited__Topic topic, *topics[] = { &topic };
	Message__Visited visited;
	char list[32], title[] = "Kept title", consent[] = "I want it.";

	snprintf(list, sizeof(list), "%s", f->list);
	message__visited__init(&visited);
	message__visited__topic__init(&topic);
	topic.list = list;
	topic.title = title;
	topic.consent = consent;
	visited.outcome = f->outcome;
	visited.state = f->state;
	visited.cookie_holds = f->cookie_holds;
	if (f->list[0] != '\0') {
		visited.n_topics = 1;
		visited.topics = topics;
	}
	reply->body_case = MESSAGE__ENVELOPE__BODY_VISITED;
	reply->visited = &visited;
	assert_int_equal(wire_send(f->engine, reply), 0);
}

static void
answer_subscribe(struct fixture *f, Message__Envelope *reply)
{
	Message__Subscribed subscribed;

	message__subscribed__init(&subscribed);
	subscribed.outcome = f->subscribed;
	subscribed.retry_after = 7;
	reply->body_case = MESSAGE__ENVELOPE__BODY_SUBSCRIBED;
	reply->subscribed = &subscribed;
	assert_int_equal(wire_send(f->engine, reply), 0);
}

static void
on_question(struct ipc *ipc, struct slice frame, void *arg)
{
	struct fixture *f = arg;
	Message__Envelope reply = MESSAGE__ENVELOPE__INIT;

	(void)ipc;
	wire_free(f->asked);
	f->asked = wire_open(frame);
	assert_non_null(f->asked);
	f->questions++;
	reply.serial = f->asked->serial;
	if (f->silent)
		return;
	if (f->asked->body_case == MESSAGE__ENVELOPE__BODY_VISIT)
		answer_visit(f, &reply);
	else if (f->asked->body_case == MESSAGE__ENVELOPE__BODY_SUBSCRIBE)
		answer_subscribe(f, &reply);
}

static void
on_engine_close(struct ipc *ipc, void *arg)
{
	struct fixture *f = arg;

	ipc_free(ipc);
	f->engine = NULL;
}

static void
connect_engine(struct fixture *f)
{
	static const struct ipc_callbacks callbacks = {
		.on_frame = on_question,
		.on_close = on_engine_close,
	};
	int fds[2];

	assert_int_equal(ipc_pair(fds), 0);
	f->engine = ipc_new(f->base, fds[1], &callbacks, f);
	web_engine_connect(f->web.engine, fds[0]);
}

/* ---- set up ---- */

static struct config *
read_config(void)
{
	char path[] = "/tmp/assent-web-test-XXXXXX";
	struct buf errors = { 0 }, warnings = { 0 };
	int fd = mkstemp(path);
	struct config *config;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, config_text, sizeof(config_text) - 1),
	    sizeof(config_text) - 1);
	close(fd);
	config = config_load(path, &errors, &warnings);
	unlink(path);
	if (config == NULL)
		fail_msg("%s", buf_str(&errors));
	buf_fini(&errors);
	buf_fini(&warnings);
	return config;
}

static struct templates *
read_templates(void)
{
	const char *folder = getenv("ASSENT_SRCDIR");
	char *path = mem_printf("%s/templates", folder != NULL ? folder :
	    ".");
	struct buf errors = { 0 };
	struct templates *templates = templates_load(path, &errors);

	if (templates == NULL)
		fail_msg("%s", buf_str(&errors));
	buf_fini(&errors);
	free(path);
	return templates;
}

static void
on_request(struct http_exchange *exchange, void *arg)
{
	web_route(arg, exchange);
}

static void
listen_somewhere(struct fixture *f)
{
	f->address.sun_family = AF_UNIX;
	/* Abstract: no file to leave behind. */
	snprintf(f->address.sun_path + 1, sizeof(f->address.sun_path) - 1,
	    "assent-web-test-%d", (int)getpid());
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(f->listener, (struct sockaddr *)&f->address,
	    sizeof(f->address)), 0);
	assert_int_equal(listen(f->listener, 512), 0);
	assert_int_equal(http_server_listen(f->server, f->listener,
	    NULL), 0);
}

static int
setup(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	f->base = event_base_new();
	f->config = read_config();
	f->templates = read_templates();
	f->web.config = f->config;
	f->web.templates = f->templates;
	f->web.languages = f->config->lists[0].languages;
	assert_int_equal(origin_of_url(slice_str(f->config->base_url),
	    &f->web.own), 0);
	f->web.https = true;
	f->list = "weekly";
	f->web.engine = web_engine_new(&f->web, f->base);
	f->server = http_server_new(f->base, &http_limits_default,
	    on_request, web_route_malformed, &f->web);
	listen_somewhere(f);
	connect_engine(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	web_engine_free(f->web.engine);
	http_server_free(f->server);
	if (f->engine != NULL)
		ipc_free(f->engine);
	wire_free(f->asked);
	close(f->listener);
	event_base_free(f->base);
	templates_free(f->templates);
	config_free(f->config);
	free(f);
	return 0;
}

/* ---- the client ---- */

static int
say(struct fixture *f, const char *method, const char *path,
    const char *headers, const char *body)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	char *text = mem_printf("%s %s HTTP/1.1\r\nHost: h\r\n"
	    "Connection: close\r\n%s", method, path, headers), *whole;

	whole = body != NULL ? mem_printf("%sContent-Length: %zu\r\n\r\n%s",
	    text, strlen(body), body) : mem_printf("%s\r\n", text);
	assert_int_equal(connect(fd, (struct sockaddr *)&f->address,
	    sizeof(f->address)), 0);
	assert_int_equal(write(fd, whole, strlen(whole)), strlen(whole));
	free(text);
	free(whole);
	return fd;
}

/* The answer, owned. */
static char *
hear(struct fixture *f, int fd)
{
	int64_t end = clock_monotonic_ms() + 10000;
	struct buf out = { 0 };
	char block[8192];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) != 0) {
		if (n > 0)
			buf_add(&out, block, (size_t)n);
		else if (errno != EAGAIN)
			break;
		assert_true(clock_monotonic_ms() < end);
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	}
	close(fd);
	return buf_take(&out);
}

static char *
request(struct fixture *f, const char *method, const char *path,
    const char *headers, const char *body)
{
	return hear(f, say(f, method, path, headers, body));
}

static unsigned
status_of(const char *answer)
{
	unsigned status = 0;

	if (strlen(answer) > 12)
		status = (unsigned)strtoul(answer + 9, NULL, 10);
	return status;
}

static void
expect(const char *answer, unsigned status, const char *part)
{
	if (status_of(answer) != status || strstr(answer, part) == NULL)
		fail_msg("not %u with %s: %s", status, part, answer);
}

static void
expect_request(struct fixture *f, const char *method, const char *path,
    const char *headers, const char *body, unsigned status, const char *part)
{
	char *answer = request(f, method, path, headers, body);

	expect(answer, status, part);
	free(answer);
}

static char *
path_of(const char *route)
{
	return mem_printf("%s%s", route, token);
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
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *path = path_of(rows[i].route);
		char *answer = request(f, rows[i].body != NULL ? "POST" :
		    "GET", path, rows[i].headers, rows[i].body);
		const Message__Visit *visit = f->asked->visit;

		if (visit->action != rows[i].action ||
		    visit->pressed != rows[i].pressed)
			fail_msg("row %zu: %d, %d", i, visit->action,
			    visit->pressed);
		assert_string_equal(visit->token, token);
		expect(answer, 200, "\r\n\r\n");
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
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *path = path_of(rows[i].route);
		unsigned asked = f->questions;

		expect_request(f, "POST", path, FORM JSON, rows[i].body,
		    rows[i].status, rows[i].status == 400 ?
		    "\"bad_request\"" : "");
		assert_int_equal(f->questions - asked,
		    rows[i].status == 200);
		free(path);
	}
}

static void
test_code_and_cookie(void **state)
{
	struct fixture *f = *state;
	char *path = path_of("/confirm/");
	char *leave = path_of("/unsubscribe/");

	f->outcome = OUTCOME(WRONG_CODE);
	expect_request(f, "POST", "/confirm", FORM HTML
	    "Cookie: x=y; " COOKIE "\r\n", "code=ab-cd", 400,
	    "code-problem");
	assert_int_equal(f->asked->visit->action, ACTION(CONFIRM_CODE));
	assert_string_equal(f->asked->visit->code, "ab-cd");
	assert_int_equal(f->asked->visit->cookie_hash.len, 32);
	expect_request(f, "POST", "/confirm", FORM JSON, "code=x", 400,
	    "\"wrong_code\"");
	assert_int_equal(f->asked->visit->cookie_hash.len, 0);
	expect_request(f, "POST", path, FORM HTML, "code=x", 400,
	    "code-problem");
	/* The right one, typed then, ends at the list's own page. */
	f->list = "open";
	expect_request(f, "POST", "/confirm", FORM HTML, "code=x", 400,
	    "form-action 'self' https://www.example.org;");
	f->list = "weekly";
	f->outcome = OUTCOME(DONE);
	expect_request(f, "GET", path, "Cookie: " COOKIE "\r\n", NULL, 200,
	    "");
	assert_int_equal(f->asked->visit->cookie_hash.len, 32);
	expect_request(f, "GET", path, "Cookie: " COOKIE "A\r\n", NULL, 200,
	    "");
	assert_int_equal(f->asked->visit->cookie_hash.len, 0);
	/* Whoever leaves needs no cookie, so none is looked at. */
	expect_request(f, "POST", leave, FORM "Cookie: " COOKIE "\r\n",
	    "List-Unsubscribe=One-Click", 200, "");
	assert_int_equal(f->asked->visit->cookie_hash.len, 0);
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
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *path = path_of(rows[i].route), *answer;

		f->outcome = rows[i].outcome;
		f->state = rows[i].state;
		answer = request(f, rows[i].method, path, rows[i].headers,
		    rows[i].body);
		expect(answer, rows[i].status, rows[i].part);
		expect(answer, rows[i].status, "Cache-Control: no-store");
		expect(answer, rows[i].status, "Referrer-Policy: ");
		assert_null(strstr(answer, "Set-Cookie"));
		free(path);
		free(answer);
	}
}

static void
test_auto_and_redirect(void **state)
{
	struct fixture *f = *state;
	char *path = path_of("/confirm/"), *answer;

	f->cookie_holds = true;
	answer = request(f, "GET", path, HTML, NULL);
	expect(answer, 200, "data-auto");
	expect(answer, 200, "script-src 'self'");
	expect(answer, 200, "action=\"/confirm/");
	free(answer);
	/* A page that was posted never posts itself again. */
	f->outcome = OUTCOME(NEEDS_PROOF);
	answer = request(f, "POST", path, HTML FORM, "x=y");
	assert_null(strstr(answer, "data-auto"));
	free(answer);
	f->outcome = OUTCOME(DONE);
	f->list = "open";
	answer = request(f, "GET", path, HTML, NULL);
	expect(answer, 200, "form-action 'self' https://www.example.org;");
	free(answer);
	f->state = STATE(CONFIRMED);
	answer = request(f, "POST", path, HTML FORM, "press=1");
	expect(answer, 303, "Location: https://www.example.org/done\r\n");
	free(answer);
	answer = request(f, "GET", path, HTML, NULL);
	expect(answer, 200, "Open");
	free(answer);
	/* A list that is no longer configured. */
	f->list = "gone";
	answer = request(f, "POST", path, HTML FORM, "press=1");
	expect(answer, 200, "Kept title");
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
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(tokens); i++) {
		static const char *const routes[] = { "/confirm/",
			"/unsubscribe/", "/notme/" };

		for (size_t k = 0; k < COUNT(routes); k++) {
			char *path = mem_printf("%s%s", routes[k], tokens[i]);
			char *answer = request(f, "GET", path, HTML, NULL);

			expect(answer, 404, "404");
			free(answer);
			answer = request(f, "POST", path, FORM, "press=1");
			expect(answer, 404, "");
			free(answer);
			free(path);
		}
	}
	assert_int_equal(f->questions, 0);
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
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *answer = request(f, "POST", "/subscribe",
		    rows[i].headers, "email=jo%40example.com");

		expect(answer, rows[i].status, rows[i].part);
		expect(answer, rows[i].status, "Vary: Origin");
		if ((strstr(answer, "Set-Cookie: assent_signup=") != NULL) !=
		    rows[i].cookie || (strstr(answer,
		    "Access-Control-Allow-Origin: https://www.example.org\r")
		    != NULL) != rows[i].cors)
			fail_msg("row %zu: %s", i, answer);
		if (rows[i].cookie)
			expect(answer, rows[i].status, "; HttpOnly; "
			    "SameSite=Lax; Path=/confirm; "
			    "Max-Age=259200; Secure\r\n");
		free(answer);
	}
}

static void
test_subscribe_message(void **state)
{
	struct fixture *f = *state;
	const Message__Subscribe *s;
	char *answer = request(f, "POST", "/subscribe/weekly", FORM HTML OURS
	    "User-Agent: A\x80gent\r\nReferer: https://news.example.org/x\r\n"
	    "Accept-Language: de\r\n", "email=Jo%40Example.com&name=Jo");

	expect(answer, 303, "Location");
	free(answer);
	s = f->asked->subscribe;
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
	answer = request(f, "POST", "/subscribe/open", FORM HTML
	    "Origin: https://any.example\r\n", "email=jo%40example.com");
	expect(answer, 303, "Location: https://www.example.org/thanks\r\n");
	expect(answer, 303, "Access-Control-Allow-Origin: https://any.");
	assert_null(strstr(answer, "Access-Control-Allow-Credentials"));
	assert_null(strstr(answer, "Set-Cookie"));
	assert_int_equal(f->asked->subscribe->cookie_hash.len, 0);
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
	struct fixture *f = *state;
	char *big = mem_printf("%020000d", 1), *answer;

	for (size_t i = 0; i < COUNT(rows); i++) {
		answer = request(f, "POST", "/subscribe", rows[i].headers,
		    rows[i].body);
		expect(answer, rows[i].status, rows[i].part);
		assert_null(strstr(answer, "Set-Cookie"));
		free(answer);
	}
	/* A listed page's script may read that what it sent is no form. */
	answer = request(f, "POST", "/subscribe",
	    "Content-Type: application/json\r\n" LISTED, "{");
	expect(answer, 400, "Access-Control-Allow-Origin: https://www.");
	expect(answer, 400, "Vary: Origin\r\n");
	free(answer);
	answer = request(f, "POST", "/subscribe/weekly",
	    "Content-Type: text/plain\r\nOrigin: https://evil.example\r\n",
	    "x");
	expect(answer, 415, "Vary: Origin\r\n");
	assert_null(strstr(answer, "Access-Control"));
	free(answer);
	expect_request(f, "POST", "/subscribe", FORM JSON, big, 413,
	    "\"too_large\"");
	free(big);
	assert_int_equal(f->questions, 0);
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
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *headers = mem_printf(FORM HTML "%s", rows[i].headers);
		char *answer = request(f, "POST", "/subscribe", headers, body);

		for (size_t k = 0; k < COUNT(lists); k++)
			expect(answer, 400, lists[k]);
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
	assert_int_equal(f->questions, 0);
}

/* A listed page's visitor ends where they were to. */
static void
test_the_form_again_redirects(void **state)
{
	struct fixture *f = *state;
	char *answer = request(f, "POST", "/subscribe/weekly", FORM HTML
	    LISTED, "email=no&next=https://www.example.org/a");

	expect(answer, 400, "value=\"no\"");
	expect(answer, 400, "name=\"redirect\" "
	    "value=\"https://www.example.org/a\"");
	expect(answer, 400, "form-action 'self' https://www.example.org;");
	free(answer);
	answer = request(f, "POST", "/subscribe/weekly", FORM HTML LISTED,
	    "email=no&next=https://evil.example/a");
	expect(answer, 400, "form-action 'self';");
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
	struct fixture *f = *state;
	char *big = mem_printf("%020000d", 1);

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *headers = mem_printf(FORM JSON "%s", rows[i].headers);
		char *answer = request(f, "POST", rows[i].path, headers, big);
		const char *allow = strstr(answer, "Allow-Origin: ");

		expect(answer, 413, "\"too_large\"");
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
	struct fixture *f = *state;
	char *answer;

	f->subscribed = MESSAGE__SUBSCRIBED__OUTCOME__RATE_LIMITED;
	answer = request(f, "POST", "/subscribe", FORM JSON OURS,
	    "email=jo%40example.com");
	expect(answer, 429, "\"rate_limited\"");
	expect(answer, 429, "Retry-After: 7\r\n");
	assert_null(strstr(answer, "Set-Cookie"));
	free(answer);
	f->subscribed = MESSAGE__SUBSCRIBED__OUTCOME__UNAVAILABLE;
	answer = request(f, "POST", "/subscribe", FORM HTML OURS,
	    "email=jo%40example.com");
	expect(answer, 503, "Retry-After: 7\r\n");
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
run(struct fixture *f, unsigned until_questions)
{
	int64_t end = clock_monotonic_ms() + 10000;

	while (f->questions < until_questions) {
		assert_true(clock_monotonic_ms() < end);
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	}
}

static void
test_an_engine_that_hangs(void **state)
{
	struct fixture *f = *state;
	char *answer;
	int fd;

	f->silent = true;
	fd = say(f, "POST", "/subscribe", FORM JSON,
	    "email=jo%40example.com");
	run(f, 1);
	ahead_ms = 21000;
	answer = hear(f, fd);
	ahead_ms = 0;
	expect(answer, 503, "\"unavailable\"");
	free(answer);
	f->silent = false;
	answer = request(f, "POST", "/subscribe", FORM JSON,
	    "email=jo%40example.com");
	expect(answer, 202, "pending");
	free(answer);
}

static void
test_credits(void **state)
{
	struct fixture *f = *state;
	int fd[WEB_ENGINE_CREDITS];
	char *answer;

	f->silent = true;
	for (size_t i = 0; i < COUNT(fd); i++)
		fd[i] = say(f, "POST", "/subscribe", FORM JSON,
		    "email=jo%40example.com");
	run(f, COUNT(fd));
	answer = request(f, "POST", "/subscribe", FORM JSON,
	    "email=jo%40example.com");
	expect(answer, 503, "Retry-After: ");
	free(answer);
	assert_int_equal(f->questions, COUNT(fd));
	/* It dies: whoever waits is told, and the next one gets a new one. */
	ipc_free(f->engine);
	f->engine = NULL;
	for (size_t i = 0; i < COUNT(fd); i++) {
		answer = hear(f, fd[i]);
		expect(answer, 503, "\"unavailable\"");
		free(answer);
	}
	answer = request(f, "GET", "/readyz", "", NULL);
	expect(answer, 503, "not ready");
	free(answer);
	answer = request(f, "GET", "/healthz", "", NULL);
	expect(answer, 200, "ok");
	free(answer);
	f->silent = false;
	connect_engine(f);
	answer = request(f, "POST", "/subscribe", FORM JSON,
	    "email=jo%40example.com");
	expect(answer, 202, "pending");
	free(answer);
}

static void
test_wrong_answers(void **state)
{
	struct fixture *f = *state;
	Message__Envelope reply = MESSAGE__ENVELOPE__INIT;
	Message__Pong pong = MESSAGE__PONG__INIT;
	char *answer;
	int fd;

	f->silent = true;
	fd = say(f, "POST", "/subscribe", FORM JSON,
	    "email=jo%40example.com");
	run(f, 1);
	reply.body_case = MESSAGE__ENVELOPE__BODY_PONG;
	reply.pong = &pong;
	/* Of a question that nobody asked: as if it had never come. */
	reply.serial = f->asked->serial + WEB_ENGINE_CREDITS;
	assert_int_equal(wire_send(f->engine, &reply), 0);
	reply.serial = 0;
	assert_int_equal(wire_send(f->engine, &reply), 0);
	assert_int_equal(ipc_send(f->engine, slice_str("nonsense")), 0);
	/* Of another kind than was asked for. */
	reply.serial = f->asked->serial;
	assert_int_equal(wire_send(f->engine, &reply), 0);
	answer = hear(f, fd);
	expect(answer, 503, "\"unavailable\"");
	free(answer);
	/* Again, when the question is over. */
	assert_int_equal(wire_send(f->engine, &reply), 0);
	pong.ready = true;
	fd = say(f, "GET", "/readyz", "", NULL);
	run(f, 2);
	reply.serial = f->asked->serial;
	assert_int_equal(wire_send(f->engine, &reply), 0);
	answer = hear(f, fd);
	expect(answer, 200, "ok");
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
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *answer = request(f, rows[i].method, rows[i].path, HTML,
		    NULL);

		expect(answer, rows[i].status, rows[i].part);
		expect(answer, rows[i].status,
		    "X-Content-Type-Options: nosniff");
		free(answer);
	}
}

static void
test_languages(void **state)
{
	struct fixture *f = *state;
	char *answer;

	answer = request(f, "GET", "/subscribe/weekly",
	    "Accept-Language: fr, de;q=0.5\r\n", NULL);
	expect(answer, 200, "<html lang=\"de\"");
	free(answer);
	answer = request(f, "GET", "/subscribe/open",
	    "Accept-Language: de\r\n", NULL);
	expect(answer, 200, "<html lang=\"en\"");
	free(answer);
	answer = request(f, "GET", "/nothing", "Accept-Language: de\r\n",
	    NULL);
	expect(answer, 404, "<html lang=\"de\"");
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
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *answer = request(f, "GET", "/nothing", rows[i].headers,
		    NULL);

		expect(answer, 404, rows[i].json ? "\"not_found\"" :
		    "<!doctype html>");
		free(answer);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_visit_questions),
		TEST(test_doubled_fields),
		TEST(test_code_and_cookie),
		TEST(test_visit_answers),
		TEST(test_auto_and_redirect),
		TEST(test_tokens),
		TEST(test_subscribe),
		TEST(test_subscribe_message),
		TEST(test_subscribe_refused),
		TEST(test_the_form_again),
		TEST(test_the_form_again_redirects),
		TEST(test_too_large),
		TEST(test_engine_says_no),
		TEST(test_an_engine_that_hangs),
		TEST(test_credits),
		TEST(test_wrong_answers),
		TEST(test_routes),
		TEST(test_languages),
		TEST(test_accept),
	};

	signal(SIGPIPE, SIG_IGN);
	log_open("stderr", "web_test", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
