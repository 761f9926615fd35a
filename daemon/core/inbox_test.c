/* SPDX-License-Identifier: ISC */
/*
 * Whose domain is whose, and where its owners read their mail.
 */
#include "core/inbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *domain, *key;	/* NULL: nobody's */
} cases[] = {
	{ "gmail.com", "gmail" },
	{ "googlemail.com", "gmail" },
	{ "gmail.co", NULL },
	{ "hotmail.co.uk", "outlook" },
	{ "hotmail.fr", "outlook" },
	{ "live.com", "outlook" },
	{ "live.example.com", NULL },
	{ "yahoo.com", "yahoo" },
	{ "yahoo.com.br", "yahoo" },
	{ "yahoo.example", NULL },
	{ "yahoo.fr.example.com", NULL },
	{ "yahoo.", NULL },
	{ "myyahoo.com", NULL },
	{ "me.com", "icloud" },
	{ "gmx.de", "gmx" },
	{ "gmx.ch", "gmx" },
	{ "gmx.com", "gmx-com" },
	{ "gmx.co.uk", "gmx-com" },
	{ "web.de", "webde" },
	{ "t-online.de", "t-online" },
	{ "protonmail.com", "proton" },
	{ "orange.fr", "orange" },
	{ "orange.com", NULL },
	{ "mail.ru", "mailru" },
	{ "example.com", NULL },
	{ "", NULL },
};

static void
test_domains(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct inbox *inbox = inbox_of_domain(
		    slice_str(cases[i].domain));

		if (cases[i].key == NULL) {
			if (inbox != NULL)
				fail_msg("%s: %s", cases[i].domain,
				    inbox->key);
			continue;
		}
		assert_non_null(inbox);
		assert_string_equal(inbox->key, cases[i].key);
		assert_ptr_equal(inbox_by_key(slice_str(cases[i].key)),
		    inbox);
	}
}

static void
test_no_key(void **state)
{
	(void)state;
	assert_null(inbox_by_key(slice_str("")));
	assert_null(inbox_by_key(slice_str("gmai")));
	assert_null(inbox_by_key(slice_str("https://evil.example/")));
}

static void
check_url(const char *key, const char *sender, const char *url)
{
	struct buf out = { 0 };

	inbox_add_url(inbox_by_key(slice_str(key)), sender, &out);
	assert_string_equal(buf_str(&out), url);
	buf_fini(&out);
}

static void
test_urls(void **state)
{
	(void)state;
	check_url("proton", "weekly@example.org", "https://mail.proton.me/");
	check_url("gmail", "weekly@example.org",
	    "https://mail.google.com/mail/u/0/#search/from%3A"
	    "weekly%40example.org+in%3Aanywhere+newer_than%3A1d");
	check_url("gmail", "a+b&c=\"d@example.org",
	    "https://mail.google.com/mail/u/0/#search/from%3A"
	    "a%2Bb%26c%3D%22d%40example.org+in%3Aanywhere+newer_than%3A1d");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_urls),
	};

	return cmocka_run_group_tests_name("inbox", tests, NULL, NULL);
}
