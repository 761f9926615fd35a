/* SPDX-License-Identifier: ISC */
/*
 * Mailboxes that are taken, and what they become; those that are refused are
 * address_refused_test.c's.
 */
#include "core/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *typed;
	const char *canonical;	/* NULL: as typed */
	const char *key;	/* NULL: as the canonical one */
} taken[] = {
	{ "a@example.org", NULL, NULL },
	{ "ab@example.org", NULL, NULL },
	{ "a.b@example.org", NULL, NULL },
	{ "a.b.c@example.org", NULL, NULL },
	{ "a1@example.org", NULL, NULL },
	{ "1@example.org", NULL, NULL },
	{ "123456@example.org", NULL, NULL },
	{ "0@example.org", NULL, NULL },
	{ "a-b@example.org", NULL, NULL },
	{ "a_b@example.org", NULL, NULL },
	{ "_x@example.org", NULL, NULL },
	{ "-@example.org", NULL, NULL },
	{ "--@example.org", NULL, NULL },
	{ "-a@example.org", NULL, NULL },
	{ "a-@example.org", NULL, NULL },
	{ "_@example.org", NULL, NULL },
	{ "o'brien@example.org", NULL, NULL },
	{ "a/b@example.org", NULL, NULL },
	{ "a+b@example.org", NULL, NULL },
	{ "a+b+c@example.org", NULL, NULL },
	{ "+@example.org", NULL, NULL },
	{ "a+@example.org", NULL, NULL },
	{ "+a@example.org", NULL, NULL },
	{ "!@example.org", NULL, NULL },
	{ "#@example.org", NULL, NULL },
	{ "$@example.org", NULL, NULL },
	{ "%@example.org", NULL, NULL },
	{ "&@example.org", NULL, NULL },
	{ "'@example.org", NULL, NULL },
	{ "*@example.org", NULL, NULL },
	{ "=@example.org", NULL, NULL },
	{ "?@example.org", NULL, NULL },
	{ "^@example.org", NULL, NULL },
	{ "`@example.org", NULL, NULL },
	{ "{@example.org", NULL, NULL },
	{ "|@example.org", NULL, NULL },
	{ "}@example.org", NULL, NULL },
	{ "~@example.org", NULL, NULL },
	{ "/@example.org", NULL, NULL },
	{ "!#$%&'*+-/=?^_`{|}~@example.org", NULL, NULL },
	{ "a!b@example.org", NULL, NULL },
	{ "a#b@example.org", NULL, NULL },
	{ "a$b@example.org", NULL, NULL },
	{ "a%b@example.org", NULL, NULL },
	{ "a*b@example.org", NULL, NULL },
	{ "a=b@example.org", NULL, NULL },
	{ "a?b@example.org", NULL, NULL },
	{ "a^b@example.org", NULL, NULL },
	{ "a`b@example.org", NULL, NULL },
	{ "{a}@example.org", NULL, NULL },
	{ "a|b@example.org", NULL, NULL },
	{ "a~b@example.org", NULL, NULL },
	{ "x.1@example.org", NULL, NULL },
	{ "1.x@example.org", NULL, NULL },
	{ "a.-@example.org", NULL, NULL },
	{ "-.a@example.org", NULL, NULL },
	{ "_.a@example.org", NULL, NULL },
	{ "a._@example.org", NULL, NULL },
	{ "user.name@example.org", NULL, NULL },
	{ "user.name+tag@example.org", NULL, NULL },
	{ "first.last.name@example.org", NULL, NULL },
	{ "customer/department=shipping@example.org", NULL, NULL },
	{ "$a12345@example.org", NULL, NULL },
	{ "!def!xyz%abc@example.org", NULL, NULL },
	{ "_somename@example.org", NULL, NULL },
	{ "100%@example.org", NULL, NULL },
	{ "no-one@example.org", NULL, NULL },
	{ "infos@example.org", NULL, NULL },
	{ "abuser@example.org", NULL, NULL },
	{ "a.abuse@example.org", NULL, NULL },
	{ "requests@example.org", NULL, NULL },
	{ "request@example.org", NULL, NULL },
	{ "owner@example.org", NULL, NULL },
	{ "xowner-x@example.org", NULL, NULL },
	{ "my-requests@example.org", NULL, NULL },
	{ "confirm@example.org", NULL, NULL },
	{ "subscribe@example.org", NULL, NULL },
	{ "root@example.org", NULL, NULL },
	{ "admin@example.org", NULL, NULL },
	{ "info@example.org", NULL, NULL },
	{ "webmaster@example.org", NULL, NULL },
	{ "hostmaster@example.org", NULL, NULL },
	{ "disposable.style.email.with+symbol@example.org", NULL, NULL },
	{ "other.email-with-hyphen@example.org", NULL, NULL },
	{ "fully-qualified-domain@example.org", NULL, NULL },
	{ "x@example.org", NULL, NULL },
	{ "example-indeed@example.org", NULL, NULL },
	{ "test/test@example.org", NULL, NULL },
	{ "mailhost!username@example.org", NULL, NULL },
	{ "user%example.com@example.org", NULL, NULL },
	{ "user-@example.org", NULL, NULL },
	{ "1234567890@example.org", NULL, NULL },
	{ "e.e@example.org", NULL, NULL },
	{ "e=mc2@example.org", NULL, NULL },
	{ "very.common@example.org", NULL, NULL },
	{ "very.very.common@example.org", NULL, NULL },
	{ "a.b-c_d+e@example.org", NULL, NULL },
	{ "0x0@example.org", NULL, NULL },
	{ "null@example.org", NULL, NULL },
	{ "undefined@example.org", NULL, NULL },
	{ "true@example.org", NULL, NULL },
	{ "select@example.org", NULL, NULL },
	{ "admin'--@example.org", NULL, NULL },
	{ "1'or'1'='1@example.org", NULL, NULL },
	{ "xn--bcher-kva@example.org", NULL, NULL },
	{ "%00@example.org", NULL, NULL },
	{ "%0d%0a@example.org", NULL, NULL },
	{ "%40@example.org", NULL, NULL },
	{ "x=y@example.org", NULL, NULL },
	{ "&amp@example.org", NULL, NULL },
	{ "#1@example.org", NULL, NULL },
	{ "Smith@example.org", NULL, "smith@example.org" },
	{ "smith@EXAMPLE.ORG", "smith@example.org", NULL },
	{ "SMITH@Example.Org", "SMITH@example.org", "smith@example.org" },
	{ "O'Brien@example.org", NULL, "o'brien@example.org" },
	{ "A.B+C@x.Example", "A.B+C@x.example", "a.b+c@x.example" },
	{ "ABCXYZ@example.org", NULL, "abcxyz@example.org" },
	{ "{A}@example.org", NULL, "{a}@example.org" },
	{ " a@example.org", "a@example.org", NULL },
	{ "a@example.org ", "a@example.org", NULL },
	{ "  a@example.org  ", "a@example.org", NULL },
	{ "\x09" "a@example.org\x09", "a@example.org", NULL },
	{ " \x09 a@example.org \x09 ", "a@example.org", NULL },
	{ "a@x.org", NULL, NULL },
	{ "a@example.co.uk", NULL, NULL },
	{ "a@a.b.c.d.e.f", NULL, NULL },
	{ "a@1.org", NULL, NULL },
	{ "a@123.org", NULL, NULL },
	{ "a@1a.org", NULL, NULL },
	{ "a@a1.org", NULL, NULL },
	{ "a@a-b.org", NULL, NULL },
	{ "a@a--b.org", NULL, NULL },
	{ "a@xn--p1ai.xn--p1ai", NULL, NULL },
	{ "a@example.museum", NULL, NULL },
	{ "a@example.a", NULL, NULL },
	{ "a@x.y", NULL, NULL },
	{ "a@0.0.0.a", NULL, NULL },
	{ "a@1.2.3.4.com", NULL, NULL },
	{ "a@3com.com", NULL, NULL },
	{ "a@example.1a", NULL, NULL },
	{ "a@example.a1", NULL, NULL },
	{ "a@example.0xg", NULL, NULL },
	{ "a@0x1.org", NULL, NULL },
	{ "a@example.travel", NULL, NULL },
	{ "a@iana.org", NULL, NULL },
	{ "a@mail.example.org", NULL, NULL },
	{ "a@s.s", NULL, NULL },
	{ "a@localhost.localdomain", NULL, NULL },
	{ "a@sub.sub.sub.example.org", NULL, NULL },
	{ "a@example.xn--p1ai", NULL, NULL },
	{ "a@xn--bcher-kva.example", NULL, NULL },
	{ "a@xn--fa-hia.de", NULL, NULL },
	{ "a@xn--nxasmm1c.com", NULL, NULL },
	{ "a@xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxx.org", NULL, NULL },
	{ "a@a.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxx.org", NULL, NULL },
	{ "a@example.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxx", NULL, NULL },
	{ "a@b\xc3\xbc" "cher.example", "a@xn--bcher-kva.example", NULL },
	{ "a@B\xc3\x9c" "CHER.example", "a@xn--bcher-kva.example", NULL },
	{ "a@B\xc3\xbc" "cher.Example", "a@xn--bcher-kva.example", NULL },
	{ "a@bu\xcc\x88" "cher.example", "a@xn--bcher-kva.example", NULL },
	{ "a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example", NULL },
	{ "a@xn--bcher-KVA.Example", "a@xn--bcher-kva.example", NULL },
	{ "a@fa\xc3\x9f.de", "a@xn--fa-hia.de", NULL },
	{ "a@FA\xe1\xba\x9e.de", "a@fass.de", NULL },
	{ "a@\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x82.com",
	    "a@xn--nxasmm1c.com", NULL },
	{ "a@\xce\xb2\xcf\x8c\xce\xbb\xce\xbf\xcf\x83.com",
	    "a@xn--nxasmq6b.com", NULL },
	{ "a@m\xc3\xbcnchen.de", "a@xn--mnchen-3ya.de", NULL },
	{ "a@\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.\xd1" "\x80\xd1\x84",
	    "a@xn--80a1acny.xn--p1ai", NULL },
	{ "a@\xd0\x9f\xd0\x9e\xd0\xa7\xd0\xa2\xd0\x90.\xd0" "\xa0\xd0\xa4",
	    "a@xn--80a1acny.xn--p1ai", NULL },
	{ "a@\xe4\xbe\x8b\xe3\x81\x88.jp", "a@xn--r8jz45g.jp", NULL },
	{ "a@\xe4\xbe\x8b\xe3\x81\x88\xe3\x80\x82jp", "a@xn--r8jz45g.jp",
	    NULL },
	{ "a@\xe4\xbe\x8b\xe3\x81\x88\xef\xbc\x8ejp", "a@xn--r8jz45g.jp",
	    NULL },
	{ "a@\xe4\xbe\x8b\xe3\x81\x88\xef\xbd\xa1jp", "a@xn--r8jz45g.jp",
	    NULL },
	{ "a@example\xe3\x80\x82org", "a@example.org", NULL },
	{ "a@example\xef\xbc\x8eorg", "a@example.org", NULL },
	{ "a@example\xef\xbd\xa1org", "a@example.org", NULL },
	{ "a@\xef\xbd\x85\xef\xbd\x98\xef\xbd\x81\xef\xbd\x8d"
	    "\xef\xbd\x90\xef\xbd\x8c\xef\xbd\x85.org", "a@example.org", NULL },
	{ "a@\xef\xbc\xa5\xef\xbc\xb8\xef\xbc\xa1\xef\xbc\xad"
	    "\xef\xbc\xb0\xef\xbc\xac\xef\xbc\xa5.org", "a@example.org", NULL },
	{ "a@example.\xe2\x93\x92om", "a@example.com", NULL },
	{ "a@\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d.example", "a@xn--9dbne9b.example",
	    NULL },
	{ "a@\xd9\x85\xd8\xab\xd8\xa7\xd9\x84.example", "a@xn--mgbh0fb.example",
	    NULL },
	{ "a@\xe0\xa4\x89\xe0\xa4\xa6\xe0\xa4\xbe\xe0\xa4\xb9"
	    "\xe0\xa4\xb0\xe0\xa4\xa3.example", "a@xn--p1b6ci4b4b3a.example",
	    NULL },
	{ "a@l\xc2\xb7l.cat", "a@xn--ll-0ea.cat", NULL },
	{ "a@ma\xc3\xb1" "ana.com", "a@xn--maana-pta.com", NULL },
	{ "a@man\xcc\x83" "ana.com", "a@xn--maana-pta.com", NULL },
	{ "a@\xc3\xb1.com", "a@xn--ida.com", NULL },
	{ "a@\xed\x95\x9c\xea\xb5\xad.kr", "a@xn--3e0b707e.kr", NULL },
	{ "a@\xe4\xb8\xad\xe5\x9b\xbd.cn", "a@xn--fiqs8s.cn", NULL },
	{ "a@\xe4\xb8\xad\xe5\x9b\xbd.\xe4\xb8\xad\xe5\x9b\xbd",
	    "a@xn--fiqs8s.xn--fiqs8s", NULL },
	{ "a@\xe0\xb9\x84\xe0\xb8\x97\xe0\xb8\xa2.th", "a@xn--o3cw4h.th",
	    NULL },
	{ "a@\xce\xac.gr", "a@xn--hxa.gr", NULL },
	{ "a@\xe2\x91\xa0.com", "a@1.com", NULL },
	{ "a@\xd1\x80\xd0\xb0ypal.com", "a@xn--ypal-43d9g.com", NULL },
	{ "a@\xef\xac\x81.com", "a@fi.com", NULL },
	{ "a@\xe2\x84\x8c.com", "a@h.com", NULL },
	{ "a@\xc3\xa5.no", "a@xn--5ca.no", NULL },
	{ "a@\xc3\x85.no", "a@xn--5ca.no", NULL },
	{ "a@\xe2\x84\xab.no", "a@xn--5ca.no", NULL },
};

