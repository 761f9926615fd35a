/* SPDX-License-Identifier: ISC */
/*
 * Replies and what becomes of the mail, one case each.
 */
#include "core/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "core/token.h"

#define OUTCOME(x) MESSAGE__MAIL_RESULT__OUTCOME__##x
#define STAGE(x) SESSION__RESULT__STAGE__##x

static const struct {
	Session__Result__Stage stage;
	const char *reply;
	Message__MailResult__Outcome outcome;
} cases[] = {
	{ STAGE(DATA), "250 2.0.0 Ok: queued as 1", OUTCOME(SENT) },
	{ STAGE(DATA), "250 ", OUTCOME(SENT) },
	{ STAGE(DATA), "251 2.0.0 Ok", OUTCOME(SENT) },
	{ STAGE(DATA), "the server hung up", OUTCOME(RETRY) },
	{ STAGE(MAIL), "the server hung up", OUTCOME(RETRY) },
	{ STAGE(DATA), "354 go on", OUTCOME(RETRY) },
	{ STAGE(RCPT), "250 2.1.5 Ok", OUTCOME(RETRY) },
	{ STAGE(CONNECT), "220 hello", OUTCOME(UNTRIED) },
	{ STAGE(CONNECT), "connection lost", OUTCOME(UNTRIED) },
	{ STAGE(DATA), "", OUTCOME(RETRY) },
	{ STAGE(DATA), "25", OUTCOME(RETRY) },
	{ STAGE(DATA), "999 what", OUTCOME(RETRY) },
	{ STAGE(CONNECT), "421 4.3.2 closing", OUTCOME(UNTRIED) },
	{ STAGE(MAIL), "421 closing", OUTCOME(RETRY) },
	{ STAGE(RCPT), "450 4.2.0 greylisted", OUTCOME(RETRY) },
	{ STAGE(RCPT), "452 too many", OUTCOME(RETRY) },
	{ STAGE(RCPT), "552 too many recipients", OUTCOME(RETRY) },
	{ STAGE(DATA), "451 later", OUTCOME(RETRY) },
	{ STAGE(RCPT), "550 5.1.1 no such user", OUTCOME(REFUSED) },
	{ STAGE(RCPT), "553 5.1.3 bad address", OUTCOME(REFUSED) },
	{ STAGE(DATA), "552 5.3.4 too big", OUTCOME(REFUSED) },
	{ STAGE(DATA), "554 5.7.1 spam", OUTCOME(REFUSED) },
	{ STAGE(DATA), "550 5.7.26 unauthenticated", OUTCOME(OURS) },
	{ STAGE(DATA), "550 5.7.515 Access denied", OUTCOME(OURS) },
	{ STAGE(DATA), "550 5.7.5150 x", OUTCOME(REFUSED) },
	{ STAGE(DATA), "550 5.7.22 x", OUTCOME(REFUSED) },
	{ STAGE(DATA), "550 5.7.33 x", OUTCOME(REFUSED) },
	{ STAGE(RCPT), "450 4.7.25 no PTR", OUTCOME(OURS) },
	{ STAGE(MAIL), "421 4.7.28 unusual rate", OUTCOME(OURS) },
	{ STAGE(CONNECT), "421 4.7.26 who", OUTCOME(OURS) },
	{ STAGE(DATA), "421 4.7.32 From: isn't aligned", OUTCOME(OURS) },
	{ STAGE(RCPT), "450 4.7.1 greylisted", OUTCOME(RETRY) },
	{ STAGE(RCPT), "450 14.7.25 x", OUTCOME(RETRY) },
	{ STAGE(AUTH), "535 5.7.8 no", OUTCOME(OURS) },
	{ STAGE(AUTH), "454 4.7.0 later", OUTCOME(UNTRIED) },
	{ STAGE(AUTH), "the server hung up", OUTCOME(UNTRIED) },
	{ STAGE(NO_AUTH), "no login that both know", OUTCOME(OURS) },
	{ STAGE(RCPT), "530 5.7.0 Authentication required", OUTCOME(OURS) },
	{ STAGE(CONNECT), "554 no service", OUTCOME(OURS) },
	{ STAGE(CONNECT), "550 EHLO refused", OUTCOME(OURS) },
	{ STAGE(MAIL), "553 5.7.1 sender rejected", OUTCOME(OURS) },
	{ STAGE(LOCAL), "not a mailbox", OUTCOME(OURS) },
	{ STAGE(LOCAL), "250 ok", OUTCOME(OURS) },
	{ (Session__Result__Stage)77, "250 ok", OUTCOME(OURS) },
};

