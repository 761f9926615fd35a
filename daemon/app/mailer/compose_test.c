/* SPDX-License-Identifier: ISC */
/*
 * Mails out of rows, with the templates that are shipped.
 */
#include "app/mailer/compose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/mailer/sample.h"
#include "app/templates/templates.h"
#include "base/clock.h"
#include "base/crlf.h"
#include "base/mem.h"
#include "core/config.h"

enum { CONFIRM_MAX = 10 * 1024 };

static char token[] = "AbCdEfGhIjKlMnOpQrStUvWxYz01234-_9";
static char empty[] = "";

struct fixture {
	struct templates *templates;
	struct config config;
	struct config_list list;
	Message__Mail mail;
	Message__Visited__Topic topic;
	Message__Visited__Topic *topics[1];
	char *owned[16];
	size_t owned_count;
	size_t config_count;	/* the first of them are the config's */
};

/* A copy that lives as long as the fixture. */
static char *
text(struct fixture *f, const char *s)
{
	assert_true(f->owned_count < sizeof(f->owned) / sizeof(f->owned[0]));
	f->owned[f->owned_count] = mem_strdup(s);
	return f->owned[f->owned_count++];
}

static void
set_config(struct fixture *f)
{
	f->list = (struct config_list){
		.name = text(f, "weekly"),
		.title = text(f, "Die W\xc3\xb6" "chentliche"),
		.from_name = text(f, "Die W\xc3\xb6" "chentliche"),
		.from_address = text(f, "weekly@example.org"),
	};
	f->config.base_url = text(f, "https://news.example.org:8443");
	f->config.lists = &f->list;
	f->config.list_count = 1;
	f->config.controller.name = text(f, "Example Ltd");
	f->config.controller.address = text(f, "1 Road, Town");
	f->config.controller.privacy_url =
	    text(f, "https://www.example.org/privacy");
	f->config.controller.contact = text(f, "privacy+a@example.org");
	f->config_count = f->owned_count;
}

static void
forget_mail(struct fixture *f)
{
	while (f->owned_count > f->config_count)
		free(f->owned[--f->owned_count]);
}

static void
set_mail(struct fixture *f, const char *kind)
{
	message__visited__topic__init(&f->topic);
	f->topic.list = f->list.name;
	f->topic.title = f->list.title;
	f->topic.consent = text(f, "I want it, about twice a month.");
	f->topics[0] = &f->topic;
	message__mail__init(&f->mail);
	f->mail.kind = text(f, kind);
	f->mail.list = f->list.name;
	f->mail.topics = f->topics;
	f->mail.n_topics = 1;
	f->mail.lang = text(f, "de");
	f->mail.address = text(f, "jo+tag@example.net");
	f->mail.message_id = text(f, "00112233445566778899aabbccddeeff"
	    "@news.example.org");
	f->mail.queued_at = 1795411920 * CLOCK_SECOND;
	f->mail.asked_at = f->mail.queued_at;
	f->mail.confirm_token = f->mail.notme_token = token;
	f->mail.unsubscribe_token = token;
	if (strcmp(kind, "manage") == 0)
		f->mail.manage_token = token;
	f->mail.code = text(f, "ABCD-2345");
}

static int
set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);
	struct buf errors = { 0 };
	const char *source = getenv("ASSENT_SRCDIR");
	char *folder = mem_printf("%s/templates",
	    source != NULL ? source : ".");

	f->templates = templates_load(folder, &errors);
	if (f->templates == NULL)
		fail_msg("%s", buf_str(&errors));
	buf_fini(&errors);
	free(folder);
	set_config(f);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < f->owned_count; i++)
		free(f->owned[i]);
	templates_free(f->templates);
	free(f);
	return 0;
}

static void
compose(struct fixture *f, struct composed *mail)
{
	const char *why = NULL;

	if (compose_mail(&f->mail, &f->config, f->templates, mail, &why) != 0)
		fail_msg("%s", why);
	assert_null(why);
	assert_true(crlf_is_clean(buf_slice(&mail->message)));
	assert_string_equal(mail->from, "weekly@example.org");
	assert_string_equal(mail->to, "jo+tag@example.net");
}

