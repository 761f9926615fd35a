/* SPDX-License-Identifier: ISC */
/*
 * Language tags and their negotiation.  Only the shape of a tag is looked at:
 * which languages there are is for whoever offers them.
 */
#include "core/lang.h"

enum {
	RANGES_MAX = 32,	/* of one header; the rest is not looked at */
	WEIGHT_ONE = 1000,	/* "q" counts thousandths */
};

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A primary subtag is of letters, later ones of letters and digits. */
static bool
is_subtag(struct slice s, bool primary)
{
	if (s.len < (primary ? 2 : 1) || s.len > 8)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_alpha(s.p[i]) && (primary || !is_digit(s.p[i])))
			return false;
	}
	return true;
}

bool
lang_is_tag(struct slice tag)
{
	struct slice rest = tag, part;
	bool primary = true;

	if (tag.len > LANG_TAG_MAX)
		return false;
	while (slice_split(&rest, '-', &part)) {
		if (!is_subtag(part, primary))
			return false;
		primary = false;
	}
	return !primary;
}

static int
find_tag(struct slice tag, char *const *offered, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_ieq_str(tag, offered[i]))
			return (int)i;
	}
	return -1;
}

/* One that the tag is the beginning of. */
static int
find_longer(struct slice tag, char *const *offered, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct slice o = slice_str(offered[i]);

		if (o.len > tag.len && o.p[tag.len] == '-' &&
		    slice_ieq(slice_sub(o, 0, tag.len), tag))
			return (int)i;
	}
	return -1;
}

int
lang_match(struct slice tag, char *const *offered, size_t count)
{
	struct slice left = tag;
	int found;

	if (!lang_is_tag(tag))
		return -1;
	for (;;) {
		ptrdiff_t at;

		found = find_tag(left, offered, count);
		if (found < 0)
			found = find_longer(left, offered, count);
		at = slice_rfind(left, '-');
		if (found >= 0 || at < 0)
			return found;
		left.len = (size_t)at;
		/* A singleton goes with what it announced: "zh-x-a". */
		if (left.len >= 2 && left.p[left.len - 2] == '-')
			left.len -= 2;
	}
}

/* "0.8" as 800; -1 when it is no weight (RFC 9110 §12.4.2). */
static int
parse_weight(struct slice s)
{
	int weight, unit = WEIGHT_ONE / 10;

	if (s.len == 0 || s.len > 5 || (s.p[0] != '0' && s.p[0] != '1') ||
	    (s.len > 1 && s.p[1] != '.'))
		return -1;
	weight = s.p[0] == '1' ? WEIGHT_ONE : 0;
	for (size_t i = 2; i < s.len; i++, unit /= 10) {
		if (!is_digit(s.p[i]))
			return -1;
		weight += (s.p[i] - '0') * unit;
	}
	return weight > WEIGHT_ONE ? -1 : weight;
}

/* One element of the header: "de-AT;q=0.8".  Its weight, or -1. */
static int
parse_range(struct slice element, struct slice *ret_range)
{
	struct slice rest = element, weight;

	if (!slice_split(&rest, ';', ret_range))
		return -1;
	*ret_range = slice_trim(*ret_range);
	if (ret_range->len == 0)
		return -1;
	if (!slice_split(&rest, ';', &weight))
		return WEIGHT_ONE;
	weight = slice_trim(weight);
	if (rest.p != NULL || (!slice_starts(weight, "q=") &&
	    !slice_starts(weight, "Q=")))
		return -1;
	return parse_weight(slice_sub(weight, 2, weight.len));
}

/* Does the header say of this language that it isn't wanted ("de;q=0")? */
static bool
is_refused(struct slice header, const char *tag)
{
	struct slice range, element;

	for (int i = 0; i < RANGES_MAX &&
	    slice_split(&header, ',', &element); i++) {
		if (parse_range(element, &range) == 0 &&
		    slice_ieq_str(range, tag))
			return true;
	}
	return false;
}

/* What one range would get: "*" is the first that isn't refused. */
static int
match_range(struct slice header, struct slice range, char *const *offered,
    size_t count)
{
	int found;

	if (!slice_eq_str(range, "*")) {
		found = lang_match(range, offered, count);
		return found >= 0 && is_refused(header, offered[found]) ?
		    -1 : found;
	}
	for (size_t i = 0; i < count; i++) {
		if (!is_refused(header, offered[i]))
			return (int)i;
	}
	return -1;
}

int
lang_negotiate(struct slice accept_language, char *const *offered,
    size_t count)
{
	struct slice rest = accept_language, element, range;
	int best = -1, best_weight = 0;

	for (int i = 0; i < RANGES_MAX &&
	    slice_split(&rest, ',', &element); i++) {
		int weight = parse_range(element, &range);
		int found;

		if (weight <= best_weight)
			continue;
		found = match_range(accept_language, range, offered, count);
		if (found < 0)
			continue;
		best = found;
		best_weight = weight;
	}
	return best;
}
