/* SPDX-License-Identifier: ISC */
/*
 * The double of an engine, a listener as the process has it, and a client.  It
 * doesn't know cmocka: a struct world_judge says what fails.
 */
#include "app/web/web_world.h"

#include <sys/socket.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "app/config/config_file.h"
#include "app/web/web_after.h"
#include "app/web/web_challenge.h"
#include "app/web/web_engine.h"
#include "app/web/web_page.h"
#include "app/wire.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/ipc.h"

#define MUST(w, what) do {					\
	if (!(what))						\
		(w)->judge.fail(#what, __FILE__, __LINE__);	\
} while (0)

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

/* ---- the engine ---- */

static void
answer_visit(struct web_world *w)
{
	Message__Envelope reply = MESSAGE__ENVELOPE__INIT;
	Message__Visited__Topic topic, *topics[] = { &topic };
	Message__Visited visited;
	char list[32], title[] = "Kept title", consent[] = "I want it.";

	snprintf(list, sizeof(list), "%s", w->list);
	message__visited__init(&visited);
	message__visited__topic__init(&topic);
	topic.list = list;
	topic.title = title;
	topic.consent = consent;
	visited.outcome = w->outcome;
	visited.state = w->state;
	visited.cookie_holds = w->cookie_holds;
	if (w->list[0] != '\0') {
		visited.n_topics = 1;
		visited.topics = topics;
	}
	reply.serial = w->asked->serial;
	reply.body_case = MESSAGE__ENVELOPE__BODY_VISITED;
	reply.visited = &visited;
	MUST(w, wire_send(w->engine, &reply) == 0);
}

static void
answer_subscribe(struct web_world *w)
{
	Message__Envelope reply = MESSAGE__ENVELOPE__INIT;
	Message__Subscribed subscribed;

	message__subscribed__init(&subscribed);
	subscribed.outcome = w->subscribed;
	subscribed.retry_after = 7;
	if (w->subscribed == MESSAGE__SUBSCRIBED__OUTCOME__CHALLENGED) {
		subscribed.level = w->level;
		subscribed.retry_after = w->wait;
	}
	reply.serial = w->asked->serial;
	reply.body_case = MESSAGE__ENVELOPE__BODY_SUBSCRIBED;
	reply.subscribed = &subscribed;
	MUST(w, wire_send(w->engine, &reply) == 0);
}

static void
on_question(struct ipc *ipc, struct slice frame, void *arg)
{
	struct web_world *w = arg;

	(void)ipc;
	wire_free(w->asked);
	w->asked = wire_open(frame);
	MUST(w, w->asked != NULL);
	w->questions++;
	if (w->silent)
		return;
	if (w->asked->body_case == MESSAGE__ENVELOPE__BODY_VISIT)
		answer_visit(w);
	else if (w->asked->body_case == MESSAGE__ENVELOPE__BODY_SUBSCRIBE)
		answer_subscribe(w);
}

static void
on_engine_close(struct ipc *ipc, void *arg)
{
	struct web_world *w = arg;

	ipc_free(ipc);
	w->engine = NULL;
}

static void
tell_terms(struct web_world *w)
{
	static uint8_t key[CRYPTO_HASH_SIZE] = "form key";
	Message__Envelope envelope = MESSAGE__ENVELOPE__INIT;
	Message__Terms terms;

	message__terms__init(&terms);
	terms.form_key.data = key;
	terms.form_key.len = sizeof(key);
	terms.level = w->level;
	envelope.body_case = MESSAGE__ENVELOPE__BODY_TERMS;
	envelope.terms = &terms;
	MUST(w, wire_send(w->engine, &envelope) == 0);
}

void
world_connect_engine(struct web_world *w)
{
	static const struct ipc_callbacks callbacks = {
		.on_frame = on_question,
		.on_close = on_engine_close,
	};
	int fds[2];

	MUST(w, ipc_pair(fds) == 0);
	w->engine = ipc_new(w->base, fds[1], &callbacks, w);
	web_engine_connect(w->web.engine, fds[0]);
	tell_terms(w);
}

/* ---- set up ---- */

static struct config *
read_config(const struct web_world *w)
{
	char path[] = "/tmp/assent-web-test-XXXXXX";
	struct buf errors = { 0 }, warnings = { 0 };
	int fd = mkstemp(path);
	struct config *config;

	MUST(w, fd >= 0);
	MUST(w, write(fd, config_text, sizeof(config_text) - 1) ==
	    (ssize_t)sizeof(config_text) - 1);
	close(fd);
	config = config_load(path, &errors, &warnings);
	unlink(path);
	if (config == NULL)
		w->judge.fail(buf_str(&errors), __FILE__, __LINE__);
	buf_fini(&errors);
	buf_fini(&warnings);
	return config;
}

