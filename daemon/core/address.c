/* SPDX-License-Identifier: ISC */
/*
 * Mailboxes.  What is wrong is found from the outside in: characters that no
 * mailbox has, then the shape, then the local part, then the domain, which
 * is checked again once it has become A-labels, because the mapping of UTS 46
 * can bring forth dots, digits and ends of labels.
 */
#include "core/address.h"

#include <stdlib.h>
#include <string.h>

#include "base/idn.h"
#include "base/utf8.h"

/* As typed; some scripts take 4 times the bytes of their A-label. */
enum { TYPED_MAX = 4 * ADDRESS_MAX };

static const char *const error_names[ADDRESS_ERROR_END] = {
	[ADDRESS_OK] = "ok",
	[ADDRESS_EMPTY] = "empty",
	[ADDRESS_TOO_LONG] = "too_long",
	[ADDRESS_INVALID_UTF8] = "invalid_utf8",
	[ADDRESS_CONTROL] = "control",
	[ADDRESS_BLANK] = "blank",
	[ADDRESS_NO_AT] = "no_at",
	[ADDRESS_SEVERAL] = "several",
	[ADDRESS_BRACKETS] = "brackets",
	[ADDRESS_COMMENT] = "comment",
	[ADDRESS_LOCAL_EMPTY] = "local_empty",
	[ADDRESS_LOCAL_TOO_LONG] = "local_too_long",
	[ADDRESS_LOCAL_QUOTED] = "local_quoted",
	[ADDRESS_LOCAL_DOT] = "local_dot",
	[ADDRESS_LOCAL_CHARACTER] = "local_character",
	[ADDRESS_LOCAL_NON_ASCII] = "local_non_ascii",
	[ADDRESS_DOMAIN_EMPTY] = "domain_empty",
	[ADDRESS_DOMAIN_LITERAL] = "domain_literal",
	[ADDRESS_DOMAIN_DOT] = "domain_dot",
	[ADDRESS_DOMAIN_LABEL] = "domain_label",
	[ADDRESS_DOMAIN_CHARACTER] = "domain_character",
	[ADDRESS_DOMAIN_SINGLE_LABEL] = "domain_single_label",
	[ADDRESS_DOMAIN_NUMERIC] = "domain_numeric",
	[ADDRESS_DOMAIN_IDN] = "domain_idn",
};

const char *
address_error_name(enum address_error error)
{
	return error_names[error];
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_ascii(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	}
	return true;
}

