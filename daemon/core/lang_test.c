/* SPDX-License-Identifier: ISC */
/*
 * Tests of core/lang.
 */
#include "core/lang.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char de[] = "de", en[] = "en", pt_br[] = "pt-BR",
    zh_hant[] = "zh-Hant";
static char *const offered[] = { en, de, pt_br, zh_hant };
enum { EN, DE, PT_BR, ZH_HANT, COUNT, NONE = -1 };

static void
test_tags(void **state)
{
	static const struct {
		const char *tag;
		bool valid;
	} cases[] = {
		{ "en", true }, { "de-AT", true }, { "zh-Hant-TW", true },
		{ "sl-rozaj-biske-1994", true }, { "es-419", true },
		{ "de-CH-x-private", true }, { "haw", true },
		{ "", false }, { "e", false }, { "-en", false },
		{ "en-", false }, { "en--US", false }, { "en_US", false },
		{ "d3", false }, { "*", false }, { "../etc", false },
		{ "abcdefghi", false }, { "en-abcdefghi", false },
		{ "en-aaaaaaaa-bbbbbbbb-cccccccc-ddddddd", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (lang_is_tag(slice_str(cases[i].tag)) != cases[i].valid)
			fail_msg("\"%s\"", cases[i].tag);
	}
}

static void
test_match(void **state)
{
	static const struct {
		const char *tag;
		int found;
	} cases[] = {
		{ "de", DE }, { "DE", DE }, { "de-AT", DE },
		{ "de-Latn-AT-1996", DE }, { "de-x-foo", DE },
		{ "pt", PT_BR }, { "pt-PT", PT_BR }, { "pt-br", PT_BR },
		{ "zh-Hant-HK", ZH_HANT }, { "zh", ZH_HANT },
		{ "den", NONE }, { "fr", NONE }, { "", NONE },
		{ "*", NONE }, { "d", NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int found = lang_match(slice_str(cases[i].tag), offered,
		    COUNT);

		if (found != cases[i].found)
			fail_msg("\"%s\": %d", cases[i].tag, found);
	}
	assert_int_equal(lang_match(slice_str("de"), NULL, 0), NONE);
}

static void
test_negotiate(void **state)
{
	static const struct {
		const char *header;
		int found;
	} cases[] = {
		{ "de", DE },
		{ "de-DE,de;q=0.9,en;q=0.8", DE },
		{ "fr, de;q=0.3, en;q=0.7", EN },
		{ "en;q=0.2,de;q=0.25", DE },
		{ "en;q=0.899,de;q=0.9", DE },
		{ "en,de", EN },
		{ "fr,*;q=0.1", EN },
		{ "en;q=0, *", DE },
		{ "en;q=0,*;q=0.5,de;q=0", PT_BR },
		{ "de;q=0, de-AT", NONE },
		{ " de ; q=0.5 , en ; Q=0.6 ", EN },
		{ ",,de,,", DE },
		{ "de;q=1.001,en;q=0.1", EN },
		{ "de;q=1.000,en;q=1", DE },
		{ "de;q=abc,pt;q=0.001", PT_BR },
		{ "de;level=1", NONE },
		{ "de;q=0.5;x=1", NONE },
		{ "fr", NONE }, { "", NONE }, { ";q=1", NONE },
		{ "\"><script>", NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int found = lang_negotiate(slice_str(cases[i].header),
		    offered, COUNT);

		if (found != cases[i].found)
			fail_msg("\"%s\": %d", cases[i].header, found);
	}
	assert_int_equal(lang_negotiate(slice_of(NULL, 0), offered, COUNT),
	    NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tags),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_negotiate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
