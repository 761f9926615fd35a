/* SPDX-License-Identifier: ISC */
/*
 * The types of form fields, as one table of checks.
 */
#include "core/form_value.h"

#include "base/num.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/origin.h"

static bool
is_any(const struct config_field *field, struct slice value)
{
	(void)field;
	(void)value;
	return true;
}

static bool
is_email(const struct config_field *field, struct slice value)
{
	struct address address;

	(void)field;
	return address_parse(value, &address) == ADDRESS_OK;
}

static size_t
count_digits(struct slice s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

static bool
is_number(const struct config_field *field, struct slice value)
{
	size_t digits;

	(void)field;
	if (slice_starts(value, "-"))
		value = slice_sub(value, 1, value.len);
	digits = count_digits(value);
	value = slice_sub(value, digits, value.len);
	if (digits == 0 || value.len == 0)
		return digits > 0;
	value = slice_sub(value, 1, value.len);
	return value.p[-1] == '.' && value.len > 0 &&
	    count_digits(value) == value.len;
}

static bool
is_date(const struct config_field *field, struct slice value)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
		31, 30, 31 };
	uint64_t year, month, day;
	bool leap;

	(void)field;
	if (value.len != 10 || value.p[4] != '-' || value.p[7] != '-' ||
	    num_parse_u64(slice_sub(value, 0, 4), &year) < 0 ||
	    num_parse_range(slice_sub(value, 5, 7), 1, 12, &month) < 0 ||
	    num_parse_range(slice_sub(value, 8, 10), 1, 31, &day) < 0)
		return false;
	leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return day <= days[month - 1] || (leap && month == 2 && day == 29);
}

static bool
is_url(const struct config_field *field, struct slice value)
{
	struct origin origin;

	(void)field;
	return origin_of_url(value, &origin) == 0;
}

static bool
is_choice(const struct config_field *field, struct slice value)
{
	for (size_t i = 0; i < field->choices.count; i++) {
		if (slice_eq_str(value, field->choices.item[i]))
			return true;
	}
	return false;
}

static bool (*const fits[])(const struct config_field *, struct slice) = {
	[CONFIG_FIELD_TEXT] = is_any,
	[CONFIG_FIELD_EMAIL] = is_email,
	[CONFIG_FIELD_NUMBER] = is_number,
	[CONFIG_FIELD_DATE] = is_date,
	[CONFIG_FIELD_URL] = is_url,
	[CONFIG_FIELD_CHOICE] = is_choice,
};

bool
form_value_is_text(struct slice value, size_t max)
{
	return value.len <= max && utf8_is_text(value);
}

bool
form_value_fits(const struct config_field *field, struct slice value)
{
	size_t max = field->max > 0 ? field->max : FORM_VALUE_MAX;

	return form_value_is_text(value, max) &&
	    fits[field->type](field, value);
}

bool
form_value_is_yes(struct slice value)
{
	static const char *const no[] = { "", "0", "false", "off", "no" };

	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		if (slice_ieq_str(value, no[i]))
			return false;
	}
	return true;
}
