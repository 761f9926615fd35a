/* SPDX-License-Identifier: ISC */
/*
 * Whether a domain takes mail at all (RFC 5321 §5.1, RFC 7505), as the DNS
 * says, without ever waiting for it.
 */
#ifndef IO_DNS_MAIL_H
#define IO_DNS_MAIL_H

struct dns_mail_query;
struct event_base;

enum dns_mail {
	DNS_MAIL_UNKNOWN,	/* no answer, or one that says nothing */
	DNS_MAIL_TAKEN,		/* has an MX, or else an address */
	DNS_MAIL_NO_DOMAIN,	/* there is no such domain */
	DNS_MAIL_NO_HOST,	/* neither MX nor address */
	DNS_MAIL_NULL_MX,	/* says that it takes none */
};

/* Once, from the loop.  The query is freed after it. */
typedef void dns_mail_answer(enum dns_mail, void *arg);

/* `domain` in A-labels; `resolver` as in io/dns.h.  Owned. */
struct dns_mail_query *dns_mail_ask(struct event_base *,
    const char *resolver, const char *domain, dns_mail_answer *on_answer,
    void *arg);
/* Gives up silently; NULL is fine. */
void dns_mail_cancel(struct dns_mail_query *);

#endif
