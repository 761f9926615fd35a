/* SPDX-License-Identifier: ISC */
/*
 * Numbers from text, refused when they are anything else.
 */
#include "base/num.h"

static int
parse_digits(struct slice s, unsigned base, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (s.len == 0)
		return -1;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		unsigned digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			digit = (unsigned)(c - 'A') + 10;
		else
			return -1;
		if (digit >= base || value > (UINT64_MAX - digit) / base)
			return -1;
		value = value * base + digit;
	}
	*ret_value = value;
	return 0;
}

int
num_parse_u64(struct slice s, uint64_t *ret_value)
{
	return parse_digits(s, 10, ret_value);
}

int
num_parse_hex(struct slice s, uint64_t *ret_value)
{
	return parse_digits(s, 16, ret_value);
}

int
num_parse_range(struct slice s, uint64_t min, uint64_t max,
    uint64_t *ret_value)
{
	uint64_t value;

	if (num_parse_u64(s, &value) < 0 || value < min || value > max)
		return -1;
	*ret_value = value;
	return 0;
}

struct unit {
	char suffix;
	uint64_t factor;
};

static int
parse_unit(struct slice s, const struct unit *units, size_t count,
    uint64_t *ret_value)
{
	uint64_t factor = 1;

	for (size_t i = 0; i < count && s.len > 0; i++) {
		if (s.p[s.len - 1] == units[i].suffix) {
			factor = units[i].factor;
			s.len--;
			break;
		}
	}
	if (num_parse_u64(s, ret_value) < 0 ||
	    *ret_value > UINT64_MAX / factor)
		return -1;
	*ret_value *= factor;
	return 0;
}

int
num_parse_size(struct slice s, uint64_t *ret_bytes)
{
	static const struct unit units[] = { { 'k', UINT64_C(1) << 10 },
		{ 'm', UINT64_C(1) << 20 }, { 'g', UINT64_C(1) << 30 } };

	return parse_unit(s, units, sizeof(units) / sizeof(units[0]),
	    ret_bytes);
}

int
num_parse_duration(struct slice s, uint64_t *ret_seconds)
{
	static const struct unit units[] = { { 's', 1 }, { 'm', 60 },
		{ 'h', 3600 }, { 'd', 86400 } };

	return parse_unit(s, units, sizeof(units) / sizeof(units[0]),
	    ret_seconds);
}
