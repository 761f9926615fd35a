/* SPDX-License-Identifier: ISC */
/*
 * Frames: whole at the other end however they were cut, and nonsense ends
 * the connection.
 */
#include "io/ipc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct end {
	struct ipc *ipc;
	struct buf got;		/* each frame with a '|' behind it */
	size_t frames, bytes, idles, idle_at;
	bool closed, free_in_frame;
	int error;
};

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct end *e = arg;

	e->frames++;
	e->bytes += frame.len;
	if (frame.len < 100) {
		buf_add_slice(&e->got, frame);
		buf_add_char(&e->got, '|');
	}
	if (e->free_in_frame) {
		ipc_free(ipc);
		e->ipc = NULL;
	}
}

static void
on_idle(struct ipc *ipc, void *arg)
{
	struct end *e = arg;

	(void)ipc;
	e->idles++;
	e->idle_at = e->frames;
}

static void
on_close(struct ipc *ipc, void *arg)
{
	struct end *e = arg;

	e->closed = true;
	e->error = ipc_error(ipc);
	ipc_free(ipc);
	e->ipc = NULL;
}

static const struct ipc_callbacks callbacks = { .on_frame = on_frame,
    .on_idle = on_idle, .on_close = on_close };

static void
spin(struct event_base *base)
{
	event_base_loop(base, EVLOOP_NONBLOCK);
}

/* An ipc at one end, a bare socket at the other. */
static int
open_raw(struct event_base *base, struct end *e)
{
	int fds[2];

	*e = (struct end){ 0 };
	assert_int_equal(ipc_pair(fds), 0);
	e->ipc = ipc_new(base, fds[0], &callbacks, e);
	return fds[1];
}

static void
close_raw(struct end *e, int fd)
{
	ipc_free(e->ipc);
	buf_fini(&e->got);
	close(fd);
}

static const char stream[] =
    "\0\0\0\5hello" "\0\0\0\0" "\0\0\0\1x" "\0\0\0\3end";

/* The stream in two parts, at every byte. */
static void
test_cut(void **state)
{
	struct event_base *base = event_base_new();
	const size_t len = sizeof(stream) - 1;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		struct end e;
		int fd = open_raw(base, &e);

		assert_int_equal(write(fd, stream, cut), cut);
		spin(base);
		assert_int_equal(write(fd, stream + cut, len - cut),
		    len - cut);
		spin(base);
		assert_string_equal(buf_str(&e.got), "hello||x|end|");
		assert_false(e.closed);
		close_raw(&e, fd);
	}
	event_base_free(base);
}

static void
test_bytewise(void **state)
{
	struct event_base *base = event_base_new();
	struct end e;
	int fd = open_raw(base, &e);

	(void)state;
	for (size_t i = 0; i < sizeof(stream) - 1; i++) {
		assert_int_equal(write(fd, stream + i, 1), 1);
		spin(base);
	}
	assert_string_equal(buf_str(&e.got), "hello||x|end|");
	close_raw(&e, fd);
	event_base_free(base);
}

/* What arrived before the end is delivered before it. */
static void
test_close(void **state)
{
	struct event_base *base = event_base_new();
	struct end e;
	int fd = open_raw(base, &e);

	(void)state;
	assert_int_equal(write(fd, stream, sizeof(stream) - 2),
	    sizeof(stream) - 2);
	shutdown(fd, SHUT_RDWR);
	spin(base);
	spin(base);
	assert_string_equal(buf_str(&e.got), "hello||x|");
	assert_int_equal(e.idles, 1);
	assert_true(e.closed);
	close_raw(&e, fd);
	event_base_free(base);
}

/* Others have their turn in between, and the end waits for all. */
static void
test_small_groups(void **state)
{
	static const struct ipc_callbacks small = { .on_frame = on_frame,
		.on_idle = on_idle, .on_close = on_close, .frames_max = 3 };
	struct event_base *base = event_base_new();
	struct end e = { 0 }, other;
	int fds[2], fd = open_raw(base, &other);

	(void)state;
	assert_int_equal(ipc_pair(fds), 0);
	e.ipc = ipc_new(base, fds[0], &small, &e);
	assert_int_equal(write(fds[1], stream, sizeof(stream) - 1),
	    sizeof(stream) - 1);
	assert_int_equal(write(fds[1], stream, sizeof(stream) - 1),
	    sizeof(stream) - 1);
	close(fds[1]);
	for (size_t groups = 1; groups <= 3; groups++) {
		assert_int_equal(write(fd, stream, 9), 9);
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		assert_int_equal(other.frames, groups);
		assert_int_equal(e.idles, groups);
		assert_int_equal(e.idle_at, groups < 3 ? 3 * groups : 8);
		assert_false(e.closed);
	}
	spin(base);
	assert_true(e.closed);
	assert_string_equal(buf_str(&e.got), "hello||x|end|hello||x|end|");
	buf_fini(&e.got);
	close_raw(&other, fd);
	event_base_free(base);
}

