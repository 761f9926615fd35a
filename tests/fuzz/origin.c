/* SPDX-License-Identifier: ISC */
/*
 * Origins, as written and out of URLs, are in one form, which stands for
 * itself.
 */
#include "core/origin.h"

#include <string.h>

#include "fuzz.h"

static void
check_form(const char *text)
{
	struct origin again;

	MUST(strlen(text) < ORIGIN_TEXT_SIZE);
	MUST(strncmp(text, "https://", 8) == 0 ||
	    strncmp(text, "http://", 7) == 0);
	MUST(strpbrk(strchr(text, '/') + 2, "/?#@\\ \r\n") == NULL);
	MUST(origin_parse(slice_str(text), &again) == 0);
	MUST(strcmp(again.text, text) == 0);
	MUST(origin_of_url(slice_str(text), &again) == 0);
	MUST(strcmp(again.text, text) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char named[] = "https://www.example.org", any[] = "*";
	static char *items[] = { named, any };
	const struct config_strings one = { items, 1 }, both = { items, 2 };
	struct slice text = slice_of(data, size);
	struct origin origin;

	if (origin_parse(text, &origin) == 0)
		check_form(origin.text);
	if (origin_of_url(text, &origin) == 0) {
		check_form(origin.text);
		MUST(origin_allows_url(text, &one) ==
		    (strcmp(origin.text, named) == 0));
	}
	MUST(origin_is_listed(text, &one) == slice_eq_str(text, named));
	MUST(!origin_is_named(text, &both) || origin_is_listed(text, &both));
	return 0;
}
