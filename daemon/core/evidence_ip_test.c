/* SPDX-License-Identifier: ISC */
/*
 * No more of an address than evidence may keep.
 */
#include "core/evidence_ip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const struct {
	const char *text;
	const char *full;	/* "": refused */
	const char *network;
} cases[] = {
	{ "192.0.2.77", "192.0.2.77", "192.0.2.0/24" },
	{ "255.255.255.255", "255.255.255.255", "255.255.255.0/24" },
	{ "127.0.0.1", "127.0.0.1", "127.0.0.0/24" },
	{ "::1", "::1", "::/48" },
	{ "2001:DB8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6",
	    "2001:db8:1::/48" },
	{ "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1",
	    "2001:db8::/48" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "ffff:ffff:ffff::/48" },
	{ "::ffff:192.0.2.77", "192.0.2.77", "192.0.2.0/24" },
	{ "::FFFF:c000:024d", "192.0.2.77", "192.0.2.0/24" },
	{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201", "64:ff9b::/48" },
	{ "", "", "" },
	{ "192.0.2.1/24", "", "" },
	{ "unknown", "", "" },
};

static void
test_evidence(void **state)
{
	char text[IP_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice in = slice_str(cases[i].text);

		evidence_ip_write(in, CONFIG_IP_FULL, text);
		assert_string_equal(text, cases[i].full);
		evidence_ip_write(in, CONFIG_IP_TRUNCATED, text);
		assert_string_equal(text, cases[i].network);
		evidence_ip_write(in, CONFIG_IP_NONE, text);
		assert_string_equal(text, "");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