static void
test_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(taken); i++) {
		const char *canonical = taken[i].canonical != NULL ?
		    taken[i].canonical : taken[i].typed;
		const char *key = taken[i].key != NULL ? taken[i].key :
		    canonical;
		struct address a;
		enum address_error error = address_parse(
		    slice_str(taken[i].typed), &a);

		if (error != ADDRESS_OK)
			fail_msg("'%s': %s", taken[i].typed,
			    address_error_name(error));
		assert_string_equal(a.canonical, canonical);
		assert_string_equal(a.key, key);
		assert_int_equal(a.canonical[a.local_len], '@');
	}
}

/* What comes out goes in again and stays the same. */
static void
test_stable(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(taken); i++) {
		struct address a, again;

		assert_int_equal(address_parse(slice_str(taken[i].typed),
		    &a), ADDRESS_OK);
		assert_int_equal(address_parse(slice_str(a.canonical),
		    &again), ADDRESS_OK);
		assert_string_equal(a.canonical, again.canonical);
		assert_string_equal(a.key, again.key);
		assert_int_equal(address_parse(slice_str(a.key), &again),
		    ADDRESS_OK);
		assert_string_equal(again.canonical, a.key);
	}
}

/* Local part of so many bytes at labels of so many. */
static void
test_lengths(void **state)
{
	static const struct {
		size_t local, label[4];
		enum address_error error;
	} cases[] = {
		{ 64, { 3, 3 }, ADDRESS_OK },
		{ 65, { 3, 3 }, ADDRESS_LOCAL_TOO_LONG },
		{ 1, { 63, 63 }, ADDRESS_OK },
		{ 1, { 64, 63 }, ADDRESS_DOMAIN_LABEL },
		{ 1, { 63, 64 }, ADDRESS_DOMAIN_LABEL },
		{ 64, { 63, 63, 61 }, ADDRESS_OK },		/* 254 */
		{ 64, { 63, 63, 62 }, ADDRESS_TOO_LONG },	/* 255 */
		{ 1, { 63, 63, 63, 60 }, ADDRESS_OK },		/* 254 */
		{ 1, { 63, 63, 63, 61 }, ADDRESS_TOO_LONG },	/* 255 */
		{ 1, { 63, 63, 63, 63 }, ADDRESS_TOO_LONG },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[512];
		size_t n = cases[i].local;
		struct address a;

		memset(text, 'x', sizeof(text));
		text[n++] = '@';
		for (size_t k = 0; k < 4 && cases[i].label[k] > 0; k++) {
			n += cases[i].label[k];
			text[n++] = '.';
		}
		n--;
		assert_int_equal(address_parse(slice_of(text, n), &a),
		    cases[i].error);
		if (cases[i].error == ADDRESS_OK)
			assert_int_equal(strlen(a.canonical), n);
	}
}

