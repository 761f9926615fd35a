/* SPDX-License-Identifier: ISC */
/*
 * The server on a real socket and a loop: what a client sees, however it
 * splits, delays or breaks off what it says.
 */
#include "io/http.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <grp.h>
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

#include "base/buf.h"
#include "base/clock.h"
#include "io/http_observe.h"
#include "io/http_talk.h"

#define GET "GET /a HTTP/1.1\r\nHost: h\r\n"
#define POST "POST /a HTTP/1.1\r\nHost: h\r\n"
#define CLOSE "Connection: close\r\n"

struct fixture {
	struct event_base *base;
	struct http_server *server;
	int listener;
	struct sockaddr_un address;
	struct http_exchange *held;	/* by a request for /hold */
	unsigned requests;
	unsigned stream_left;
	bool stream_was_dead;
	bool drained;
	uint32_t uid;
	struct buf seen;	/* by the observer */
	bool in_group[2];	/* of those in test_groups */
};

enum { GROUP = 64123, OTHER_GROUP };
enum { LARGE = 4 << 20 };	/* more than a socket takes at once */

static void
on_room(struct http_exchange *exchange, void *arg)
{
	static char block[10000];
	struct fixture *f = arg;

	f->stream_was_dead = http_exchange_is_dead(exchange);
	while (f->stream_left > 0 && !f->stream_was_dead) {
		f->stream_left--;
		if (http_stream_chunk(exchange, slice_of(block,
		    sizeof(block))) > 50000)
			return;
	}
	http_stream_end(exchange);
}

/* Answers with the method's number, the path and the body. */
static void
on_request(struct http_exchange *exchange, void *arg)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct fixture *f = arg;
	struct buf body = { 0 };

	f->requests++;
	f->uid = request->uid;
	f->in_group[0] = http_exchange_is_of_group(exchange, GROUP);
	f->in_group[1] = http_exchange_is_of_group(exchange, OTHER_GROUP);
	http_exchange_mark(exchange, f->requests);
	if (slice_eq_str(request->path, "/hold")) {
		f->held = exchange;
		return;
	}
	if (slice_ends(request->path, "stream")) {
		if (slice_eq_str(request->path, "/bad-stream"))
			http_answer_header(exchange, "X",
			    slice_str("a\r\nSet: b"));
		http_stream_start(exchange, 200, on_room, f);
		return;
	}
	if (slice_eq_str(request->path, "/bad"))
		http_answer_header(exchange, "X", slice_str("a\r\nSet: b"));
	buf_printf(&body, "%d%.*s:%.*s", (int)request->method,
	    SLICE_FMT(request->path), SLICE_FMT(request->body));
	while (slice_eq_str(request->path, "/large") && body.len < LARGE)
		buf_add_char(&body, 'x');
	http_answer(exchange, 200, buf_slice(&body));
	buf_fini(&body);
}

static void
on_error(struct http_exchange *exchange, unsigned status, void *arg)
{
	char text[16];

	(void)arg;
	snprintf(text, sizeof(text), "E%u", status);
	http_answer_header(exchange, "X-Error", slice_str(text));
	http_answer(exchange, status, slice_str(text));
}

static void
on_answered(const struct http_request *request, unsigned mark,
    unsigned status, int64_t took_us, void *arg)
{
	struct fixture *f = arg;

	assert_true(took_us >= 0 && took_us < 60 * CLOCK_SECOND);
	buf_printf(&f->seen, "%u %u %.*s\n", mark, status,
	    SLICE_FMT(request->path));
}

static struct fixture *
setup(const struct http_limits *limits)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->base = event_base_new();
	f->address.sun_family = AF_UNIX;
	/* Abstract: no file to leave behind. */
	snprintf(f->address.sun_path + 1, sizeof(f->address.sun_path) - 1,
	    "assent-http-test-%d-%p", (int)getpid(), (void *)f);
	f->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(f->listener, (struct sockaddr *)&f->address,
	    sizeof(f->address)), 0);
	assert_int_equal(listen(f->listener, 64), 0);
	f->server = http_server_new(f->base, limits, on_request, on_error, f);
	assert_int_equal(http_server_listen(f->server, f->listener, NULL), 0);
	return f;
}

static void
teardown(struct fixture *f)
{
	http_server_free(f->server);
	buf_fini(&f->seen);
	close(f->listener);
	/* What was to be called still holds its connection. */
	event_base_loop(f->base, EVLOOP_NONBLOCK);
	event_base_free(f->base);
	free(f);
}

