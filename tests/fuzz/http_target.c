/* SPDX-License-Identifier: ISC */
/*
 * A request's target, and the same text as a host; and that what is taken out
 * of a target is a target again.
 */
#include "io/http_target.h"

#include "base/buf.h"
#include "fuzz.h"
#include "io/http_chars.h"

static void
check_again(struct slice path, struct slice query)
{
	struct slice path2, query2, authority2;
	struct buf text = { 0 };

	buf_add_slice(&text, path);
	if (query.p != NULL) {
		buf_add_char(&text, '?');
		buf_add_slice(&text, query);
	}
	MUST(http_parse_target(buf_slice(&text), HTTP_GET, &path2, &query2,
	    &authority2) == 0);
	MUST(slice_eq(path, path2));
	MUST(query.p == NULL ? query2.p == NULL : slice_eq(query, query2));
	MUST(authority2.p == NULL);
	buf_fini(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size), path, query, authority;

	if (http_host_is_valid(text))
		MUST(size > 0 && slice_find(text, '/') < 0 &&
		    slice_find(text, '@') < 0 && http_is_field_text(text));
	if (http_parse_target(text, HTTP_OPTIONS, &path, &query,
	    &authority) < 0) {
		MUST(http_parse_target(text, HTTP_GET, &path, &query,
		    &authority) < 0);
		return 0;
	}
	if (http_parse_target(text, HTTP_GET, &path, &query, &authority) < 0)
		MUST(slice_eq_str(text, "*"));
	else
		check_again(path, query);
	return 0;
}