static const struct {
	const char *typed;
	bool refused;
} roles[] = {
	{ "mailer-daemon@example.org", true },
	{ "MAILER-DAEMON@example.org", true },
	{ "Postmaster@example.org", true },
	{ "postmaster+x@example.org", true },
	{ "abuse@example.org", true },
	{ "noreply@example.org", true },
	{ "no-reply@example.org", true },
	{ "owner-weekly@example.org", true },
	{ "weekly-request@example.org", true },
	{ "weekly-subscribe@example.org", true },
	{ "weekly-unsubscribe@example.org", true },
	{ "weekly-confirm@example.org", true },
	{ "weekly-confirm+abc@example.org", true },
	{ "weekly@news.example.org", true },	/* our own */
	{ "Weekly@NEWS.example.org", true },
	{ "weekly+tag@news.example.org", true },
	{ "daily@b\xc3\xbc" "cher.example", true },
	{ "Daily+x@xn--bcher-kva.example", true },
	{ "daily@example.org", false },
	{ "anybody@bounce.example.org", true },	/* a domain of our own */
	{ "anybody@news.example.org", false },
	{ "weekly@example.org", false },
	{ "xweekly@news.example.org", false },
	{ "a@sub.bounce.example.org", false },
	{ "abuser@example.org", false },
	{ "request@example.org", false },
	{ "confirm@example.org", false },
	{ "a-request-b@example.org", false },
	{ "owner@example.org", false },
	{ "a@postmaster.org", false },
	{ "info@example.org", false },
	{ "sales@example.org", true },		/* a name that was configured */
	{ "Sales+1@example.com", true },
	{ "presales@example.org", false },
};

