/* SPDX-License-Identifier: ISC */
/*
 * Dialogues that end too early, and what the mailer is told.
 */
#include "smtp/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define STAGE(name) SESSION__RESULT__STAGE__##name
#define GREETED "S220 hi\r\n", "CEHLO a\r\n", "S250 b\r\n"
#define UP_TO_RCPT GREETED, "CMAIL FROM:<a@b>\r\n", "S250 ok\r\n", \
	"CRCPT TO:<c@d>\r\n"
#define UP_TO_DOT UP_TO_RCPT, "S250 ok\r\n", "CDATA\r\n", "S354 go\r\n", "B"
#define DIALOGUE(...) (const char *const[]){ __VA_ARGS__, NULL }

static const struct {
	const char *const *lines;	/* C: ours, S: the other, B: a body */
	bool no_login, too_late;
	Session__Result__Stage stage;
	const char *text;
} cases[] = {
	{ (const char *const[]){ NULL }, false, false, STAGE(CONNECT),
	    "the server hung up instead of a greeting" },
	{ DIALOGUE(GREETED, "CAUTH PLAIN x\r\n", "S535 5.7.8 no\r\n"), true,
	    false, STAGE(AUTH), "535 5.7.8 no" },
	{ DIALOGUE(GREETED), true, false, STAGE(NO_AUTH),
	    "the server offers no login that is known here" },
	{ DIALOGUE(UP_TO_RCPT), false, true, STAGE(RCPT),
	    "an answer to RCPT didn't come in time" },
	{ DIALOGUE(UP_TO_RCPT), false, false, STAGE(RCPT),
	    "the server hung up instead of an answer to RCPT" },
	{ DIALOGUE(UP_TO_RCPT, "S550 5.1.1 no\r\n", "CQUIT\r\n"), false,
	    false, STAGE(RCPT), "550 5.1.1 no" },
	{ DIALOGUE(UP_TO_RCPT, "Sgarbage\r\n"), false, false, STAGE(RCPT),
	    "the server doesn't speak SMTP" },
	{ DIALOGUE(UP_TO_DOT), false, false, STAGE(DATA),
	    "the server hung up instead of an answer to the message" },
	{ DIALOGUE(UP_TO_DOT, "S250 2.0.0 taken\r\n", "CQUIT\r\n"), false,
	    true, STAGE(DATA), "250 2.0.0 taken" },
	{ DIALOGUE(UP_TO_DOT, "S250 2.0"), false, false, STAGE(DATA),
	    "the server hung up instead of an answer to the message" },
};

static void
play(struct wire *w, const char *const lines[])
{
	wire_init(w);
	for (; *lines != NULL; lines++) {
		struct slice rest = slice_sub(slice_str(*lines), 1, SIZE_MAX);

		if ((*lines)[0] == 'C') {
			wire_sent(w, rest);
		} else if ((*lines)[0] == 'S') {
			wire_got(w, rest);
		} else {
			wire_begin_body(w);
			wire_end_body(w);
		}
	}
}

static void
test_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct verdict verdict;
		struct wire wire;

		play(&wire, cases[i].lines);
		verdict_at_end(&wire, cases[i].no_login, cases[i].too_late,
		    &verdict);
		if (strcmp(verdict.text, cases[i].text) != 0 ||
		    verdict.stage != cases[i].stage)
			fail_msg("case %zu: stage %d, \"%s\"", i,
			    (int)verdict.stage, verdict.text);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