static struct templates *
read_templates(const struct web_world *w)
{
	const char *folder = getenv("ASSENT_SRCDIR");
	char *path = mem_printf("%s/templates", folder != NULL ? folder :
	    ".");
	struct buf errors = { 0 };
	struct templates *templates = templates_load(path, &errors);

	if (templates == NULL)
		w->judge.fail(buf_str(&errors), __FILE__, __LINE__);
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
listen_somewhere(struct web_world *w)
{
	w->address.sun_family = AF_UNIX;
	/* Abstract: no file to leave behind. */
	snprintf(w->address.sun_path + 1, sizeof(w->address.sun_path) - 1,
	    "assent-web-test-%d", (int)getpid());
	w->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	MUST(w, bind(w->listener, (struct sockaddr *)&w->address,
	    sizeof(w->address)) == 0);
	MUST(w, listen(w->listener, 512) == 0);
	MUST(w, http_server_listen(w->server, w->listener, NULL) == 0);
}

int
world_setup(void **state)
{
	struct web_world *w = MEM_NEW(struct web_world);

	signal(SIGPIPE, SIG_IGN);
	w->judge = *(const struct world_judge *)*state;
	w->base = event_base_new();
	w->config = read_config(w);
	w->templates = read_templates(w);
	w->web.config = w->config;
	w->web.templates = w->templates;
	w->web.languages = w->config->lists[0].languages;
	MUST(w, origin_of_url(slice_str(w->config->base_url),
	    &w->web.own) == 0);
	w->web.https = true;
	web_page_errors_init(&w->web);
	w->list = "weekly";
	web_after_init(&w->web);
	web_challenge_init(&w->web);
	w->web.engine = web_engine_new(&w->web, w->base);
	w->server = http_server_new(w->base, &http_limits_default,
	    on_request, web_route_malformed, &w->web);
	listen_somewhere(w);
	world_connect_engine(w);
	*state = w;
	return 0;
}

int
world_teardown(void **state)
{
	struct web_world *w = *state;

	web_engine_free(w->web.engine);
	web_challenge_fini(&w->web);
	web_after_fini(&w->web);
	web_page_errors_fini(&w->web);
	http_server_free(w->server);
	if (w->engine != NULL)
		ipc_free(w->engine);
	wire_free(w->asked);
	close(w->listener);
	event_base_free(w->base);
	templates_free(w->templates);
	config_free(w->config);
	free(w);
	return 0;
}

/* ---- the client ---- */

int
world_say(struct web_world *w, const char *method, const char *path,
    const char *headers, const char *body)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	char *text = mem_printf("%s %s HTTP/1.1\r\nHost: h\r\n"
	    "Connection: close\r\n%s", method, path, headers), *whole;

	whole = body != NULL ? mem_printf("%sContent-Length: %zu\r\n\r\n%s",
	    text, strlen(body), body) : mem_printf("%s\r\n", text);
	MUST(w, connect(fd, (struct sockaddr *)&w->address,
	    sizeof(w->address)) == 0);
	MUST(w, write(fd, whole, strlen(whole)) == (ssize_t)strlen(whole));
	free(text);
	free(whole);
	return fd;
}

char *
world_hear(struct web_world *w, int fd)
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
		MUST(w, clock_monotonic_ms() < end);
		event_base_loop(w->base, EVLOOP_NONBLOCK);
	}
	close(fd);
	return buf_take(&out);
}

char *
world_request(struct web_world *w, const char *method, const char *path,
    const char *headers, const char *body)
{
	return world_hear(w, world_say(w, method, path, headers, body));
}

static unsigned
status_of(const char *answer)
{
	unsigned status = 0;

	if (strlen(answer) > 12)
		status = (unsigned)strtoul(answer + 9, NULL, 10);
	return status;
}

void
world_expect(struct web_world *w, const char *answer, unsigned status,
    const char *part)
{
	if (status_of(answer) != status || strstr(answer, part) == NULL)
		w->judge.fail(mem_printf("not %u with %s: %s", status, part,
		    answer), __FILE__, __LINE__);
}

void
world_expect_request(struct web_world *w, const char *method, const char *path,
    const char *headers, const char *body, unsigned status, const char *part)
{
	char *answer = world_request(w, method, path, headers, body);

	world_expect(w, answer, status, part);
	free(answer);
}

char *
world_path(const char *route)
{
	return mem_printf("%s" WORLD_TOKEN, route);
}

void
world_await(struct web_world *w, unsigned until_questions)
{
	int64_t end = clock_monotonic_ms() + 10000;

	while (w->questions < until_questions) {
		MUST(w, clock_monotonic_ms() < end);
		event_base_loop(w->base, EVLOOP_NONBLOCK);
	}
}
