/* SPDX-License-Identifier: ISC */
/*
 * Asks for one type of record after the other, until one is there.
 */
#include "io/dns_mail.h"

#include <stddef.h>
#include <stdlib.h>

#include <arpa/nameser.h>

#include "base/mem.h"
#include "io/dns_channel.h"

struct dns_mail_query {
	struct dns_channel *channel;
	char *domain;
	size_t step;
	enum dns_mail found;
	dns_mail_answer *on_answer;
	void *arg;
};

/* A dot alone is the null MX; beside others it means nothing (RFC 7505 §3). */
static int
read_mx(const unsigned char *reply, int len, enum dns_mail *ret_found)
{
	struct ares_mx_reply *mx;
	int status = ares_parse_mx_reply(reply, len, &mx);

	if (status != ARES_SUCCESS)
		return status;
	*ret_found = mx->next == NULL && mx->host[0] == '\0' ?
	    DNS_MAIL_NULL_MX : DNS_MAIL_TAKEN;
	ares_free_data(mx);
	return status;
}

/* Whatever address it is: the mail server will see. */
static int
read_a(const unsigned char *reply, int len, enum dns_mail *ret_found)
{
	*ret_found = DNS_MAIL_TAKEN;
	return ares_parse_a_reply(reply, len, NULL, NULL, NULL);
}

static int
read_aaaa(const unsigned char *reply, int len, enum dns_mail *ret_found)
{
	*ret_found = DNS_MAIL_TAKEN;
	return ares_parse_aaaa_reply(reply, len, NULL, NULL, NULL);
}

static const struct {
	int type;
	int (*read)(const unsigned char *reply, int len,
	    enum dns_mail *ret_found);	/* c-ares's status */
} steps[] = {
	{ ns_t_mx, read_mx },
	{ ns_t_a, read_a },
	{ ns_t_aaaa, read_aaaa },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static enum dns_mail
found_by(int status, enum dns_mail found)
{
	switch (status) {
	case ARES_SUCCESS:
		return found;
	case ARES_ENODATA:
		return DNS_MAIL_NO_HOST;
	case ARES_ENOTFOUND:
		return DNS_MAIL_NO_DOMAIN;
	default:
		return DNS_MAIL_UNKNOWN;
	}
}

static void ask(struct dns_mail_query *q);

static void
on_reply(void *arg, int status, int timeouts, unsigned char *reply, int len)
{
	struct dns_mail_query *q = arg;
	enum dns_mail found = DNS_MAIL_UNKNOWN;

	(void)timeouts;
	if (status == ARES_EDESTRUCTION)
		return;
	if (status == ARES_SUCCESS)
		status = steps[q->step].read(reply, len, &found);
	q->found = found_by(status, found);
	q->step++;
	if (q->found == DNS_MAIL_NO_HOST && q->step < STEPS)
		ask(q);
	else
		dns_channel_finish(q->channel);
}

static void
ask(struct dns_mail_query *q)
{
	ares_query(dns_channel_ares(q->channel), q->domain, ns_c_in,
	    steps[q->step].type, on_reply, q);
}

static void
on_finish(void *arg)
{
	struct dns_mail_query *q = arg;

	q->on_answer(q->found, q->arg);
	dns_mail_cancel(q);
}

struct dns_mail_query *
dns_mail_ask(struct event_base *base, const char *resolver,
    const char *domain, dns_mail_answer *on_answer, void *arg)
{
	struct dns_mail_query *q = MEM_NEW(struct dns_mail_query);
	int status;

	q->domain = mem_strdup(domain);
	q->on_answer = on_answer;
	q->arg = arg;
	q->channel = dns_channel_new(base, resolver, on_finish, q, &status);
	if (status != ARES_SUCCESS) {
		dns_channel_finish(q->channel);
		return q;
	}
	ask(q);
	dns_channel_wait(q->channel);
	return q;
}

void
dns_mail_cancel(struct dns_mail_query *q)
{
	if (q == NULL)
		return;
	dns_channel_free(q->channel);
	free(q->domain);
	free(q);
}
