/* SPDX-License-Identifier: ISC */
/*
 * Slips that are seen, and domains that are right although they look like it.
 */
#include "core/address_hint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *typed, *meant;
} slips[] = {
	{ "gmial.com", "gmail.com" },
	{ "gamil.com", "gmail.com" },
	{ "gmal.com", "gmail.com" },
	{ "gmai.com", "gmail.com" },
	{ "gmaill.com", "gmail.com" },
	{ "ggmail.com", "gmail.com" },
	{ "gnail.com", "gmail.com" },
	{ "mgail.com", "gmail.com" },
	{ "gmail.con", "gmail.com" },
	{ "gmail.cmo", "gmail.com" },
	{ "gmail.co", "gmail.com" },
	{ "gmial.con", "gmail.com" },
	{ "googlemial.com", "googlemail.com" },
	{ "hotnail.com", "hotmail.com" },
	{ "hotmial.fr", "hotmail.fr" },
	{ "hotmai.co.uk", "hotmail.co.uk" },
	{ "outlok.com", "outlook.com" },
	{ "outllook.de", "outlook.de" },
	{ "yaho.com", "yahoo.com" },
	{ "yahooo.com", "yahoo.com" },
	{ "iclould.com", "icloud.com" },
	{ "icluod.com", "icloud.com" },
	{ "t-onlin.de", "t-online.de" },
	{ "tonline.de", "t-online.de" },
	{ "lapsote.net", "laposte.net" },
};

static const char *const right[] = { "gmail.com", "gmx.com", "gmx.de",
	"gmx.net", "mail.com", "ymail.com", "email.com", "me.com", "mac.com",
	"live.com", "aol.com", "web.de", "proton.me", "pm.me", "orange.fr",
	"free.fr", "libero.it", "mail.ru", "online.de", "cloud.com",
	"hotmail.it", "yahoo.it", "yahoo.co.jp", "gmail.example.com",
	"gmial.example", "hail.com", "fastmail.com", "hushmail.com",
	"example.com", "example.con", "outlook.org", "co", "com", "",
	"g.com", ".com" };

static void
test_slips(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(slips); i++) {
		const char *meant = address_hint(slice_str(slips[i].typed));

		if (meant == NULL)
			fail_msg("%s looks right", slips[i].typed);
		assert_string_equal(meant, slips[i].meant);
		assert_ptr_equal(address_hint_find(slice_str(meant)), meant);
	}
}

static void
test_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(right); i++) {
		const char *meant = address_hint(slice_str(right[i]));

		if (meant != NULL)
			fail_msg("%s: %s", right[i], meant);
	}
	assert_null(address_hint_find(slice_str("gmial.com")));
	assert_null(address_hint_find(slice_str("evil.example")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slips),
		cmocka_unit_test(test_right),
	};

	return cmocka_run_group_tests_name("address_hint", tests, NULL, NULL);
}
