/* SPDX-License-Identifier: ISC */
/*
 * On c-ares.  Its answer may come within the call that asks for it: it is
 * noted, and given when the channel finishes.
 */
#include "io/dns.h"

#include <sys/stat.h>

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/slice.h"
#include "io/dns_channel.h"

enum { ADDRESSES_MAX = 16, PORT_SIZE = 8 };

struct dns_query {
	struct dns_channel *channel;
	struct net_address addresses[ADDRESSES_MAX];
	size_t count;
	int status;			/* c-ares's */
	dns_answer *on_answer;
	void *arg;
};

static void
keep_addresses(struct dns_query *q, const struct ares_addrinfo *result)
{
	for (const struct ares_addrinfo_node *n = result->nodes;
	    n != NULL && q->count < ADDRESSES_MAX; n = n->ai_next) {
		struct net_address *a = &q->addresses[q->count];

		if (n->ai_addrlen > sizeof(a->sockaddr))
			continue;
		memcpy(&a->sockaddr, n->ai_addr, n->ai_addrlen);
		a->len = n->ai_addrlen;
		q->count++;
	}
}

static void
on_result(void *arg, int status, int timeouts, struct ares_addrinfo *result)
{
	struct dns_query *q = arg;

	(void)timeouts;
	q->status = status;
	if (result != NULL) {
		keep_addresses(q, result);
		ares_freeaddrinfo(result);
	}
	if (status != ARES_EDESTRUCTION)
		dns_channel_finish(q->channel);
}

static void
on_finish(void *arg)
{
	struct dns_query *q = arg;

	q->on_answer(q->addresses, q->count, q->status != ARES_SUCCESS ?
	    ares_strerror(q->status) : "no address", q->arg);
	dns_cancel(q);
}

/* c-ares 1.18 asks the DNS for "127.0.0.1". */
static bool
is_its_own_answer(struct dns_query *q, const char *host, uint16_t port)
{
	char name[NET_NAME_SIZE];
	bool six = strchr(host, ':') != NULL;

	(void)snprintf(name, sizeof(name), "%s%s%s:%u", six ? "[" : "", host,
	    six ? "]" : "", (unsigned)port);
	if (net_parse(slice_str(name), &q->addresses[0]) < 0)
		return false;
	q->count = 1;
	return true;
}

static void
start(struct dns_query *q, const char *host, uint16_t port)
{
	struct ares_addrinfo_hints hints = { .ai_flags = ARES_AI_NUMERICSERV,
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	char service[PORT_SIZE];

	(void)snprintf(service, sizeof(service), "%u", (unsigned)port);
	ares_getaddrinfo(dns_channel_ares(q->channel), host, service, &hints,
	    on_result, q);
	dns_channel_wait(q->channel);
}

struct dns_query *
dns_ask(struct event_base *base, const char *resolver, const char *host,
    uint16_t port, dns_answer *on_answer, void *arg)
{
	struct dns_query *q = MEM_NEW(struct dns_query);

	q->on_answer = on_answer;
	q->arg = arg;
	q->channel = dns_channel_new(base, resolver, on_finish, q,
	    &q->status);
	if (q->status != ARES_SUCCESS || is_its_own_answer(q, host, port))
		dns_channel_finish(q->channel);
	else
		start(q, host, port);
	return q;
}

void
dns_cancel(struct dns_query *q)
{
	if (q == NULL)
		return;
	dns_channel_free(q->channel);
	free(q);
}

const char *const *
dns_files(void)
{
	static const char *const files[] = { "/etc/resolv.conf",
		"/etc/hosts", "/etc/nsswitch.conf", NULL };

	return files;
}

uint64_t
dns_files_mark(void)
{
	enum { FACTOR = 1000003 };
	uint64_t mark = 0;

	for (const char *const *p = dns_files(); *p != NULL; p++) {
		struct stat st = { 0 };

		if (stat(*p, &st) < 0)
			st = (struct stat){ 0 };
		mark = (mark * FACTOR + st.st_dev) * FACTOR + st.st_ino;
	}
	return mark;
}

const char *
dns_version(void)
{
	return ares_version(NULL);
}
