/* SPDX-License-Identifier: ISC */
/*
 * How many connections each peer holds: an IPv4 address or an IPv6 /64, for
 * whoever has one of those has all of it.
 */
#ifndef IO_HTTP_PEERS_H
#define IO_HTTP_PEERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ip.h"

struct sockaddr;
struct http_peers;

enum { HTTP_PEER_TEXT = 64 };

struct http_peer {
	struct ip ip;		/* empty: a UNIX socket's */
	uint8_t key[8];
	bool counted;		/* false: loopback and UNIX sockets */
	char text[HTTP_PEER_TEXT];	/* numeric, "unix" for UNIX sockets */
};

/* Who that is; an IPv4 address mapped into IPv6 is an IPv4 address. */
void http_peer_of(const struct sockaddr *, struct http_peer *ret_peer);
void http_peer_of_ip(const struct ip *, struct http_peer *ret_peer);

struct http_peers *http_peers_new(void);
void http_peers_free(struct http_peers *);
/* Counts one more; false, and nothing counted, when it has `max` already. */
bool http_peers_take(struct http_peers *, const struct http_peer *,
    unsigned max);
void http_peers_drop(struct http_peers *, const struct http_peer *);

#endif
