/* SPDX-License-Identifier: ISC */
/*
 * Checks the config's texts, each kind by its own rule, and brings them into
 * one form.  Many of them end up in headers, so that no control character
 * passes.
 */
#include "app/config/config_rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/idn.h"
#include "base/ip.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "core/address.h"
#include "core/form_names.h"
#include "core/lang.h"
#include "core/origin.h"
#include "io/net.h"

enum { NAME_MAX_LEN = 32, ALIAS_MAX = 100, PATH_MAX_LEN = 1000 };

static bool
is_word(const char *text, size_t max, const char *extra)
{
	size_t len = strlen(text);

	for (const char *p = text; *p != '\0'; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') ||
		    (*p >= '0' && *p <= '9');

		if (!plain && strchr(extra, *p) == NULL)
			return false;
	}
	return len > 0 && len <= max;
}

/* What every text must be. */
static bool
is_clean(const char *text, size_t max, struct buf *right)
{
	if (!utf8_is_text(slice_str(text))) {
		buf_add_str(right, "want text without control characters or "
		    "line breaks");
		return false;
	}
	if (max > 0 && strlen(text) > max) {
		buf_printf(right, "want at most %zu bytes", max);
		return false;
	}
	return true;
}

char *
config_make_label(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	struct slice s = slice_trim(slice_str(value->text));

	if (!is_clean(value->text, rule->max, right))
		return NULL;
	if (s.len > 0)
		return slice_dup(s);
	buf_add_str(right, "it must not be blank");
	return NULL;
}

char *
config_make_name(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	(void)rule;
	if (is_word(value->text, NAME_MAX_LEN, "-"))
		return mem_strdup(value->text);
	buf_printf(right, "want a name of a-z, 0-9 and -, up to %d of them",
	    NAME_MAX_LEN);
	return NULL;
}

char *
config_make_user(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	(void)rule;
	if (is_word(value->text, NAME_MAX_LEN, "-_.$"))
		return mem_strdup(value->text);
	buf_add_str(right, "want the name of a user of this system");
	return NULL;
}

/* What an existing form says for a list. */
char *
config_make_alias(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	(void)rule;
	return is_clean(value->text, ALIAS_MAX, right) ?
	    mem_strdup(value->text) : NULL;
}

/* A field named as a honeypot is takes its place. */
static bool
is_every_forms(const char *name)
{
	struct slice key;
	enum form_field known = form_names_find(slice_str(name), &key);

	return known != FORM_FIELD_NONE && known != FORM_FIELD_HONEYPOT &&
	    known != FORM_FIELD_OWN;
}

static char *
make_own_name(const char *text, struct buf *right)
{
	if (!is_every_forms(text))
		return mem_strdup(text);
	buf_add_str(right, "every form has a field of that name already: "
	    "want another name");
	return NULL;
}

char *
config_make_field_alias(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	(void)rule;
	return is_clean(value->text, ALIAS_MAX, right) ?
	    make_own_name(value->text, right) : NULL;
}

