/* SPDX-License-Identifier: ISC */
/*
 * Names of form fields, as one table.
 */
#include "core/form_names.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Our own, where there is one. */
static const char *const own_names[FORM_FIELD_END] = {
	[FORM_FIELD_EMAIL] = "email",
	[FORM_FIELD_LIST] = "list",
	[FORM_FIELD_TAG] = "tag",
	[FORM_FIELD_NAME] = "name",
	[FORM_FIELD_LAST_NAME] = "LNAME",
	[FORM_FIELD_REDIRECT] = "redirect",
	[FORM_FIELD_LANG] = "lang",
	[FORM_FIELD_CONSENT] = "consent",
	[FORM_FIELD_SOURCE] = "source",
	[FORM_FIELD_UTM_SOURCE] = "utm_source",
	[FORM_FIELD_UTM_MEDIUM] = "utm_medium",
	[FORM_FIELD_UTM_CAMPAIGN] = "utm_campaign",
	[FORM_FIELD_UTM_TERM] = "utm_term",
	[FORM_FIELD_UTM_CONTENT] = "utm_content",
	[FORM_FIELD_REFERRER_URL] = "referrer_url",
	[FORM_FIELD_LANDING_PAGE] = "landing_page",
	[FORM_FIELD_FORM_TOKEN] = "form_token",
	[FORM_FIELD_ALTCHA] = "altcha",
	[FORM_FIELD_FIRST_POST] = "first_post",
};

static const struct {
	const char *name;
	enum form_field field;
} other_names[] = {
	{ "EMAIL", FORM_FIELD_EMAIL },
	{ "email_address", FORM_FIELD_EMAIL },
	{ "contact[email]", FORM_FIELD_EMAIL },
	{ "l", FORM_FIELD_LIST },
	{ "list_uuids", FORM_FIELD_LIST },
	{ "FNAME", FORM_FIELD_NAME },
	{ "first_name", FORM_FIELD_NAME },
	{ "contact[first_name]", FORM_FIELD_NAME },
	{ "last_name", FORM_FIELD_LAST_NAME },
	{ "contact[last_name]", FORM_FIELD_LAST_NAME },
	{ "next", FORM_FIELD_REDIRECT },
	{ "redirect_url", FORM_FIELD_REDIRECT },
	{ "campaign_source", FORM_FIELD_UTM_SOURCE },
	{ "campaign_medium", FORM_FIELD_UTM_MEDIUM },
	{ "campaign_name", FORM_FIELD_UTM_CAMPAIGN },
	{ "campaign_campaign", FORM_FIELD_UTM_CAMPAIGN },
	{ "campaign_term", FORM_FIELD_UTM_TERM },
	{ "campaign_content", FORM_FIELD_UTM_CONTENT },
	{ "hp", FORM_FIELD_HONEYPOT },
	{ "nonce", FORM_FIELD_HONEYPOT },
	{ "VerificationCodeX", FORM_FIELD_HONEYPOT },
};

static bool
is_hex(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
		    (c >= 'A' && c <= 'F')))
			return false;
	}
	return s.len > 0;
}

/* Mailchimp's: b_HEX_HEX of the account and the list. */
static bool
is_mailchimp_trap(struct slice name)
{
	struct slice rest, account;

	if (!slice_starts(name, "b_"))
		return false;
	rest = slice_sub(name, 2, name.len);
	return slice_split(&rest, '_', &account) && is_hex(account) &&
	    is_hex(rest);
}

static enum form_field
find_name(struct slice name)
{
	for (int i = 0; i < FORM_FIELD_END; i++) {
		if (own_names[i] != NULL && slice_eq_str(name, own_names[i]))
			return (enum form_field)i;
	}
	for (size_t i = 0; i < COUNT(other_names); i++) {
		if (slice_eq_str(name, other_names[i].name))
			return other_names[i].field;
	}
	return is_mailchimp_trap(name) ? FORM_FIELD_HONEYPOT :
	    FORM_FIELD_NONE;
}

enum form_field
form_names_find(struct slice name, struct slice *ret_key)
{
	ptrdiff_t open = slice_find(name, '[');
	enum form_field field = find_name(name);

	*ret_key = slice_of("", 0);
	if (field != FORM_FIELD_NONE || open < 0 || !slice_ends(name, "]"))
		return field;
	field = find_name(slice_sub(name, 0, (size_t)open));
	*ret_key = slice_sub(name, (size_t)open + 1, name.len - 1);
	if (form_names_may_repeat(field) ||
	    (field == FORM_FIELD_CONSENT && ret_key->len > 0))
		return field;
	*ret_key = slice_of("", 0);
	return FORM_FIELD_NONE;
}

const char *
form_names_own(enum form_field field)
{
	return own_names[field] != NULL ? own_names[field] : "";
}

bool
form_names_may_repeat(enum form_field field)
{
	return field == FORM_FIELD_LIST || field == FORM_FIELD_TAG;
}

static bool
is_in_capitals(struct slice name, const char *field_name)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] >= 'a' && name.p[i] <= 'z')
			return false;
	}
	return slice_ieq_str(name, field_name);
}

bool
form_names_match(const struct config_field *field, struct slice name)
{
	struct slice bare = name;

	if (slice_starts(name, "metadata__"))
		bare = slice_sub(name, strlen("metadata__"), name.len);
	else if (slice_starts(name, "metadata[") && slice_ends(name, "]"))
		bare = slice_sub(name, strlen("metadata["), name.len - 1);
	if (slice_eq_str(bare, field->name) ||
	    is_in_capitals(name, field->name))
		return true;
	for (size_t i = 0; i < field->aliases.count; i++) {
		if (slice_eq_str(name, field->aliases.item[i]))
			return true;
	}
	return false;
}