static int
dial(struct fixture *f)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&f->address,
	    sizeof(f->address)), 0);
	return fd;
}

static void
run(struct fixture *f, int ms)
{
	talk_run(f->base, ms);
}

static char *
hear_all(struct fixture *f, int fd)
{
	return talk_hear_all(f->base, fd);
}

static unsigned
count(const char *text, const char *what)
{
	unsigned n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

static const struct {
	const char *sent;
	unsigned status;	/* of the last answer */
	unsigned answers;
	const char *end;	/* how the last one ends */
} talks[] = {
	{ GET CLOSE "\r\n", 200, 1, "\r\n\r\n0/a:" },
	{ "HEAD /a HTTP/1.1\r\nHost: h\r\n" CLOSE "\r\n", 200, 1,
	    "Content-Length: 4\r\n\r\n" },
	{ GET "\r\n" GET "\r\n" GET CLOSE "\r\n", 200, 3, "0/a:" },
	{ POST CLOSE "\r\n", 200, 1, "2/a:" },
	{ POST CLOSE "Content-Length: 3\r\n\r\nabc", 200, 1, "2/a:abc" },
	{ POST CLOSE "Transfer-Encoding: chunked\r\n\r\n"
	    "1\r\na\r\n2;x\r\nbc\r\n0\r\nT: u\r\n\r\n", 200, 1, "2/a:abc" },
	{ POST "Content-Length: 3\r\n\r\nabc" GET CLOSE "\r\n", 200, 2,
	    "0/a:" },
	{ POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
	    GET CLOSE "\r\n", 200, 2, "0/a:" },
	{ "GET /a HTTP/1.0\r\n\r\n" GET "\r\n", 200, 1, "0/a:" },
	{ "\r\n" GET CLOSE "\r\n", 200, 1, "0/a:" },
	{ POST "Content-Length: 3\r\n\r\nabc\r\n" GET CLOSE "\r\n", 200, 2,
	    "0/a:" },
	{ "BREW /a HTTP/1.1\r\nHost: h\r\n" CLOSE "\r\n", 200, 1, "7/a:" },
	{ GET "\r\nGARBAGE\r\n\r\n", 400, 2, "E400" },
	{ "GET /a HTTP/1.1\r\n\r\n" GET "\r\n", 400, 1, "E400" },
	{ POST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
	    GET "\r\n", 400, 1, "E400" },
	{ POST "Content-Length: 20000\r\n\r\nabc", 413, 1, "E413" },
	{ POST "Transfer-Encoding: chunked\r\n\r\n5000\r\n", 413, 1,
	    "E413" },
	{ POST "Transfer-Encoding: chunked\r\n\r\nz\r\n" GET "\r\n", 400, 1,
	    "E400" },
	{ POST "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400, 1,
	    "E400" },
	{ GET "X: y\n\r\n", 400, 1, "E400" },
	{ "GET /a HTTP/2.0\r\n\r\n", 505, 1, "E505" },
	{ "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 501, 1, "E501" },
	{ "GET /bad HTTP/1.1\r\nHost: h\r\n" CLOSE "\r\n", 500, 1,
	    "Content-Length: 0\r\n\r\n" },
};

static void
check_talk(struct fixture *f, size_t i, size_t step)
{
	struct slice sent = slice_str(talks[i].sent);
	char status[32], *got, *last;
	int fd = dial(f);

	for (size_t at = 0; at < sent.len; at += step) {
		struct slice part = slice_sub(sent, at, at + step);

		/* The server may have hung up on the rest. */
		if (send(fd, part.p, part.len, MSG_NOSIGNAL) < 0)
			break;
		run(f, 0);
		if (step > 1)
			run(f, 1);
	}
	got = hear_all(f, fd);
	snprintf(status, sizeof(status), "HTTP/1.1 %u ", talks[i].status);
	if (count(got, "HTTP/1.1 ") != talks[i].answers ||
	    !slice_ends(slice_str(got), talks[i].end))
		fail_msg("talk %zu by %zu: %s", i, step, got);
	for (last = got; strstr(last + 1, "HTTP/1.1 ") != NULL;)
		last = strstr(last + 1, "HTTP/1.1 ");
	assert_true(slice_starts(slice_str(last), status));
	assert_non_null(strstr(last, "\r\nDate: "));
	assert_non_null(strstr(last, "\r\nConnection: close\r\n"));
	free(got);
}

static void
test_talks(void **state)
{
	struct fixture *f = setup(&http_limits_default);

	(void)state;
	for (size_t i = 0; i < sizeof(talks) / sizeof(talks[0]); i++) {
		check_talk(f, i, 1);
		check_talk(f, i, 7);
		check_talk(f, i, 100000);
	}
	assert_int_equal(f->uid, getuid());
	teardown(f);
}

static void
test_continue(void **state)
{
	struct fixture *f = setup(&http_limits_default);
	struct buf out = { 0 };
	int fd = dial(f);
	char *got;

	(void)state;
	talk_say(fd, slice_str(POST CLOSE "Content-Length: 1\r\n"
	    "Expect: 100-continue\r\n\r\n"));
	run(f, 20);
	assert_false(talk_hear(fd, &out));
	assert_string_equal(buf_str(&out), "HTTP/1.1 100 Continue\r\n\r\n");
	talk_say(fd, slice_str("x"));
	got = hear_all(f, fd);
	assert_true(slice_ends(slice_str(got), "2/a:x"));
	free(got);
	fd = dial(f);
	talk_say(fd, slice_str(POST "Content-Length: 99999\r\n"
	    "Expect: 100-continue\r\n\r\n"));
	got = hear_all(f, fd);
	assert_true(slice_starts(slice_str(got), "HTTP/1.1 413 "));
	free(got);
	buf_fini(&out);
	teardown(f);
}

/* Clients that are slow, or say nothing; how long each is borne. */
static void
test_deadlines(void **state)
{
	static const struct {
		const char *said;
		const char *end;
	} slow[] = {
		{ "", "" },
		{ "GET /a", "E408" },
		{ GET, "E408" },
		{ POST "Content-Length: 9\r\n\r\nab", "E408" },
		{ POST "Transfer-Encoding: chunked\r\n\r\n1", "E408" },
		{ GET "\r\n", "0/a:" },
		{ GET "\r\nGET", "E408" },
	};
	struct http_limits limits = http_limits_default;
	struct fixture *f;

	(void)state;
	limits.header_seconds = limits.body_seconds = 1;
	limits.keepalive_seconds = 1;
	f = setup(&limits);
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		int64_t start = clock_monotonic_ms(), took;
		int fd = dial(f);
		char *got;

		talk_say(fd, slice_str(slow[i].said));
		got = hear_all(f, fd);
		took = clock_monotonic_ms() - start;
		assert_true(slice_ends(slice_str(got), slow[i].end));
		assert_true(took > 900 && took < 2600);
		free(got);
	}
	teardown(f);
}

/* Who goes away early takes nobody along; half-closed is not away. */
static void
test_gone(void **state)
{
	struct fixture *f = setup(&http_limits_default);
	int fd = dial(f);
	char *got;

	(void)state;
	talk_say(fd, slice_str("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n"));
	run(f, 20);
	assert_non_null(f->held);
	close(fd);
	run(f, 20);
	http_answer(f->held, 200, slice_str("nobody reads this"));
	run(f, 20);

	fd = dial(f);
	talk_say(fd, slice_str("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n" GET
	    "\r\n"));
	shutdown(fd, SHUT_WR);
	run(f, 20);
	http_answer(f->held, 200, slice_str("first"));
	got = hear_all(f, fd);
	assert_int_equal(count(got, "HTTP/1.1 200"), 2);
	free(got);

	/* Of the second one's body nothing more can come. */
	fd = dial(f);
	talk_say(fd, slice_str("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n" POST
	    "Content-Length: 9\r\n\r\nab"));
	shutdown(fd, SHUT_WR);
	run(f, 20);
	http_answer(f->held, 200, slice_str("first"));
	got = hear_all(f, fd);
	assert_int_equal(count(got, "HTTP/1.1 "), 1);
	free(got);

	/* Left to the server's end with an exchange open. */
	fd = dial(f);
	talk_say(fd, slice_str("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n"));
	run(f, 20);
	close(fd);
	http_answer(f->held, 200, slice_str("x"));
	teardown(f);
}

static void
test_one_at_a_time(void **state)
{
	struct fixture *f = setup(&http_limits_default);
	int fd = dial(f);
	char *got;

	(void)state;
	talk_say(fd, slice_str("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n"
	    GET CLOSE "\r\n"));
	run(f, 20);
	assert_int_equal(f->requests, 1);
	http_answer(f->held, 200, slice_str("first"));
	got = hear_all(f, fd);
	assert_int_equal(f->requests, 2);
	assert_true(strstr(got, "first") < strstr(got, "0/a:"));
	free(got);
	teardown(f);
}

/* What doesn't fit into the socket follows, and then the next answer. */
static void
test_large_answer(void **state)
{
	struct fixture *f = setup(&http_limits_default);
	int fd = dial(f);
	char *got, *body;

	(void)state;
	talk_say(fd, slice_str("GET /large HTTP/1.1\r\nHost: h\r\n\r\n"
	    GET CLOSE "\r\n"));
	got = hear_all(f, fd);
	assert_non_null(strstr(got, "Content-Length: 4194304\r\n"));
	body = strstr(got, "\r\n\r\n0/large:");
	assert_non_null(body);
	body += strlen("\r\n\r\n");
	assert_int_equal(strspn(body + 9, "x"), LARGE - 9);
	assert_memory_equal(body + LARGE, "HTTP/1.1 200 OK\r\n", 17);
	assert_true(slice_ends(slice_str(got), "\r\n\r\n0/a:"));
	free(got);
	teardown(f);
}

/* Who doesn't read what streams in is waited for, but not for ever. */
static void
test_stalled_stream(void **state)
{
	struct http_limits limits = http_limits_default;
	int64_t end = clock_monotonic_ms() + 8000;
	struct fixture *f;
	int fd;

	(void)state;
	limits.stall_seconds = 1;
	f = setup(&limits);
	fd = dial(f);
	f->stream_left = 100;
	talk_say(fd, slice_str("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"));
	while (!f->stream_was_dead) {
		assert_true(clock_monotonic_ms() < end);
		run(f, 1);
	}
	assert_true(f->stream_left > 50);
	close(fd);
	teardown(f);
}

static void
test_stream(void **state)
{
	struct fixture *f = setup(&http_limits_default);
	int fd = dial(f);
	char *got;

	(void)state;
	f->stream_left = 100;
	talk_say(fd, slice_str("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"));
	run(f, 50);
	/* Nobody reads yet: the server waits. */
	assert_true(f->stream_left > 50);
	talk_say(fd, slice_str(GET CLOSE "\r\n"));
	got = hear_all(f, fd);
	assert_int_equal(f->stream_left, 0);
	assert_non_null(strstr(got, "Transfer-Encoding: chunked\r\n"));
	free(got);

	f->stream_left = 1;
	fd = dial(f);
	talk_say(fd, slice_str("HEAD /stream HTTP/1.1\r\nHost: h\r\n" CLOSE
	    "\r\n"));
	got = hear_all(f, fd);
	assert_true(slice_ends(slice_str(got), "chunked\r\n\r\n"));
	free(got);

	f->stream_left = 1;
	fd = dial(f);
	talk_say(fd, slice_str("GET /stream HTTP/1.0\r\n\r\n"));
	got = hear_all(f, fd);
	assert_null(strstr(got, "chunked"));
	free(got);

	/* Nothing of a header that may not be, and the framing whole. */
	f->stream_left = 1;
	fd = dial(f);
	talk_say(fd, slice_str("GET /bad-stream HTTP/1.1\r\nHost: h\r\n" CLOSE
	    "\r\n"));
	got = hear_all(f, fd);
	assert_true(slice_starts(slice_str(got), "HTTP/1.1 500 "));
	assert_non_null(strstr(got, "\r\nTransfer-Encoding: chunked\r\n"));
	assert_null(strstr(got, "X: "));
	free(got);

	f->stream_left = 100;
	fd = dial(f);
	talk_say(fd, slice_str("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"));
	run(f, 20);
	close(fd);
	run(f, 20);
	assert_true(f->stream_was_dead);
	teardown(f);
}

static void
on_drained(void *arg)
{
	struct fixture *f = arg;

	f->drained = true;
}

static void
test_drain(void **state)
{
	struct fixture *f = setup(&http_limits_default);
	int idle = dial(f), active = dial(f), busy = dial(f), fresh;
	struct buf out = { 0 };
	char *got;

	(void)state;
	talk_say(idle, slice_str(GET "\r\n"));
	talk_say(active, slice_str(GET "\r\n"));
	talk_say(busy, slice_str("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n"));
	fresh = dial(f);
	run(f, 50);
	assert_false(talk_hear(active, &out));
	buf_fini(&out);
	http_server_drain(f->server, on_drained, f);
	run(f, 50);
	assert_false(f->drained);
	talk_say(fresh, slice_str(GET "\r\n"));
	talk_say(active, slice_str(GET "\r\n"));
	got = hear_all(f, fresh);
	assert_non_null(strstr(got, "Connection: close"));
	free(got);
	/* Its request crossed our end: it is answered all the same. */
	got = hear_all(f, active);
	assert_non_null(strstr(got, "Connection: close"));
	free(got);
	got = hear_all(f, idle);
	assert_null(strstr(got, "Connection: close"));
	free(got);
	http_answer(f->held, 200, slice_str("last"));
	got = hear_all(f, busy);
	assert_true(slice_ends(slice_str(got), "last"));
	free(got);
	run(f, 20);
	assert_true(f->drained);
	teardown(f);
}

/* Whoever keeps a connection alive is told, and not cut off. */
static void
test_leave(void **state)
{
	struct http_limits limits = http_limits_default;
	struct fixture *f;
	int kept, idle, fresh;
	struct buf out = { 0 };
	char *got;

	(void)state;
	limits.keepalive_seconds = 1;
	f = setup(&limits);
	kept = dial(f);
	idle = dial(f);
	talk_say(kept, slice_str(GET "\r\n"));
	talk_say(idle, slice_str(GET "\r\n"));
	run(f, 50);
	assert_false(talk_hear(kept, &out));
	buf_fini(&out);
	http_server_leave(f->server, on_drained, f);
	run(f, 50);
	assert_false(talk_hear(kept, &out));
	assert_false(f->drained);
	talk_say(kept, slice_str(GET "\r\n"));
	got = hear_all(f, kept);
	assert_non_null(strstr(got, "Connection: close"));
	free(got);
	/* It is left to who listens there now. */
	fresh = dial(f);
	run(f, 1200);
	assert_true(f->drained);
	got = hear_all(f, idle);
	assert_null(strstr(got, "Connection: close"));
	free(got);
	close(fresh);
	teardown(f);
}

/* Who is slow to say what he wants can't hold up the end. */
static void
test_drain_of_slow_ones(void **state)
{
	static const char *const halves[] = { GET,
		POST "Content-Length: 9\r\n\r\nab" };
	struct http_limits limits = http_limits_default;
	int64_t start;
	int fd[2];
	struct fixture *f;

	(void)state;
	limits.header_seconds = limits.body_seconds = 60;
	limits.min_body_rate = 0;
	f = setup(&limits);
	for (size_t i = 0; i < 2; i++) {
		fd[i] = dial(f);
		talk_say(fd[i], slice_str(halves[i]));
	}
	run(f, 20);
	start = clock_monotonic_ms();
	http_server_drain(f->server, on_drained, f);
	for (size_t i = 0; i < 2; i++) {
		char *got = hear_all(f, fd[i]);

		assert_true(slice_ends(slice_str(got), "E408"));
		free(got);
	}
	assert_true(clock_monotonic_ms() - start > 3000);
	run(f, 20);
	assert_true(f->drained);
	teardown(f);
}

/* Nor can one who doesn't read what streams to him. */
static void
test_drain_of_a_stalled_stream(void **state)
{
	struct http_limits limits = http_limits_default;
	int64_t end = clock_monotonic_ms() + 20000;
	struct fixture *f;
	int fd;

	(void)state;
	limits.stall_seconds = 3600;
	f = setup(&limits);
	fd = dial(f);
	f->stream_left = 100;
	talk_say(fd, slice_str("GET /stream HTTP/1.1\r\nHost: h\r\n\r\n"));
	run(f, 20);
	http_server_drain(f->server, on_drained, f);
	while (!f->drained) {
		assert_true(clock_monotonic_ms() < end);
		run(f, 1);
	}
	assert_true(f->stream_was_dead);
	close(fd);
	teardown(f);
}

/* Who leaves in the middle of a body leaves nothing to wait for. */
static void
test_gone_in_body(void **state)
{
	static const char *const halves[] = {
		POST "Content-Length: 9\r\n\r\nab",
		POST "Transfer-Encoding: chunked\r\n\r\n5\r\nab",
	};
	struct fixture *f = setup(&http_limits_default);

	(void)state;
	for (size_t i = 0; i < sizeof(halves) / sizeof(halves[0]); i++) {
		int fd = dial(f);

		talk_say(fd, slice_str(halves[i]));
		run(f, 20);
		close(fd);
		run(f, 20);
	}
	http_server_drain(f->server, on_drained, f);
	run(f, 20);
	assert_int_equal(f->requests, 0);
	assert_true(f->drained);
	teardown(f);
}

/* At the cap, whoever idles makes room; if nobody does, the rest wait. */
static void
test_cap(void **state)
{
	struct http_limits limits = http_limits_default;
	int fd[4];
	struct fixture *f;
	struct buf out = { 0 };
	char *got;

	(void)state;
	limits.connections = 2;
	f = setup(&limits);
	for (size_t i = 0; i < 3; i++) {
		fd[i] = dial(f);
		talk_say(fd[i], slice_str(GET "\r\n"));
		run(f, 20);
		assert_int_equal(f->requests, i + 1);
	}
	assert_true(talk_hear(fd[0], &out));
	buf_fini(&out);
	close(fd[0]);
	talk_say(fd[1], slice_str("GET"));
	talk_say(fd[2], slice_str("GET"));
	fd[3] = dial(f);
	talk_say(fd[3], slice_str(GET CLOSE "\r\n"));
	run(f, 50);
	assert_int_equal(f->requests, 3);
	close(fd[1]);
	got = hear_all(f, fd[3]);
	assert_int_equal(f->requests, 4);
	free(got);
	close(fd[2]);
	run(f, 20);
	teardown(f);
}

/* Each answer once, whoever heard it; and what was no request. */
static void
test_observer(void **state)
{
	static const char *const said[] = { GET CLOSE "\r\n",
		"GET /bad HTTP/1.1\r\nHost: h\r\n" CLOSE "\r\n",
		"GET /bad-stream HTTP/1.1\r\nHost: h\r\n" CLOSE "\r\n",
		"GARBAGE\r\n\r\n", POST "Content-Length: 20000\r\n\r\n" };
	struct fixture *f = setup(&http_limits_default);
	int fd;

	(void)state;
	http_server_observe(f->server, on_answered);
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		fd = dial(f);
		talk_say(fd, slice_str(said[i]));
		free(hear_all(f, fd));
	}
	fd = dial(f);
	talk_say(fd, slice_str("GET /hold HTTP/1.1\r\nHost: h\r\n\r\n"));
	run(f, 20);
	close(fd);
	run(f, 20);
	http_answer(f->held, 204, slice_str(""));
	assert_string_equal(buf_str(&f->seen), "1 200 /a\n2 500 /bad\n"
	    "3 500 /bad-stream\n0 400 \n0 413 /a\n4 204 /hold\n");
	teardown(f);
}