char *
config_make_field_name(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	(void)rule;
	if (!is_word(value->text, 64, "-_ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
		buf_add_str(right, "want a name of letters, digits, - and _, "
		    "up to 64 of them");
		return NULL;
	}
	return make_own_name(value->text, right);
}

/* Relative ones start where the config file is. */
static char *
make_path(const struct config_rule *rule, const struct config_value *value,
    struct buf *right)
{
	char *path = value->text[0] == '/' ? mem_strdup(value->text) :
	    mem_printf("%s/%s", value->folder, value->text);

	if (is_clean(path, rule->max > 0 ? rule->max : PATH_MAX_LEN, right))
		return path;
	free(path);
	return NULL;
}

char *
config_make_path(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	return make_path(rule, value, right);
}

char *
config_make_log_target(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	if (strcmp(value->text, "stderr") == 0 ||
	    strcmp(value->text, "syslog") == 0)
		return mem_strdup(value->text);
	if (strchr(value->text, '/') != NULL)
		return make_path(rule, value, right);
	buf_add_str(right, "want stderr, syslog or the path of a file");
	return NULL;
}

char *
config_make_origin(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	struct origin origin;

	(void)rule;
	if (strcmp(value->text, "*") == 0)
		return mem_strdup("*");
	if (origin_parse(slice_str(value->text), &origin) == 0)
		return mem_strdup(origin.text);
	buf_add_str(right, "want scheme and host, with no path, such as "
	    "\"https://www.example.org\", or \"*\" for any");
	return NULL;
}

char *
config_make_base_url(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	struct slice s = slice_str(value->text);
	struct origin origin;

	(void)rule;
	if (slice_ends(s, "/"))
		s.len--;
	if (origin_parse(s, &origin) == 0)
		return mem_strdup(origin.text);
	buf_add_str(right, "want http or https and a host, with no path, such "
	    "as \"https://news.example.org\"");
	return NULL;
}

char *
config_make_url(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	struct origin origin;

	(void)rule;
	if (origin_of_url(slice_str(value->text), &origin) == 0)
		return mem_strdup(value->text);
	buf_add_str(right, "want a whole URL such as "
	    "\"https://www.example.org/page\"");
	return NULL;
}

char *
config_make_address(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	struct address address;

	(void)rule;
	if (address_parse(slice_str(value->text), &address) == ADDRESS_OK)
		return mem_strdup(address.canonical);
	buf_add_str(right, "want an address such as \"owner@example.org\"");
	return NULL;
}

/* An address, or one half of it and the @. */
char *
config_make_refused(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	struct slice text = slice_str(value->text);
	bool name = slice_ends(text, "@"), domain = slice_starts(text, "@");
	char *whole = mem_printf("%s%s%s", domain ? "x" : "", value->text,
	    name ? "example.org" : "");
	struct address address;
	char *made = NULL;

	(void)rule;
	if (address_parse(slice_str(whole), &address) != ADDRESS_OK)
		buf_add_str(right, "want \"info@\", \"@example.org\" or an "
		    "address");
	else if (name)
		made = mem_strndup(address.key, address.local_len + 1);
	else
		made = mem_strdup(address.key + (domain ? 1 : 0));
	free(whole);
	return made;
}

/* Without its quotes, if it has them; NULL when it can't be a name. */
static char *
display_name(struct slice s)
{
	struct buf name = { 0 };

	if (s.len == 0 || s.p[0] != '"') {
		/* RFC 5322 §3.2.3's specials want quotes; a dot never hurt. */
		for (size_t i = 0; i < s.len; i++) {
			if (strchr("()<>[]:;@\\,\"", s.p[i]) != NULL)
				return NULL;
		}
		return slice_dup(s);
	}
	if (s.len < 2 || s.p[s.len - 1] != '"')
		return NULL;
	for (size_t i = 1; i < s.len - 1; i++) {
		if (s.p[i] == '"' || (s.p[i] == '\\' && i++ == s.len - 2)) {
			buf_fini(&name);
			return NULL;
		}
		buf_add_char(&name, s.p[i]);
	}
	return buf_take(&name);
}

int
config_split_mailbox(const char *text, char **ret_name, char **ret_address)
{
	struct slice s = slice_trim(slice_str(text));
	ptrdiff_t open = slice_rfind(s, '<');
	struct slice inside = s, before = slice_of("", 0);
	struct address address;
	char *name;

	if (open >= 0) {
		if (!slice_ends(s, ">"))
			return -1;
		inside = slice_sub(s, (size_t)open + 1, s.len - 1);
		before = slice_trim(slice_sub(s, 0, (size_t)open));
	}
	if (address_parse(inside, &address) != ADDRESS_OK)
		return -1;
	name = display_name(before);
	if (name == NULL)
		return -1;
	*ret_name = name;
	*ret_address = mem_strdup(address.canonical);
	return 0;
}

char *
config_make_mailbox(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	char *name, *address;

	if (!is_clean(value->text, rule->max, right))
		return NULL;
	if (config_split_mailbox(value->text, &name, &address) == 0) {
		free(name);
		free(address);
		return mem_strdup(value->text);
	}
	buf_add_str(right, "want one sender such as "
	    "\"The Weekly <weekly@example.org>\"; a name with any of "
	    "()<>[]:;@\\, in it stands in quotes of its own");
	return NULL;
}

char *
config_make_proxy(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	struct ip_network network;
	char text[IP_TEXT_SIZE];

	(void)rule;
	if (ip_network_parse(slice_str(value->text), &network) == 0) {
		ip_network_write(&network, text);
		return mem_strdup(text);
	}
	buf_add_str(right, "want an IP address such as \"127.0.0.1\" or "
	    "\"::1\", or a network such as \"10.0.0.0/8\" with no bits set "
	    "behind its prefix");
	return NULL;
}

char *
config_make_listen(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	struct net_address address;

	(void)rule;
	if (net_parse(slice_str(value->text), &address) == 0)
		return mem_strdup(value->text);
	buf_add_str(right, "want \"ADDRESS:PORT\" with a numeric address, "
	    "such as \"127.0.0.1:8080\" or \"[::]:8080\", or \"unix:/PATH\"");
	return NULL;
}

char *
config_make_metrics(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	struct net_address address;

	(void)rule;
	if (net_parse(slice_str(value->text), &address) == 0 &&
	    net_path(&address) == NULL && net_is_loopback(&address))
		return mem_strdup(value->text);
	buf_add_str(right, "want a loopback address and port, such as "
	    "\"127.0.0.1:9180\"");
	return NULL;
}

char *
config_make_resolver(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	struct net_address address;

	(void)rule;
	if (net_parse(slice_str(value->text), &address) == 0 &&
	    net_path(&address) == NULL)
		return mem_strdup(value->text);
	buf_add_str(right, "want a numeric address and port, such as "
	    "\"127.0.0.1:53\"");
	return NULL;
}

char *
config_make_lang(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	(void)rule;
	if (lang_is_tag(slice_str(value->text)))
		return mem_strdup(value->text);
	buf_add_str(right, "want a language tag such as \"en\" or \"pt-BR\"");
	return NULL;
}

/* A name as A-labels, or a numeric address. */
char *
config_make_host(const struct config_rule *rule,
    const struct config_value *value, struct buf *right)
{
	struct slice s = slice_str(value->text);
	char text[IP_TEXT_SIZE], *name;
	struct ip ip;

	(void)rule;
	if (slice_starts(s, "[") && slice_ends(s, "]"))
		s = slice_sub(s, 1, s.len - 1);
	if (ip_parse(s, &ip) == 0) {
		ip_write(&ip, text);
		return mem_strdup(text);
	}
	name = idn_to_alabels(s);
	if (name == NULL)
		buf_add_str(right, "want a host's name or address, such as "
		    "\"smtp.example.org\"");
	return name;
}
