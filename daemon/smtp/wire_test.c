/* SPDX-License-Identifier: ISC */
/*
 * Dialogues, and what is made of them.
 */
#include "smtp/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Each line is one side's: "C:" ours, "S:" the server's; "B" is a body. */
static void
play(struct wire *w, const char *const lines[])
{
	wire_init(w);
	for (; *lines != NULL; lines++) {
		struct slice rest = slice_sub(slice_str(*lines), 2, SIZE_MAX);

		if ((*lines)[0] == 'C')
			wire_sent(w, rest);
		else if ((*lines)[0] == 'S')
			wire_got(w, rest);
		else
			wire_begin_body(w), wire_end_body(w);
	}
}

#define DIALOGUE(...) (const char *const[]){ __VA_ARGS__, NULL }
#define UP_TO_MAIL "S:220 hi\r\n", "C:EHLO a\r\n", "S:250-b\r\n250 PIPELINING" \
	"\r\n", "C:MAIL FROM:<a@b>\r\n"
#define UP_TO_DOT UP_TO_MAIL, "S:250 ok\r\n", "C:RCPT TO:<c@d>\r\nDATA\r\n", \
	"S:250 ok\r\n354 go\r\n", "B"

static const struct {
	const char *const *lines;
	enum wire_step awaited, reply_to;
	const char *text, *fault;
} cases[] = {
	{ DIALOGUE("S:220-hi\r\n220 there\r\n"), WIRE_GREETING,
	    WIRE_GREETING, "220 hi there", NULL },
	{ DIALOGUE(UP_TO_MAIL), WIRE_MAIL, WIRE_EHLO, "250 b PIPELINING",
	    NULL },
	{ DIALOGUE(UP_TO_MAIL, "S:451 4.3.0 la", "S:ter\r", "S:\n"),
	    WIRE_MAIL, WIRE_MAIL, "451 4.3.0 later", NULL },
	{ DIALOGUE(UP_TO_MAIL, "S:250\n"), WIRE_MAIL, WIRE_MAIL, "250 ",
	    NULL },
	{ DIALOGUE(UP_TO_MAIL, "S:250 ok\r\n", "C:RCPT TO:<c@d>\r\nDATA\r\n",
	    "S:550-5.1.1 no\r\n550 \xff one\tis there\r\n"), WIRE_DATA,
	    WIRE_RCPT, "550 5.1.1 no ? one is there", NULL },
	{ DIALOGUE(UP_TO_MAIL, "S:250 ok\r\n", "C:RCPT TO:<c@d>\r\nDATA\r\n",
	    "S:550 no\r\n554 none\r\n"), WIRE_DATA, WIRE_RCPT, "550 no",
	    NULL },
	{ DIALOGUE(UP_TO_DOT), WIRE_DOT, WIRE_DATA, "354 go", NULL },
	{ DIALOGUE(UP_TO_DOT, "S:250 2.0"), WIRE_DOT, WIRE_DATA, "354 go",
	    NULL },
	{ DIALOGUE(UP_TO_DOT, "S:250 2.0.0 done\r\n"), WIRE_DOT, WIRE_DOT,
	    "250 2.0.0 done", NULL },
	{ DIALOGUE(UP_TO_DOT, "S:250 done\r\n421 bye\r\n"), WIRE_DOT,
	    WIRE_DOT, "421 bye", NULL },
	{ DIALOGUE(UP_TO_MAIL, "S:550 no\r\n", "C:QUIT\r\n", "S:221 b\r\n"),
	    WIRE_MAIL, WIRE_MAIL, "550 no", NULL },
	{ DIALOGUE("S:220 hi\r\n250 hi\r\n"), WIRE_GREETING, WIRE_GREETING,
	    "250 hi", "the server speaks out of turn" },
	{ DIALOGUE(UP_TO_MAIL, "S:250 ok\r\n250 ok\r\n"), WIRE_MAIL,
	    WIRE_MAIL, "250 ok", "the server speaks out of turn" },
	{ DIALOGUE(UP_TO_DOT, "S:250 a\r\n250 b\r\n"), WIRE_DOT, WIRE_DOT,
	    "250 b", "the server speaks out of turn" },
	{ DIALOGUE(UP_TO_MAIL, "S:HTTP/1.1 400 Bad\r\n"), WIRE_MAIL,
	    WIRE_EHLO, "250 b PIPELINING", "the server doesn't speak SMTP" },
	{ DIALOGUE(UP_TO_MAIL, "S:25\r\n"), WIRE_MAIL, WIRE_EHLO,
	    "250 b PIPELINING", "the server doesn't speak SMTP" },
	{ DIALOGUE(UP_TO_MAIL, "S:2500 ok\r\n"), WIRE_MAIL, WIRE_EHLO,
	    "250 b PIPELINING", "the server doesn't speak SMTP" },
	{ DIALOGUE(UP_TO_MAIL, "S:650 ok\r\n"), WIRE_MAIL, WIRE_EHLO,
	    "250 b PIPELINING", "the server doesn't speak SMTP" },
};

