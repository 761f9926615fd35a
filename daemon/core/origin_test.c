/* SPDX-License-Identifier: ISC */
/*
 * Origins: one spelling, whole matches, and no URL that a browser would read
 * in another way than we do.
 */
#include "core/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *text;
	const char *origin;	/* NULL: refused */
} origins[] = {
	{ "https://www.example.org", "https://www.example.org" },
	{ "https://www.example.org:443", "https://www.example.org" },
	{ "http://www.example.org:80", "http://www.example.org" },
	{ "http://www.example.org:443", "http://www.example.org:443" },
	{ "https://www.example.org:8443", "https://www.example.org:8443" },
	{ "HTTPS://WWW.Example.ORG", "https://www.example.org" },
	{ "http://localhost:8080", "http://localhost:8080" },
	{ "http://127.0.0.1:8080", "http://127.0.0.1:8080" },
	{ "http://[::1]:8080", "http://[::1]:8080" },
	{ "http://[2001:DB8:0::1]", "http://[2001:db8::1]" },
	{ "https://b\xc3\xbc" "cher.example",
	    "https://xn--bcher-kva.example" },
	{ "https://xn--bcher-kva.example", "https://xn--bcher-kva.example" },
	{ "", NULL },
	{ "null", NULL },
	{ "*", NULL },
	{ "www.example.org", NULL },
	{ "//www.example.org", NULL },
	{ "https:www.example.org", NULL },
	{ "https:/www.example.org", NULL },
	{ "https:///www.example.org", NULL },
	{ "https://", NULL },
	{ "https://www.example.org/", NULL },
	{ "https://www.example.org/path", NULL },
	{ "https://www.example.org?", NULL },
	{ "https://www.example.org#", NULL },
	{ "https://www.example.org:", NULL },
	{ "https://www.example.org:0", NULL },
	{ "https://www.example.org:65536", NULL },
	{ "https://www.example.org:8a", NULL },
	{ "https://www.example.org:+80", NULL },
	{ "https://user@www.example.org", NULL },
	{ "https://a:b@www.example.org", NULL },
	{ " https://www.example.org", NULL },
	{ "https://www.example.org ", NULL },
	{ "https://www.exa mple.org", NULL },
	{ "https://www.exa\tmple.org", NULL },
	{ "https://www.example.org\r\n", NULL },
	{ "https://www..example.org", NULL },
	{ "https://www.example.org.", NULL },
	{ "https://.example.org", NULL },
	{ "https://*.example.org", NULL },
	{ "https://exa_mple.org", NULL },
	{ "https://exa%6dple.org", NULL },
	{ "https://-example.org", NULL },
	{ "https://[::1", NULL },
	{ "https://[::1]x", NULL },
	{ "https://[]", NULL },
	{ "https://[::g]", NULL },
	{ "https://[::1%25eth0]", NULL },
	{ "https://::1", NULL },
	{ "ftp://example.org", NULL },
	{ "file:///etc/passwd", NULL },
	{ "javascript://example.org", NULL },
	{ "chrome-extension://abc", NULL },
};

static void
test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(origins); i++) {
		struct origin origin;
		int result = origin_parse(slice_str(origins[i].text),
		    &origin);

		if (result != (origins[i].origin != NULL ? 0 : -1))
			fail_msg("'%s': %d", origins[i].text, result);
		if (result == 0)
			assert_string_equal(origin.text, origins[i].origin);
	}
}

