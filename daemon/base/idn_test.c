/* SPDX-License-Identifier: ISC */
/*
 * Tests of base/idn.
 */
#include "base/idn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	struct slice in;
	const char *out;
} cases[] = {
	{ SLICE("example.org"), "example.org" },
	{ SLICE("EXAMPLE.Org"), "example.org" },
	{ SLICE("m\xc3\xbcnchen.de"), "xn--mnchen-3ya.de" },
	{ SLICE("M\xc3\x9cNCHEN.DE"), "xn--mnchen-3ya.de" },
	{ SLICE("mu\xcc\x88nchen.de"), "xn--mnchen-3ya.de" },
	{ SLICE("xn--mnchen-3ya.de"), "xn--mnchen-3ya.de" },
	{ SLICE("XN--MNCHEN-3YA.DE"), "xn--mnchen-3ya.de" },
	/* IDNA2008 keeps the sharp s; the older one made ss of it. */
	{ SLICE("fa\xc3\x9f.de"), "xn--fa-hia.de" },
	{ SLICE("\xe4\xbe\x8b\xe3\x81\x88.jp"), "xn--r8jz45g.jp" },
	/* The ideographic full stop separates labels, too. */
	{ SLICE("a\xe3\x80\x82jp"), "a.jp" },
	{ SLICE(A63 ".org"), A63 ".org" },
	{ SLICE("A-b.x--y.1-2.3"), "a-b.x--y.1-2.3" },
	{ SLICE("aB--c.org"), NULL },
	{ SLICE("AB.-"), NULL },
	{ SLICE(""), NULL },
	{ SLICE("a b.org"), NULL },
	{ SLICE("a_b.org"), NULL },
	{ SLICE("a..org"), NULL },
	{ SLICE(".org"), NULL },
	{ SLICE("a.org."), NULL },
	{ SLICE("\xf0\x9f\x98\x80.la"), NULL },	/* an emoji */
	{ SLICE("xn--ls8h.la"), NULL },
	{ SLICE("-a.org"), NULL },
	{ SLICE("a-.org"), NULL },
	{ SLICE("a" A63 ".org"), NULL },
	{ SLICE("xn--a.org"), NULL },
	{ SLICE("xn--.org"), NULL },
	{ SLICE("m\xc3.de"), NULL },
	{ SLICE("example.org\0.evil.example"), NULL },
	{ SLICE("a\n.org"), NULL },
	{ SLICE("a/b.org"), NULL },
	{ SLICE("\xe2\x80\x8b.org"), NULL },
};

static void
domains(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *out = idn_to_alabels(cases[i].in);
		bool same = cases[i].out == NULL ? out == NULL :
		    out != NULL && strcmp(out, cases[i].out) == 0;

		if (!same)
			fail_msg("%.*s became %s", SLICE_FMT(cases[i].in),
			    out != NULL ? out : "nothing");
		free(out);
	}
}

static void
no_longer_than_253(void **state)
{
	char *out = idn_to_alabels(slice_str(A63 "." A63 "." A63 "." A63));

	(void)state;
	assert_null(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains),
		cmocka_unit_test(no_longer_than_253),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
