/* SPDX-License-Identifier: ISC */
/*
 * Two tables: the providers, and whose domains are theirs.
 */
#include "core/inbox.h"

#include <ctype.h>
#include <stddef.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum provider { AOL, FASTMAIL, FREE, FREENET, GMAIL, GMX_COM, GMX_NET, ICLOUD,
	LAPOSTE, LIBERO, MAILBOX_ORG, MAIL_RU, ORANGE, OUTLOOK, POSTEO,
	PROTON, SEZNAM, T_ONLINE, WEB_DE, YAHOO, YANDEX, PROVIDERS };

static const struct provider_row {
	struct inbox inbox;
	const char *url;
	const char *search;	/* goes behind it, as do the sender and `end`;
				 * NULL: it has none by URL */
	const char *end;
} providers[PROVIDERS] = {
	[AOL] = { { "aol", "AOL" }, "https://mail.aol.com/", NULL, NULL },
	[FASTMAIL] = { { "fastmail", "Fastmail" },
	    "https://app.fastmail.com/", NULL, NULL },
	[FREE] = { { "free", "Free" }, "https://webmail.free.fr/",
	    NULL, NULL },
	[FREENET] = { { "freenet", "freenet" }, "https://webmail.freenet.de/",
	    NULL, NULL },
	[GMAIL] = { { "gmail", "Gmail" }, "https://mail.google.com/mail/u/0/",
	    "#search/from%3A", "+in%3Aanywhere+newer_than%3A1d" },
	[GMX_COM] = { { "gmx-com", "GMX" }, "https://www.gmx.com/",
	    NULL, NULL },
	[GMX_NET] = { { "gmx", "GMX" }, "https://www.gmx.net/", NULL, NULL },
	[ICLOUD] = { { "icloud", "iCloud" }, "https://www.icloud.com/mail/",
	    NULL, NULL },
	[LAPOSTE] = { { "laposte", "La Poste" }, "https://www.laposte.net/",
	    NULL, NULL },
	[LIBERO] = { { "libero", "Libero" }, "https://mail.libero.it/",
	    NULL, NULL },
	[MAILBOX_ORG] = { { "mailbox", "mailbox.org" },
	    "https://app.mailbox.org/", NULL, NULL },
	[MAIL_RU] = { { "mailru", "Mail.ru" }, "https://e.mail.ru/inbox/",
	    NULL, NULL },
	[ORANGE] = { { "orange", "Orange" }, "https://messagerie.orange.fr/",
	    NULL, NULL },
	[OUTLOOK] = { { "outlook", "Outlook" },
	    "https://outlook.live.com/mail/", NULL, NULL },
	[POSTEO] = { { "posteo", "Posteo" }, "https://posteo.de/",
	    NULL, NULL },
	[PROTON] = { { "proton", "Proton Mail" }, "https://mail.proton.me/",
	    NULL, NULL },
	[SEZNAM] = { { "seznam", "Seznam" }, "https://email.seznam.cz/",
	    NULL, NULL },
	[T_ONLINE] = { { "t-online", "T-Online" },
	    "https://email.t-online.de/", NULL, NULL },
	[WEB_DE] = { { "webde", "WEB.DE" }, "https://web.de/", NULL, NULL },
	[YAHOO] = { { "yahoo", "Yahoo" }, "https://mail.yahoo.com/",
	    NULL, NULL },
	[YANDEX] = { { "yandex", "Yandex" }, "https://mail.yandex.com/",
	    NULL, NULL },
};

/* The first that matches; one that ends in a dot has many countries. */
static const struct {
	const char *domain;
	enum provider provider;
} domains[] = {
	{ "gmail.com", GMAIL },
	{ "googlemail.com", GMAIL },
	{ "outlook.", OUTLOOK },
	{ "hotmail.", OUTLOOK },
	{ "live.", OUTLOOK },
	{ "msn.com", OUTLOOK },
	{ "yahoo.", YAHOO },
	{ "ymail.com", YAHOO },
	{ "rocketmail.com", YAHOO },
	{ "icloud.com", ICLOUD },
	{ "me.com", ICLOUD },
	{ "mac.com", ICLOUD },
	{ "aol.", AOL },
	{ "gmx.de", GMX_NET },
	{ "gmx.net", GMX_NET },
	{ "gmx.at", GMX_NET },
	{ "gmx.ch", GMX_NET },
	{ "gmx.", GMX_COM },
	{ "web.de", WEB_DE },
	{ "t-online.de", T_ONLINE },
	{ "magenta.de", T_ONLINE },
	{ "freenet.de", FREENET },
	{ "mailbox.org", MAILBOX_ORG },
	{ "posteo.", POSTEO },
	{ "proton.me", PROTON },
	{ "protonmail.com", PROTON },
	{ "protonmail.ch", PROTON },
	{ "pm.me", PROTON },
	{ "fastmail.com", FASTMAIL },
	{ "fastmail.fm", FASTMAIL },
	{ "orange.fr", ORANGE },
	{ "wanadoo.fr", ORANGE },
	{ "free.fr", FREE },
	{ "laposte.net", LAPOSTE },
	{ "libero.it", LIBERO },
	{ "seznam.cz", SEZNAM },
	{ "email.cz", SEZNAM },
	{ "mail.ru", MAIL_RU },
	{ "bk.ru", MAIL_RU },
	{ "inbox.ru", MAIL_RU },
	{ "list.ru", MAIL_RU },
	{ "yandex.", YANDEX },
	{ "ya.ru", YANDEX },
};

/* "fr", "co.uk", "com.br": not "example.fr". */
static bool
is_country(struct slice rest)
{
	ptrdiff_t dot = slice_find(rest, '.');

	if (dot < 0)
		return rest.len == 2 || rest.len == 3;
	return rest.len - (size_t)dot == 3 &&
	    (slice_starts(rest, "co.") || slice_starts(rest, "com."));
}

static bool
is_domain_of(struct slice domain, const char *pattern)
{
	struct slice fixed;

	if (domain.len == 0 || domain.p[0] != pattern[0])
		return false;
	fixed = slice_str(pattern);
	if (!slice_ends(fixed, "."))
		return slice_eq(domain, fixed);
	return slice_starts(domain, pattern) &&
	    is_country(slice_sub(domain, fixed.len, domain.len));
}

const struct inbox *
inbox_of_domain(struct slice domain)
{
	for (size_t i = 0; i < COUNT(domains); i++) {
		if (is_domain_of(domain, domains[i].domain))
			return &providers[domains[i].provider].inbox;
	}
	return NULL;
}

const struct inbox *
inbox_by_key(struct slice key)
{
	for (size_t i = 0; i < PROVIDERS; i++) {
		if (slice_eq_str(key, providers[i].inbox.key))
			return &providers[i].inbox;
	}
	return NULL;
}

/* RFC 3986 §2.3: all else is written as bytes. */
static void
add_escaped(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (isalnum((unsigned char)*text) ||
		    strchr("-._~", *text) != NULL)
			buf_add_char(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned char)*text);
	}
}

void
inbox_add_url(const struct inbox *inbox, const char *sender, struct buf *out)
{
	const struct provider_row *row = providers;

	while (&row->inbox != inbox)
		row++;
	buf_add_str(out, row->url);
	if (row->search == NULL)
		return;
	buf_add_str(out, row->search);
	add_escaped(out, sender);
	buf_add_str(out, row->end);
}
