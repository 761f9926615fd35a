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

static const struct ipc_callbacks callbacks = { .on_frame = on_frame,
    .on_close = on_close };

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

/* A field of its own behind the fields of each message within. */
static void
test_unknown_fields(void **state)
{
	static const uint8_t added[] = { 0xf8, 0x7f, 1 };	/* 2047: 1 */
	Fact__Pair pair, *fields[] = { &pair };
	Fact__Evidence evidence;
	Message__Subscribe s;
	Message__Envelope e, *opened;
	ProtobufCMessage *const within[] = { &e.base, &s.base, &evidence.base,
	    &pair.base };
	enum { WITHIN = sizeof(within) / sizeof(within[0]) };
	ProtobufCMessageUnknownField unknown = { .tag = 2047,
	    .wire_type = PROTOBUF_C_WIRE_TYPE_VARINT, .len = 1,
	    .data = (uint8_t *)(uintptr_t)(added + 2) };
	uint8_t packed[256];
	size_t len;

	(void)state;
	fact__pair__init(&pair);
	fact__evidence__init(&evidence);
	message__subscribe__init(&s);
	message__envelope__init(&e);
	e.body_case = MESSAGE__ENVELOPE__BODY_SUBSCRIBE;
	e.subscribe = &s;
	s.evidence = &evidence;
	s.n_fields = 1;
	s.fields = fields;
	for (size_t i = 0; i <= WITHIN; i++) {
		if (i < WITHIN) {
			within[i]->n_unknown_fields = 1;
			within[i]->unknown_fields = &unknown;
		}
		assert_in_range(message__envelope__get_packed_size(&e), 1,
		    sizeof(packed));
		len = message__envelope__pack(&e, packed);
		opened = wire_open(slice_of(packed, len));
		assert_true((opened != NULL) == (i == WITHIN));
		wire_free(opened);
		if (i < WITHIN)
			within[i]->n_unknown_fields = 0;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_unknown_fields),
		cmocka_unit_test(test_not_an_envelope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
