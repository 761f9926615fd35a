/* SPDX-License-Identifier: ISC */
/*
 * The addresses of a host's name, from /etc/hosts and the system's resolvers,
 * without ever waiting for an answer.  Knows nothing of what is there.
 */
#ifndef IO_DNS_H
#define IO_DNS_H

#include <stddef.h>
#include <stdint.h>

#include "io/net.h"

struct dns_query;
struct event_base;

/*
 * Once, from the loop: the addresses, the one to try first first (RFC 6724),
 * borrowed for the call; or none, and why, in words.  The query is freed
 * after it.
 */
typedef void dns_answer(const struct net_address *, size_t count,
    const char *why, void *arg);

/*
 * Asks for IPv6 and IPv4; a numeric host is its own answer.  `resolver`:
 * whom, "ADDRESS:PORT"; NULL or "": the system's.  Owned.
 */
struct dns_query *dns_ask(struct event_base *, const char *resolver,
    const char *host, uint16_t port, dns_answer *on_answer, void *arg);
/* Gives up silently; NULL is fine. */
void dns_cancel(struct dns_query *);

/* The files that tell it where to ask; the last is NULL. */
const char *const *dns_files(void);
/*
 * A number that is another one once another file took the place of one of
 * them: whoever may open only those that were there would go on without.
 */
uint64_t dns_files_mark(void);

/* The library's version. */
const char *dns_version(void);

#endif
