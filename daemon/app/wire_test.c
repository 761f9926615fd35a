/* SPDX-License-Identifier: ISC */
/*
 * Envelopes: there and back, and what isn't one is refused.
 */
#include "app/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "io/ipc.h"

struct seen {
	uint64_t serial;
	char *reply;
	bool closed;
};

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct seen *seen = arg;
	Message__Envelope *e = wire_open(frame);

	(void)ipc;
	assert_non_null(e);
	assert_int_equal(e->body_case, MESSAGE__ENVELOPE__BODY_MAIL_RESULT);
	seen->serial = e->serial;
	free(seen->reply);
	seen->reply = mem_strdup(e->mail_result->reply);
	wire_free(e);
}

static void
on_close(struct ipc *ipc, void *arg)
{
	struct seen *seen = arg;

	(void)ipc;
	seen->closed = true;
}

static const struct ipc_callbacks callbacks = { on_frame, NULL, on_close };

/* Small ones, and ones too large for the stack. */
static void
test_round_trip(void **state)
{
	static const size_t lengths[] = { 0, 1, 4000, 4096, 100000 };
	struct event_base *base = event_base_new();
	struct seen seen = { 0 };
	int fds[2];
	struct ipc *a, *b;

	(void)state;
	assert_int_equal(ipc_pair(fds), 0);
	a = ipc_new(base, fds[0], &callbacks, &seen);
	b = ipc_new(base, fds[1], &callbacks, &seen);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		Message__MailResult result;
		Message__Envelope e = MESSAGE__ENVELOPE__INIT;
		char *reply = mem_new(1, lengths[i] + 1);

		memset(reply, 'r', lengths[i]);
		message__mail_result__init(&result);
		result.reply = reply;
		e.serial = 7 + i;
		e.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RESULT;
		e.mail_result = &result;
		assert_int_equal(wire_send(a, &e), 0);
		for (int k = 0; k < 100 && seen.serial != 7 + i; k++)
			event_base_loop(base, EVLOOP_ONCE);
		assert_int_equal(seen.serial, 7 + i);
		assert_string_equal(seen.reply, reply);
		free(reply);
	}
	ipc_free(a);
	event_base_loop(base, EVLOOP_NONBLOCK);
	assert_true(seen.closed);
	ipc_free(b);
	free(seen.reply);
	event_base_free(base);
}

static void
test_errors(void **state)
{
	Message__MailResult result;
	Message__Envelope e = MESSAGE__ENVELOPE__INIT;
	char *reply = mem_new(1, IPC_FRAME_MAX + 1);

	(void)state;
	assert_int_equal(wire_send(NULL, &e), -ENOTCONN);
	memset(reply, 'r', IPC_FRAME_MAX);
	message__mail_result__init(&result);
	result.reply = reply;
	e.body_case = MESSAGE__ENVELOPE__BODY_MAIL_RESULT;
	e.mail_result = &result;
	{
		struct event_base *base = event_base_new();
		int fds[2];
		struct ipc *a, *b;

		assert_int_equal(ipc_pair(fds), 0);
		a = ipc_new(base, fds[0], &callbacks, NULL);
		b = ipc_new(base, fds[1], &callbacks, NULL);
		assert_int_equal(wire_send(a, &e), -EMSGSIZE);
		assert_int_equal(ipc_backlog(a), 0);
		ipc_free(a);
		ipc_free(b);
		event_base_free(base);
	}
	free(reply);
}

static void
test_not_an_envelope(void **state)
{
	(void)state;
	assert_null(wire_open(slice_str("")));		/* no body */
	assert_null(wire_open(slice_str("\x08\x05")));	/* a serial alone */
	assert_null(wire_open(slice_str("\xff\xff\xff")));
	assert_null(wire_open(slice_str("hello")));
	wire_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_not_an_envelope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