static void
test_garbage_length(void **state)
{
	static const uint8_t lengths[][4] = { { 0, 0x10, 0, 1 },
		{ 0xff, 0xff, 0xff, 0xff }, { 0x80, 0, 0, 0 } };
	struct event_base *base = event_base_new();

	(void)state;
	for (size_t i = 0; i < COUNT(lengths); i++) {
		struct end e;
		int fd = open_raw(base, &e);

		assert_int_equal(write(fd, "\0\0\0\1a", 5), 5);
		assert_int_equal(write(fd, lengths[i], 4), 4);
		spin(base);
		assert_string_equal(buf_str(&e.got), "a|");
		assert_true(e.closed);
		assert_int_equal(e.error, 0);
		close_raw(&e, fd);
	}
	event_base_free(base);
}

/* A pipe can't be read as a socket is, a packet can't be that large. */
static void
test_failed(void **state)
{
	struct event_base *base = event_base_new();
	char *bytes = mem_new(1, IPC_FRAME_MAX);
	struct end in = { 0 }, out = { 0 };
	int pipes[2], packets[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, packets), 0);
	in.ipc = ipc_new(base, pipes[0], &callbacks, &in);
	out.ipc = ipc_new(base, packets[0], &callbacks, &out);
	assert_int_equal(write(pipes[1], "x", 1), 1);
	assert_int_equal(ipc_send(out.ipc, slice_of(bytes, IPC_FRAME_MAX)),
	    0);
	spin(base);
	assert_true(in.closed && out.closed);
	assert_int_equal(in.error, -ENOTSOCK);
	assert_int_equal(out.error, -EMSGSIZE);
	close(pipes[1]);
	close(packets[1]);
	free(bytes);
	event_base_free(base);
}

static void
test_free_in_frame(void **state)
{
	struct event_base *base = event_base_new();
	struct end e;
	int fd = open_raw(base, &e);

	(void)state;
	e.free_in_frame = true;
	assert_int_equal(write(fd, stream, sizeof(stream) - 1),
	    sizeof(stream) - 1);
	spin(base);
	assert_int_equal(e.frames, 1);
	assert_false(e.closed);
	close_raw(&e, fd);
	event_base_free(base);
}

/* Largest frames both ways, far more than a socket holds. */
static void
test_large(void **state)
{
	struct event_base *base = event_base_new();
	char *bytes = mem_new(1, IPC_FRAME_MAX + 1);
	struct end a = { 0 }, b = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(ipc_pair(fds), 0);
	a.ipc = ipc_new(base, fds[0], &callbacks, &a);
	b.ipc = ipc_new(base, fds[1], &callbacks, &b);
	assert_int_equal(ipc_send(a.ipc, slice_of(bytes, IPC_FRAME_MAX + 1)),
	    -EMSGSIZE);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(ipc_send(a.ipc,
		    slice_of(bytes, IPC_FRAME_MAX)), 0);
		assert_int_equal(ipc_send(b.ipc,
		    slice_of(bytes, IPC_FRAME_MAX - 1)), 0);
	}
	assert_true(ipc_backlog(a.ipc) > 5 * IPC_FRAME_MAX);
	for (int i = 0; i < 10000 && (a.frames < 5 || b.frames < 5); i++)
		event_base_loop(base, EVLOOP_ONCE);
	assert_int_equal(b.bytes, 5 * (size_t)IPC_FRAME_MAX);
	assert_int_equal(a.bytes, 5 * (size_t)(IPC_FRAME_MAX - 1));
	assert_int_equal(ipc_backlog(a.ipc), 0);
	ipc_free(a.ipc);
	spin(base);
	assert_true(b.closed);
	free(bytes);
	event_base_free(base);
}

/* All that has arrived is one group, however many kilobytes. */
static void
test_group(void **state)
{
	struct event_base *base = event_base_new();
	struct end e;
	int fd = open_raw(base, &e);

	(void)state;
	for (int i = 0; i < 200; i++)
		assert_int_equal(write(fd, "\0\0\0\144"
		    "0123456789012345678901234567890123456789"
		    "0123456789012345678901234567890123456789"
		    "01234567890123456789", 104), 104);
	spin(base);
	assert_int_equal(e.frames, 200);
	assert_int_equal(e.idles, 1);
	assert_int_equal(e.idle_at, 200);
	close_raw(&e, fd);
	event_base_free(base);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_bytewise),
		cmocka_unit_test(test_close),
		cmocka_unit_test(test_small_groups),
		cmocka_unit_test(test_garbage_length),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_free_in_frame),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_group),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