static void
check_has(const struct composed *mail, const char *what)
{
	if (strstr(buf_str(&mail->message), what) == NULL)
		fail_msg("no %s in:\n%s", what, buf_str(&mail->message));
}

static void
a_confirm_mail_is_small_and_has_its_headers(void **state)
{
	static const char *const expected[] = {
		"\r\nAuto-Submitted: auto-generated\r\n",
		"\r\nList-Id: <weekly.news.example.org>\r\n",
		"\r\nList-Owner: <mailto:privacy%2Ba@example.org>\r\n",
		"<https://news.example.org:8443/subscribe/weekly>\r\n",
		"<https://news.example.org:8443/unsubscribe/"
		    "AbCdEfGhIjKlMnOpQrStUvWxYz01234-_9>\r\n",
		"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
		"\r\nList-Post: NO\r\n",
		"\r\nFeedback-ID: confirm:weekly:assent:newsexampleorg\r\n",
		"\r\nMessage-ID: <00112233445566778899aabbccddeeff@"
		    "news.example.org>\r\n",
		"\r\nTo: jo+tag@example.net\r\n",
		"\r\n\r\nhttps://news.example.org:8443/confirm/"
		    "AbCdEfGhIjKlMnOpQrStUvWxYz01234-_9\r\n\r\n",
		"ABCD-2345",
	};
	struct composed mail = { 0 };
	struct fixture *f = *state;

	set_mail(f, "confirm");
	compose(f, &mail);
	assert_true(mail.message.len < CONFIRM_MAX);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		check_has(&mail, expected[i]);
	assert_memory_equal(buf_str(&mail.message),
	    "Date: Mon, 23 Nov 2026 05:32:00 +0000\r\n", 39);
	compose_fini(&mail);
}

static void
without_an_unsubscribe_token_it_is_not_me(void **state)
{
	struct composed mail = { 0 };
	struct fixture *f = *state;

	set_mail(f, "confirm");
	f->mail.unsubscribe_token = empty;
	compose(f, &mail);
	check_has(&mail, "List-Unsubscribe:\r\n <https://news.example.org:8443"
	    "/notme/AbCdEfGhIjKlMnOpQrStUvWxYz01234-_9>\r\n");
	compose_fini(&mail);
}

static void
the_same_row_gives_the_same_bytes(void **state)
{
	static const char *const kinds[] = { "confirm", "welcome", "already",
		"manage", "goodbye", "attack" };
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct composed one = { 0 }, two = { 0 };

		set_mail(f, kinds[i]);
		compose(f, &one);
		f->mail.attempts = 7;
		compose(f, &two);
		assert_string_equal(buf_str(&one.message),
		    buf_str(&two.message));
		compose_fini(&one);
		compose_fini(&two);
		forget_mail(f);
	}
}

static void
who_is_on_no_list_can_not_leave(void **state)
{
	struct composed mail = { 0 };
	struct fixture *f = *state;

	set_mail(f, "manage");
	f->mail.unsubscribe_token = f->mail.notme_token = empty;
	compose(f, &mail);
	check_has(&mail, "\r\n\r\nhttps://news.example.org:8443/manage/"
	    "AbCdEfGhIjKlMnOpQrStUvWxYz01234-_9\r\n\r\n");
	check_has(&mail, "ABCD-2345");
	check_has(&mail, "\r\nList-Id: ");
	assert_null(strstr(buf_str(&mail.message), "List-Unsubscribe"));
	compose_fini(&mail);
}

static void
a_link_to_manage_is_needed(void **state)
{
	struct composed mail = { 0 };
	struct fixture *f = *state;
	const char *why = NULL;

	set_mail(f, "manage");
	f->mail.manage_token = empty;
	assert_int_equal(compose_mail(&f->mail, &f->config, f->templates,
	    &mail, &why), -1);
	assert_non_null(why);
	compose_fini(&mail);
}

