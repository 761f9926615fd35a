/* SPDX-License-Identifier: ISC */
/*
 * The proxies in front of us, whose word about their clients is believed.
 */
#ifndef IO_HTTP_TRUST_H
#define IO_HTTP_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"

/* A plain value; all of it is borrowed. */
struct http_trust {
	const struct ip_network *proxies;
	size_t proxy_count;
	bool unix_sockets;	/* who connects to one of ours is a proxy */
	/*
	 * Somebody who is none of them sent `what` (a header's name, "PROXY"),
	 * which was not believed.  May be NULL.
	 */
	void (*on_stranger)(const char *peer, const char *what, void *arg);
	void *arg;
};

/* Is that one of them?  An empty address is a UNIX socket's peer. */
bool http_trust_has(const struct http_trust *, const struct ip *);

#endif