static void
each_dialogue_is_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct wire w;

		play(&w, cases[i].lines);
		if (wire_awaited(&w) != cases[i].awaited ||
		    w.reply_to != cases[i].reply_to ||
		    strcmp(w.text, cases[i].text) != 0)
			fail_msg("case %zu: %s: %s", i,
			    wire_step_name(w.reply_to), w.text);
		if (cases[i].fault == NULL)
			assert_null(w.fault);
		else
			assert_string_equal(w.fault, cases[i].fault);
	}
}

static void
only_235_to_auth_is_a_login(void **state)
{
	const struct {
		const char *const *lines;
		bool authenticated;
	} logins[] = {
		{ DIALOGUE("S:220 a\r\n", "C:AUTH PLAIN x\r\n",
		    "S:235 2.7.0 yes\r\n"), true },
		{ DIALOGUE("S:220 a\r\n", "C:AUTH PLAIN x\r\n",
		    "S:250 yes\r\n"), false },
		{ DIALOGUE("S:220 a\r\n", "C:EHLO x\r\n", "S:235 yes\r\n"),
		    false },
		{ DIALOGUE("S:220 a\r\n", "C:AUTH LOGIN\r\n", "S:334 x\r\n",
		    "C:MAILxyz=\r\n", "S:334 y\r\n", "C:QUITabc=\r\n",
		    "S:235 yes\r\n"), true },
		{ DIALOGUE("S:220 a\r\n", "C:AUTH LOGIN\r\n", "S:334 x\r\n",
		    "C:MAILxyz=\r\n", "S:535 no\r\n"), false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
		struct wire w;

		play(&w, logins[i].lines);
		assert_int_equal(w.authenticated, logins[i].authenticated);
	}
}

static void
a_reply_must_end(void **state)
{
	char line[1024];
	struct wire w;

	(void)state;
	memset(line, 'x', sizeof(line));
	wire_init(&w);
	wire_got(&w, slice_str("220 "));
	wire_got(&w, slice_of(line, sizeof(line)));
	assert_string_equal(w.fault, "the server's reply has no end");
	/* A long line is cut, and many of them are too much. */
	wire_init(&w);
	for (int i = 0; i < 50 && w.fault == NULL; i++) {
		wire_got(&w, slice_str("220-"));
		wire_got(&w, slice_of(line, 900));
		wire_got(&w, slice_str("\r\n"));
	}
	assert_null(w.fault);
	assert_int_equal(w.code, 0);
	for (int i = 0; i < 50 && w.fault == NULL; i++) {
		wire_got(&w, slice_str("220-"));
		wire_got(&w, slice_of(line, 900));
		wire_got(&w, slice_str("\r\n"));
	}
	assert_string_equal(w.fault, "the server's reply has no end");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_dialogue_is_understood),
		cmocka_unit_test(only_235_to_auth_is_a_login),
		cmocka_unit_test(a_reply_must_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
