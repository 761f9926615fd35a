/* SPDX-License-Identifier: ISC */
/*
 * What speaks for a person, case by case.
 */
#include "core/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define OWN "https://news.example.org"
#define SITE "https://www.example.org"
#define SHOP "https://shop.example.org"

static char site[] = SITE, shop[] = SHOP, any[] = "*";
static char *weekly_origins[] = { site, shop }, *daily_origins[] = { site },
    *open_origins[] = { any };
static const struct config_list weekly = { .origins = { weekly_origins, 2 } },
    daily = { .origins = { daily_origins, 1 } },
    open_list = { .origins = { open_origins, 1 } };

static const struct {
	const char *origin, *fetch_site;
	bool cookie;
	const struct config_list *lists[3];	/* ends at NULL */
	enum page_kind page;
	enum trust trust;
} posts[] = {
	{ "", "", false, { &weekly }, PAGE_UNKNOWN, TRUST_NONE },
	{ "null", "", false, { &weekly }, PAGE_UNKNOWN, TRUST_NONE },
	{ "null", "cross-site", false, { &weekly }, PAGE_UNKNOWN, TRUST_NONE },
	{ "", "none", false, { &weekly }, PAGE_UNKNOWN, TRUST_NONE },
	{ "https://evil.example.net", "cross-site", true, { &weekly },
	    PAGE_UNKNOWN, TRUST_NONE },
	{ OWN, "", false, { &weekly }, PAGE_OWN, TRUST_PAGE },
	{ OWN ".evil.net", "", false, { &weekly }, PAGE_UNKNOWN, TRUST_NONE },
	{ OWN, "same-origin", false, { &weekly }, PAGE_OWN, TRUST_BROWSER },
	{ OWN, "", true, { &weekly }, PAGE_OWN, TRUST_BROWSER },
	/* Under a policy of no-referrer the browser still says where from. */
	{ "null", "same-origin", false, { &weekly }, PAGE_OWN, TRUST_BROWSER },
	{ SITE, "", false, { &weekly }, PAGE_NAMED, TRUST_PAGE },
	{ SITE, "cross-site", false, { &weekly }, PAGE_NAMED, TRUST_BROWSER },
	{ SITE, "same-site", false, { &weekly, &daily },
	    PAGE_NAMED, TRUST_BROWSER },
	{ SHOP, "same-site", false, { &weekly, &daily },
	    PAGE_UNKNOWN, TRUST_NONE },
	{ SHOP, "", true, { &weekly }, PAGE_NAMED, TRUST_BROWSER },
	{ SITE, "cross-site", false, { &open_list }, PAGE_UNKNOWN, TRUST_NONE },
	{ OWN, "same-origin", false, { &open_list }, PAGE_OWN, TRUST_BROWSER },
	{ SITE, "cross-site", false, { NULL }, PAGE_UNKNOWN, TRUST_NONE },
};

static void
test_posts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(posts); i++) {
		Fact__Evidence evidence;
		struct trust_facts facts = { .page = { .evidence = &evidence,
			.own = OWN, .lists = posts[i].lists },
			.has_cookie = posts[i].cookie };
		enum page_kind page;

		fact__evidence__init(&evidence);
		evidence.origin = mem_strdup(posts[i].origin);
		evidence.sec_fetch_site = mem_strdup(posts[i].fetch_site);
		while (posts[i].lists[facts.page.list_count] != NULL)
			facts.page.list_count++;
		page = page_of(&facts.page);
		if (page != posts[i].page || trust_of(&facts) != posts[i].trust)
			fail_msg("post %zu: %d, %d", i, page, trust_of(&facts));
		/* Whoever has solved something is before all who have not. */
		facts.has_solved = true;
		assert_int_equal(trust_of(&facts), TRUST_PROVED);
		free(evidence.origin);
		free(evidence.sec_fetch_site);
	}
}

static void
test_no_evidence(void **state)
{
	(void)state;
	assert_int_equal(trust_of(&(struct trust_facts){ .page.own = OWN,
	    .has_cookie = true }), TRUST_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_posts),
		cmocka_unit_test(test_no_evidence),
	};

	return cmocka_run_group_tests_name("trust", tests, NULL, NULL);
}
