/* SPDX-License-Identifier: ISC */
/*
 * Reading a limit.
 */
#include "core/limit.h"

#include "base/num.h"

static int
parse_window(struct slice text, struct limit *limit)
{
	ptrdiff_t slash = slice_find(text, '/');
	uint64_t count, seconds;

	if (slash < 0 || limit->count == LIMIT_WINDOWS_MAX)
		return -1;
	if (num_parse_range(
	    slice_trim(slice_sub(text, 0, (size_t)slash)), 1, UINT32_MAX,
	    &count) < 0)
		return -1;
	if (num_parse_duration(
	    slice_trim(slice_sub(text, (size_t)slash + 1, text.len)),
	    &seconds) < 0 || seconds == 0 || seconds > UINT32_MAX)
		return -1;
	limit->window[limit->count].count = (uint32_t)count;
	limit->window[limit->count].seconds = (uint32_t)seconds;
	limit->count++;
	return 0;
}

int
limit_parse(struct slice text, struct limit *ret_limit)
{
	struct limit limit = { 0 };
	struct slice part;

	if (text.p == NULL)
		return -1;
	if (!slice_eq_str(slice_trim(text), "off")) {
		while (slice_split(&text, ',', &part)) {
			if (parse_window(slice_trim(part), &limit) < 0)
				return -1;
		}
	}
	*ret_limit = limit;
	return 0;
}

bool
limit_equal(const struct limit *a, const struct limit *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		if (a->window[i].count != b->window[i].count ||
		    a->window[i].seconds != b->window[i].seconds)
			return false;
	}
	return true;
}