static const struct {
	const char *url;
	const char *origin;	/* NULL: refused */
} urls[] = {
	{ "https://www.example.org", "https://www.example.org" },
	{ "https://www.example.org/", "https://www.example.org" },
	{ "https://www.example.org/a/b?c=d&e=%20#f",
	    "https://www.example.org" },
	{ "https://www.example.org?x", "https://www.example.org" },
	{ "https://www.example.org#x", "https://www.example.org" },
	{ "https://www.example.org:443/x", "https://www.example.org" },
	{ "http://www.example.org:8080/x", "http://www.example.org:8080" },
	{ "HTTPS://WWW.example.org/X", "https://www.example.org" },
	{ "https://www.example.org/@evil.example",
	    "https://www.example.org" },
	{ "https://www.example.org//evil.example",
	    "https://www.example.org" },
	{ "https://www.example.org?@evil.example",
	    "https://www.example.org" },
	{ "https://www.example.org/%0d%0aX:y", "https://www.example.org" },
	{ "https://www.example.org.evil.example/",
	    "https://www.example.org.evil.example" },
	{ "http://[::1]/", "http://[::1]" },
	{ "", NULL },
	{ "/", NULL },
	{ "/thanks", NULL },
	{ "thanks", NULL },
	{ "//evil.example", NULL },
	{ "///evil.example", NULL },
	{ "/\\evil.example", NULL },
	{ "\\\\evil.example", NULL },
	{ "https:evil.example", NULL },
	{ "https:/evil.example", NULL },
	{ "https:\\\\evil.example", NULL },
	{ "https:/\\evil.example", NULL },
	{ "https:///evil.example", NULL },
	{ "https://www.example.org\\@evil.example", NULL },
	{ "https://www.example.org\\.evil.example", NULL },
	{ "https://evil.example\\@www.example.org", NULL },
	{ "https://www.example.org@evil.example", NULL },
	{ "https://user:pass@www.example.org/", NULL },
	{ "https://@www.example.org/", NULL },
	{ "https://www.example.org%40evil.example/", NULL },
	{ "https://www.example.org%2f@evil.example/", NULL },
	{ "https://www.example.org%0d%0a/", NULL },
	{ "https://www.example.org\r\nX: y", NULL },
	{ "https://www.example.org/\r\nX: y", NULL },
	{ "https://www.example.org/a\nb", NULL },
	{ "https://www.example.org/a\tb", NULL },
	{ "ht\ttps://www.example.org/", NULL },
	{ "\thttps://www.example.org/", NULL },
	{ " https://www.example.org/", NULL },
	{ "https://www.example.org/ ", NULL },
	{ "https://www.example.org/a b", NULL },
	{ "https://www.example.org/\x7f", NULL },
	{ "https://www.example.org/\xc3\xa4", NULL },
	{ "https://b\xc3\xbc" "cher.example/", NULL },
	{ "https://www\xe3\x80\x82" "example.org/", NULL },
	{ "https://www.example.org/<script>", NULL },
	{ "https://www.example.org/\"x", NULL },
	{ "https://www.example.org:99999/", NULL },
	{ "https://www.example.org:/", NULL },
	{ "https://:443/", NULL },
	{ "javascript:alert(1)", NULL },
	{ "javascript://www.example.org/%0aalert(1)", NULL },
	{ "data:text/html,x", NULL },
	{ "https", NULL },
	{ "https://", NULL },
	{ "https://?", NULL },
};

static void
test_url(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct origin origin;
		int result = origin_of_url(slice_str(urls[i].url), &origin);

		if (result != (urls[i].origin != NULL ? 0 : -1))
			fail_msg("'%s': %d", urls[i].url, result);
		if (result == 0)
			assert_string_equal(origin.text, urls[i].origin);
	}
}

static void
test_url_length(void **state)
{
	char url[ORIGIN_URL_MAX + 1];
	struct origin origin;

	(void)state;
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://a.example/", 18);
	assert_int_equal(origin_of_url(slice_of(url, ORIGIN_URL_MAX),
	    &origin), 0);
	assert_int_equal(origin_of_url(slice_of(url, ORIGIN_URL_MAX + 1),
	    &origin), -1);
	assert_int_equal(origin_of_url(slice_of("https://a.example/\0", 19),
	    &origin), -1);
	memset(url + 8, 'a', sizeof(url) - 8);
	assert_int_equal(origin_of_url(slice_of(url, 1000), &origin), -1);
}

/* The list names https://www.example.org and http://localhost:8080. */
static const struct {
	const char *header;
	bool named, any;	/* `any`: of a list with "*" */
} headers[] = {
	{ "https://www.example.org", true, true },
	{ "http://localhost:8080", true, true },
	{ "https://other.example", false, true },
	{ "http://www.example.org", false, true },
	{ "https://www.example.org:8443", false, true },
	{ "http://localhost", false, true },
	{ "http://localhost:80", false, true },
	{ "https://www.example.org.evil.example", false, true },
	{ "https://evilwww.example.org", false, true },
	{ "https://example.org", false, true },
	{ "https://sub.www.example.org", false, true },
	/* No browser writes these. */
	{ "https://WWW.example.org", false, true },
	{ "https://www.example.org:443", false, true },
	{ "https://www.example.org/", false, false },
	{ "null", false, false },
	{ "", false, false },
	{ "*", false, false },
	{ "file://", false, false },
	{ "https://www.example.org, https://evil.example", false, false },
};

static void
test_match(void **state)
{
	static char first[] = "https://www.example.org",
	    second[] = "http://localhost:8080", star[] = "*";
	char *item[] = { first, second };
	char *any_item[] = { first, star };
	const struct config_strings named = { item, 2 }, none = { 0 },
	    any = { any_item, 2 };

	(void)state;
	for (size_t i = 0; i < COUNT(headers); i++) {
		struct slice header = slice_str(headers[i].header);

		if (origin_is_listed(header, &named) != headers[i].named ||
		    origin_is_named(header, &named) != headers[i].named ||
		    origin_is_listed(header, &any) != headers[i].any)
			fail_msg("'%s'", headers[i].header);
		assert_false(origin_is_listed(header, &none));
	}
	assert_true(origin_allows_url(
	    slice_str("https://www.example.org/thanks"), &any));
	assert_false(origin_allows_url(
	    slice_str("https://other.example/thanks"), &any));
	assert_false(origin_allows_url(slice_str("/thanks"), &any));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_url),
		cmocka_unit_test(test_url_length),
		cmocka_unit_test(test_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
