/* SPDX-License-Identifier: ISC */
/*
 * IP addresses: one spelling; and which of them a network has.
 */
#include "base/ip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

static const struct {
	const char *text;
	const char *full;	/* "": refused */
} cases[] = {
	{ "192.0.2.77", "192.0.2.77" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "127.0.0.1", "127.0.0.1" },
	{ "::1", "::1" },
	{ "2001:DB8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6" },
	{ "2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "::ffff:192.0.2.77", "192.0.2.77" },
	{ "::FFFF:c000:024d", "192.0.2.77" },
	{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
	{ "", "" },
	{ "192.0.2", "" },
	{ "192.0.2.256", "" },
	{ "192.0.2.077", "" },
	{ "0x7f.0.0.1", "" },
	{ "3221225985", "" },
	{ "192.0.2.1:80", "" },
	{ "192.0.2.1/24", "" },
	{ " 192.0.2.1", "" },
	{ "192.0.2.1 ", "" },
	{ "[::1]", "" },
	{ "fe80::1%eth0", "" },
	{ "1::2::3", "" },
	{ "unknown", "" },
	{ "1:2:3:4:5:6:7:8:9", "" },
	{ "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", "" },
};

static void
test_parse(void **state)
{
	struct ip ip;
	char text[IP_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool good = cases[i].full[0] != '\0';

		assert_int_equal(ip_parse(slice_str(cases[i].text), &ip),
		    good ? 0 : -1);
		if (!good)
			continue;
		ip_write(&ip, text);
		assert_string_equal(text, cases[i].full);
	}
	assert_int_equal(ip_parse(slice_str(NULL), &ip), -1);
	assert_int_equal(ip_parse(slice_of("::1\0x", 5), &ip), -1);
}

static void
test_loopback(void **state)
{
	static const char *const yes[] = { "127.0.0.1", "127.9.9.9", "::1",
		"::ffff:127.0.0.1" };
	static const char *const no[] = { "128.0.0.1", "126.0.0.1", "::",
		"::2", "1::1", "0.0.0.0" };
	struct ip ip;

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		assert_int_equal(ip_parse(slice_str(yes[i]), &ip), 0);
		assert_true(ip_is_loopback(&ip));
	}
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		assert_int_equal(ip_parse(slice_str(no[i]), &ip), 0);
		assert_false(ip_is_loopback(&ip));
	}
}

static const struct {
	const char *text;
	const char *written;	/* "": refused */
	const char *in, *out;	/* addresses that are there, and aren't */
} networks[] = {
	{ "10.0.0.0/8", "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
	{ "10.0.0.0/9", "10.0.0.0/9", "10.127.255.255", "10.128.0.0" },
	{ "192.0.2.128/25", "192.0.2.128/25", "192.0.2.200", "192.0.2.127" },
	{ "192.0.2.4/31", "192.0.2.4/31", "192.0.2.5", "192.0.2.6" },
	{ "192.0.2.4/32", "192.0.2.4", "192.0.2.4", "192.0.2.5" },
	{ "192.0.2.4", "192.0.2.4", "::ffff:192.0.2.4", "192.0.2.5" },
	{ "0.0.0.0/0", "0.0.0.0/0", "255.1.2.3", "::1" },
	{ "::/0", "::/0", "2001:db8::1", "10.0.0.1" },
	{ "2001:DB8::/32", "2001:db8::/32", "2001:db8:ffff::1",
	    "2001:db9::" },
	{ "fe80::/10", "fe80::/10", "febf::1", "fec0::" },
	{ "::1", "::1", "::1", "::2" },
	{ "::1/128", "::1", "::1", "::2" },
	{ "::ffff:10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2" },
	{ "::ffff:10.0.0.0/8", "", NULL, NULL },
	{ "::ffff:10.0.0.0/104", "", NULL, NULL },
	{ "10.0.0.1/8", "", NULL, NULL },
	{ "2001:db8::1/64", "", NULL, NULL },
	{ "10.0.0.0/33", "", NULL, NULL },
	{ "::/129", "", NULL, NULL },
	{ "10.0.0.0/", "", NULL, NULL },
	{ "10.0.0.0/-1", "", NULL, NULL },
	{ "10.0.0.0/8/8", "", NULL, NULL },
	{ "10.0.0.0/ 8", "", NULL, NULL },
	{ "10.0.0.0/255.0.0.0", "", NULL, NULL },
	{ "10/8", "", NULL, NULL },
	{ "/8", "", NULL, NULL },
	{ "", "", NULL, NULL },
};

static bool
has(const struct ip_network *network, const char *text)
{
	struct ip ip;

	assert_int_equal(ip_parse(slice_str(text), &ip), 0);
	return ip_network_has(network, &ip);
}

static void
test_networks(void **state)
{
	struct ip_network network;
	char text[IP_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		bool good = networks[i].written[0] != '\0';

		assert_int_equal(ip_network_parse(slice_str(networks[i].text),
		    &network), good ? 0 : -1);
		if (!good)
			continue;
		ip_network_write(&network, text);
		assert_string_equal(text, networks[i].written);
		assert_true(has(&network, networks[i].in));
		assert_false(has(&network, networks[i].out));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_loopback),
		cmocka_unit_test(test_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
