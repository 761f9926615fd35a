/* SPDX-License-Identifier: ISC */
/*
 * A channel of c-ares on the loop: for one query of io/dns*.c, so that it goes
 * by resolv.conf and /etc/hosts as they are now, and giving it up is closing
 * the channel.
 */
#ifndef IO_DNS_CHANNEL_H
#define IO_DNS_CHANNEL_H

#include <ares.h>

struct dns_channel;
struct event_base;

/*
 * `resolver` is "ADDRESS:PORT", or several with commas; NULL or "": those of
 * resolv.conf.  Owned.  Without a channel, for the status that was put,
 * it can do nothing but finish.
 */
struct dns_channel *dns_channel_new(struct event_base *,
    const char *resolver, void (*on_finish)(void *arg), void *arg,
    int *ret_status);
/* Frees what is under way: its callback says ARES_EDESTRUCTION. */
void dns_channel_free(struct dns_channel *);

ares_channel dns_channel_ares(const struct dns_channel *);
/* To be called whenever it was asked something. */
void dns_channel_wait(struct dns_channel *);
/*
 * Has on_finish called from the loop, where the channel may be freed: c-ares
 * may answer within any call to it, where it can't be.
 */
void dns_channel_finish(struct dns_channel *);

#endif