static void
rows_that_are_not_in_order_are_refused(void **state)
{
	static const struct {
		size_t member;
		const char *value;
	} cases[] = {
#define MEMBER(name, value) { offsetof(Message__Mail, name), (value) }
		MEMBER(kind, "newsletter"),
		MEMBER(kind, ""),
		MEMBER(list, "unknown"),
		MEMBER(address, ""),
		MEMBER(address, "jo@example.net\r\nBcc: x@example.org"),
		MEMBER(address, "jo@example.net> SIZE=1"),
		MEMBER(address, " jo@example.net"),
		MEMBER(confirm_token, ""),
		MEMBER(confirm_token, "a b"),
		MEMBER(confirm_token, "a/../b"),
		MEMBER(notme_token, ""),
		MEMBER(unsubscribe_token, "<x>"),
		MEMBER(manage_token, "a b"),
		MEMBER(code, "A\nB"),
		MEMBER(message_id, "no-at"),
		MEMBER(message_id, "a@b>\r\nX: y"),
#undef MEMBER
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct composed mail = { 0 };
		const char *why = NULL;

		set_mail(f, "confirm");
		*(char **)(void *)((char *)&f->mail + cases[i].member) =
		    text(f, cases[i].value);
		assert_int_equal(compose_mail(&f->mail, &f->config,
		    f->templates, &mail, &why), -1);
		assert_non_null(why);
		compose_fini(&mail);
		forget_mail(f);
	}
}

/* A sample is a row like any other, in each language of its list. */
static void
samples_are_in_order(void **state)
{
	static const struct {
		const char *kind, *lang, *subject, *text;
	} cases[] = {
		{ "confirm", "en", "Please confirm: Die W\xc3\xb6"
		    "chentliche", "\n\n  ABCD-2345\n" },
		{ "confirm", "fr", "Veuillez confirmer\xc2\xa0: Die W"
		    "\xc3\xb6" "chentliche", "203.0.113.0/24." },
		{ "welcome", "es", "Le damos la bienvenida a Die W\xc3\xb6"
		    "chentliche", "/unsubscribe/Sample" },
		{ "already", "de-AT", "Sie sind schon angemeldet: Die W"
		    "\xc3\xb6" "chentliche", "/unsubscribe/Sample" },
	};
	struct fixture *f = *state;
	const char *why;

	f->list.consent = text(f, "I want it.");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sample *sample = sample_new(&f->config, &f->list,
		    cases[i].kind, cases[i].lang, CLOCK_SECOND);
		struct compose_parts parts = { 0 };
		struct composed mail = { 0 };

		assert_int_equal(compose_parts(sample_mail(sample),
		    &f->config, f->templates, &parts, &why), 0);
		assert_string_equal(buf_str(&parts.subject),
		    cases[i].subject);
		assert_non_null(strstr(buf_str(&parts.text), cases[i].text));
		assert_non_null(strstr(buf_str(&parts.html), "</html>"));
		assert_int_equal(compose_mail(sample_mail(sample),
		    &f->config, f->templates, &mail, &why), 0);
		compose_parts_fini(&parts);
		compose_fini(&mail);
		sample_free(sample);
	}
}

static void
there_is_no_sample_of_another_kind(void **state)
{
	struct fixture *f = *state;
	struct sample *sample = sample_new(&f->config, &f->list, "x", "en",
	    CLOCK_SECOND);
	struct compose_parts parts = { 0 };
	const char *why = NULL;

	assert_int_equal(compose_parts(sample_mail(sample), &f->config,
	    f->templates, &parts, &why), -1);
	assert_string_equal(why, "there is no such kind of mail");
	sample_free(sample);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_confirm_mail_is_small_and_has_its_headers, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    without_an_unsubscribe_token_it_is_not_me, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    the_same_row_gives_the_same_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    who_is_on_no_list_can_not_leave, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_link_to_manage_is_needed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    rows_that_are_not_in_order_are_refused, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(samples_are_in_order, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    there_is_no_sample_of_another_kind, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