static void
test_refused(void **state)
{
	static const char *const own[] = { "Weekly@news.example.org",
		"@bounce.example.org", "not an address", "", "sales@",
		(" Daily+lists@B\xc3\xbc" "cher.example") };

	(void)state;
	for (size_t i = 0; i < COUNT(roles); i++) {
		struct address a;

		assert_int_equal(address_parse(slice_str(roles[i].typed),
		    &a), ADDRESS_OK);
		if (address_is_refused(&a, own, COUNT(own)) !=
		    roles[i].refused)
			fail_msg("'%s'", roles[i].typed);
	}
}

static const struct {
	const char *typed;
	const char *key;
} budget_keys[] = {
	{ "Jo@example.org", "jo@example.org" },
	{ "jo+a@example.org", "jo@example.org" },
	{ "jo+a+b@example.org", "jo@example.org" },
	{ "j.o@example.org", "j.o@example.org" },
	{ "+a@example.org", "+a@example.org" },
	{ "J.O+x@gmail.com", "jo@gmail.com" },
	{ "j.o@googlemail.com", "jo@gmail.com" },
	{ "j.o@mail.gmail.com", "j.o@mail.gmail.com" },
	{ "+@gmail.com", "+@gmail.com" },
};

static void
test_budget_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(budget_keys); i++) {
		char key[ADDRESS_MAX + 1];
		struct address a;

		assert_int_equal(address_parse(
		    slice_str(budget_keys[i].typed), &a), ADDRESS_OK);
		address_budget_key(&a, key);
		assert_string_equal(key, budget_keys[i].key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_stable),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_budget_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