/* RFC 5322 §3.2.3 */
static bool
is_atext(char c)
{
	return c != '\0' && (is_alnum(c) ||
	    strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* What UTS 46 would silently leave out of a domain, or nobody sees. */
static bool
is_invisible(uint32_t c)
{
	return c == 0xad || c == 0x34f || (c >= 0x115f && c <= 0x1160) ||
	    (c >= 0x17b4 && c <= 0x17b5) || (c >= 0x180b && c <= 0x180f) ||
	    c == 0x3164 || (c >= 0xfe00 && c <= 0xfe0f) || c == 0xffa0 ||
	    (c >= 0xfff0 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

static bool
is_blank(uint32_t c)
{
	return c == ' ' || c == 0xa0 || c == 0x1680 ||
	    (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x205f ||
	    c == 0x3000;
}

static bool
has_char(struct slice s, bool (*is)(uint32_t))
{
	size_t plain = 0;

	/* What is asked for is none of these, and mostly all are. */
	while (plain < s.len && s.p[plain] > ' ' && s.p[plain] <= '~')
		plain++;
	s = slice_sub(s, plain, s.len);
	while (s.len > 0) {
		uint32_t c;
		size_t n = utf8_next(s, &c);

		if (n == 0 || is(c))
			return true;
		s = slice_sub(s, n, s.len);
	}
	return false;
}

/* The whole text: is it one mailbox, and only that? */
static enum address_error
check_shape(struct slice s)
{
	if (s.len == 0)
		return ADDRESS_EMPTY;
	if (s.len > TYPED_MAX)
		return ADDRESS_TOO_LONG;
	if (!utf8_is_valid(s))
		return ADDRESS_INVALID_UTF8;
	if (utf8_has_control(s) || has_char(s, is_invisible))
		return ADDRESS_CONTROL;
	if (slice_find(s, '<') >= 0 || slice_find(s, '>') >= 0)
		return ADDRESS_BRACKETS;
	if (slice_find(s, '"') >= 0)
		return ADDRESS_LOCAL_QUOTED;
	if (slice_find(s, '(') >= 0 || slice_find(s, ')') >= 0)
		return ADDRESS_COMMENT;
	if (slice_find(s, ',') >= 0 || slice_find(s, ';') >= 0 ||
	    slice_find(s, '@') != slice_rfind(s, '@'))
		return ADDRESS_SEVERAL;
	if (has_char(s, is_blank))
		return ADDRESS_BLANK;
	return slice_find(s, '@') < 0 ? ADDRESS_NO_AT : ADDRESS_OK;
}

/* A dot first, last or next to another. */
static bool
has_stray_dot(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '.' && (i == 0 || i + 1 == s.len ||
		    s.p[i + 1] == '.'))
			return true;
	}
	return false;
}

static enum address_error
check_local(struct slice local)
{
	if (local.len == 0)
		return ADDRESS_LOCAL_EMPTY;
	if (!is_ascii(local))
		return ADDRESS_LOCAL_NON_ASCII;
	if (local.len > ADDRESS_LOCAL_MAX)
		return ADDRESS_LOCAL_TOO_LONG;
	for (size_t i = 0; i < local.len; i++) {
		if (local.p[i] != '.' && !is_atext(local.p[i]))
			return ADDRESS_LOCAL_CHARACTER;
	}
	return has_stray_dot(local) ? ADDRESS_LOCAL_DOT : ADDRESS_OK;
}

/* Decimal, or hexadecimal as an IPv4 address may be written. */
static bool
is_number(struct slice label)
{
	bool hex = slice_starts(label, "0x") || slice_starts(label, "0X");

	for (size_t i = hex ? 2 : 0; i < label.len; i++) {
		char c = label.p[i];

		if (!is_digit(c) && !(hex && ((c >= 'a' && c <= 'f') ||
		    (c >= 'A' && c <= 'F'))))
			return false;
	}
	return true;
}

/* What can be said of the ASCII characters and the labels they make. */
static enum address_error
check_labels(struct slice domain)
{
	struct slice rest = domain;
	struct slice label = { 0 };
	size_t labels = 0;

	if (domain.len == 0)
		return ADDRESS_DOMAIN_EMPTY;
	if (domain.p[0] == '[')
		return ADDRESS_DOMAIN_LITERAL;
	for (size_t i = 0; i < domain.len; i++) {
		char c = domain.p[i];

		if ((unsigned char)c < 0x80 && c != '.' && c != '-' &&
		    !is_alnum(c))
			return ADDRESS_DOMAIN_CHARACTER;
	}
	if (has_stray_dot(domain))
		return ADDRESS_DOMAIN_DOT;
	while (slice_split(&rest, '.', &label)) {
		if (is_ascii(label) && label.len > ADDRESS_LABEL_MAX)
			return ADDRESS_DOMAIN_LABEL;
		if (label.p[0] == '-' || label.p[label.len - 1] == '-')
			return ADDRESS_DOMAIN_LABEL;
		labels++;
	}
	if (!is_ascii(domain))
		return ADDRESS_OK;	/* more dots may come */
	if (labels == 1)
		return ADDRESS_DOMAIN_SINGLE_LABEL;
	return is_number(label) ? ADDRESS_DOMAIN_NUMERIC : ADDRESS_OK;
}

static enum address_error
join(struct slice local, struct slice domain, struct address *ret_address)
{
	struct address a = { .local_len = local.len };
	size_t len = local.len + 1 + domain.len;

	if (len > ADDRESS_MAX)
		return ADDRESS_TOO_LONG;
	memcpy(a.canonical, local.p, local.len);
	a.canonical[local.len] = '@';
	memcpy(a.canonical + local.len + 1, domain.p, domain.len);
	for (size_t i = 0; i < len; i++) {
		char c = a.canonical[i];

		a.key[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	*ret_address = a;
	return ADDRESS_OK;
}

enum address_error
address_parse(struct slice text, struct address *ret_address)
{
	struct slice s = slice_trim(text);
	enum address_error error = check_shape(s);
	struct slice local, domain;
	char *alabels;
	size_t at;

	if (error != ADDRESS_OK)
		return error;
	at = (size_t)slice_find(s, '@');
	local = slice_sub(s, 0, at);
	domain = slice_sub(s, at + 1, s.len);
	if ((error = check_local(local)) != ADDRESS_OK)
		return error;
	if ((error = check_labels(domain)) != ADDRESS_OK)
		return error;
	if (is_ascii(s) && s.len > ADDRESS_MAX)
		return ADDRESS_TOO_LONG;
	alabels = idn_to_alabels(domain);
	if (alabels == NULL)
		return ADDRESS_DOMAIN_IDN;
	error = check_labels(slice_str(alabels));
	if (error == ADDRESS_OK)
		error = join(local, slice_str(alabels), ret_address);
	free(alabels);
	return error;
}

/* A local part without its +tag; one that is all tag stays. */
static struct slice
without_tag(struct slice local)
{
	ptrdiff_t plus = slice_find(local, '+');

	return plus > 0 ? slice_sub(local, 0, (size_t)plus) : local;
}

static struct slice
local_without_tag(const struct address *a)
{
	return without_tag(slice_of(a->key, a->local_len));
}

static struct slice
domain_of(const struct address *a)
{
	return slice_str(a->key + a->local_len + 1);
}

/* Mail to these goes to programs, or to who must not be bothered. */
static const char *const role_names[] = { "abuse", "do-not-reply",
	"donotreply", "mailer-daemon", "no-reply", "no_reply", "noreply",
	"postmaster" };
static const char *const role_prefixes[] = { "owner-" };
static const char *const role_suffixes[] = { "-confirm", "-request",
	"-subscribe", "-unsubscribe" };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
is_role(struct slice local)
{
	for (size_t i = 0; i < COUNT(role_names); i++) {
		if (slice_eq_str(local, role_names[i]))
			return true;
	}
	for (size_t i = 0; i < COUNT(role_prefixes); i++) {
		if (slice_starts(local, role_prefixes[i]))
			return true;
	}
	for (size_t i = 0; i < COUNT(role_suffixes); i++) {
		if (slice_ends(local, role_suffixes[i]))
			return true;
	}
	return false;
}

/* Whether it is that one of our own mailboxes, or on that "@host". */
static bool
is_own(const struct address *a, const char *own)
{
	struct slice rest = slice_trim(slice_str(own)), local = { 0 };
	struct address parsed;

	if (own[0] == '@')
		return slice_ieq_str(domain_of(a), own + 1);
	/* Few have our local part: only their domains are worth the work. */
	slice_split(&rest, '@', &local);
	return slice_ieq(local_without_tag(a), without_tag(local)) &&
	    address_parse(slice_str(own), &parsed) == ADDRESS_OK &&
	    slice_eq(domain_of(a), domain_of(&parsed));
}

bool
address_is_refused(const struct address *a, const char *const *own,
    size_t own_count)
{
	if (is_role(local_without_tag(a)))
		return true;
	for (size_t i = 0; i < own_count; i++) {
		if (is_own(a, own[i]))
			return true;
	}
	return false;
}

void
address_budget_key(const struct address *a, char ret_key[ADDRESS_MAX + 1])
{
	struct slice local = local_without_tag(a);
	struct slice domain = domain_of(a);
	bool gmail = slice_eq_str(domain, "gmail.com") ||
	    slice_eq_str(domain, "googlemail.com");
	size_t n = 0;

	if (gmail)
		domain = slice_str("gmail.com");
	for (size_t i = 0; i < local.len; i++) {
		if (!gmail || local.p[i] != '.')
			ret_key[n++] = local.p[i];
	}
	ret_key[n++] = '@';
	memcpy(ret_key + n, domain.p, domain.len);
	ret_key[n + domain.len] = '\0';
}
