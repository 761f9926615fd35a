/* SPDX-License-Identifier: ISC */
/*
 * The domains that strangers typed: is it worth trying to mail them?  The DNS
 * is asked, once for all who wait for the same domain, and what it says is
 * remembered for a while.  Only what says that a domain takes no mail counts:
 * where the DNS doesn't know, or not soon, the mail server may.  So domains
 * whose servers are silent hold up nobody else's mail.
 */
#ifndef APP_DOMAINS_H
#define APP_DOMAINS_H

#include <stdbool.h>

struct domains;
struct event_base;

/* Why it takes no mail, a static text; NULL: to be tried. */
typedef void domains_answer(const char *why, void *arg);

/*
 * `resolver` as in io/dns.h, borrowed for its life; `patience`, milliseconds:
 * how long to wait for an answer.
 */
struct domains *domains_new(struct event_base *, const char *resolver,
    unsigned patience);
/* True when it needn't be asked, or can't, for many are; puts that answer. */
bool domains_know(struct domains *, const char *domain,
    const char **ret_why);
/* Of one that isn't known.  Answers once, from the loop. */
void domains_ask(struct domains *, const char *domain, domains_answer *,
    void *arg);
/* Whoever waits is answered: to be tried. */
void domains_hurry(struct domains *);
/* None may wait; NULL is fine. */
void domains_free(struct domains *);

#endif