static void
each_reply_has_its_outcome(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (reply_judge(cases[i].stage, slice_str(cases[i].reply)) !=
		    cases[i].outcome)
			fail_msg("stage %d: %s", (int)cases[i].stage,
			    cases[i].reply);
	}
}

static void
a_log_tells_nobodys_address(void **state)
{
	/* A token, made of zeros by a key of zeros: its form is what counts. */
	static const uint8_t key[CRYPTO_SIV_KEY_SIZE];
	struct token_keys keys = { 0 };
	char token[TOKEN_TEXT_SIZE], *quoted, *masked;
	static const struct {
		const char *reply, *masked;
	} texts[] = {
		{ "", "" },
		{ "250 2.0.0 Ok: queued as 4WxY2Tz9", NULL },
		{ "421 mx-in-04-abcd: try later", NULL },
		{ "550 5.1.1 <jo@example.org>: Recipient address rejected",
		    "550 5.1.1 <j\xe2\x80\xa6@example.org>: Recipient address "
		    "rejected" },
		{ "550 jo.doe+x@example.org is none, nor a@b@c.de.",
		    "550 j\xe2\x80\xa6@example.org is none, nor "
		    "a\xe2\x80\xa6@c.de." },
		{ "550 <\"jo doe\"@example.org> and \"jo doe\"",
		    "550 <\"\xe2\x80\xa6@example.org> and \"jo doe\"" },
		{ "550 <j\xc3\xb6@example.org> \xc3\xb6j@example.org",
		    "550 <j\xe2\x80\xa6@example.org> "
		    "\xc3\xb6\xe2\x80\xa6@example.org" },
		{ "550 @ \"", "550 \xe2\x80\xa6@ \"" },
		{ "554 spam: ABCD-2345.", "554 spam: \xe2\x80\xa6" },
		{ "250 OK id d9443c01a7336-1fe6ac8a2c3si12345678plb.123 - "
		    "gsmtp", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		masked = reply_mask(slice_str(texts[i].reply));
		assert_string_equal(masked, texts[i].masked != NULL ?
		    texts[i].masked : texts[i].reply);
		free(masked);
	}
	token_keys_add(&keys, 0, key);
	token_make(&keys, &(struct token){ .kind = TOKEN_CONFIRM,
	    .id = 7, .expiry = 9 }, token);
	token_keys_fini(&keys);
	quoted = mem_printf("554 http://news.example.org/confirm/%s is bad",
	    token);
	masked = reply_mask(slice_str(quoted));
	assert_string_equal(masked,
	    "554 http://news.example.org/confirm/\xe2\x80\xa6 is bad");
	free(quoted);
	free(masked);
}

static void
no_mailbox_by_its_code_alone(void **state)
{
	static const char *const gone[] = { "550 5.1.1 no such user",
		"550 5.1.10 null MX", "553 5.1.3", "550 5.2.1 disabled" };
	static const char *const other[] = { "550 no such user",
		"550 5.7.1 spam", "450 4.1.1 later", "550 5.1.11 x",
		"552 5.2.2 full", "5.1.1", "", "550", "250 5.1.1 odd" };

	(void)state;
	for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++)
		assert_true(reply_is_no_mailbox(slice_str(gone[i])));
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		assert_false(reply_is_no_mailbox(slice_str(other[i])));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reply_has_its_outcome),
		cmocka_unit_test(a_log_tells_nobodys_address),
		cmocka_unit_test(no_mailbox_by_its_code_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