/* Only root can be in groups at will. */
static void
test_groups(void **state)
{
	static const gid_t some[] = { 64001, GROUP, 64999 };
	struct fixture *f = setup(&http_limits_default);
	gid_t mine[64];
	int count = getgroups(64, mine), fd;

	(void)state;
	if (geteuid() != 0 || count < 0) {
		teardown(f);
		skip();
		return;
	}
	for (size_t n = 0; n <= 3; n += 3) {
		assert_int_equal(setgroups(n, some), 0);
		fd = dial(f);
		talk_say(fd, slice_str(GET CLOSE "\r\n"));
		free(hear_all(f, fd));
		assert_int_equal(f->in_group[0], n > 0);
		assert_false(f->in_group[1]);
	}
	assert_int_equal(setgroups((size_t)count, mine), 0);
	teardown(f);
}

static void
test_statuses(void **state)
{
	size_t i = 0;

	(void)state;
	for (unsigned before = 0; http_status_at(i) != 0; i++) {
		assert_true(http_status_at(i) > before);
		before = http_status_at(i);
	}
	assert_true(i > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_talks),
		cmocka_unit_test(test_continue),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_large_answer),
		cmocka_unit_test(test_stalled_stream),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_leave),
		cmocka_unit_test(test_drain_of_slow_ones),
		cmocka_unit_test(test_drain_of_a_stalled_stream),
		cmocka_unit_test(test_gone_in_body),
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_observer),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_statuses),
	};

	/* As every process of ours does. */
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
