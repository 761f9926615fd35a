/* SPDX-License-Identifier: ISC */
/*
 * IP addresses and networks as text: one canonical form (IPv6 as RFC 5952 has
 * it, IPv4 in IPv6 as IPv4).
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum { IP_TEXT_SIZE = 56 };	/* holds a prefix length too */

/* A plain value. */
struct ip {
	size_t len;		/* 4 or 16 */
	uint8_t byte[16];	/* network order */
};

/* The addresses that share the first `bits` with `first`; a plain value. */
struct ip_network {
	struct ip first;
	unsigned bits;
};

/* No port, brackets, zone or blanks; 0, or -1. */
int ip_parse(struct slice text, struct ip *ret_ip);
/* From 4 or 16 bytes in network order. */
void ip_of_bytes(const void *bytes, size_t len, struct ip *ret_ip);
void ip_write(const struct ip *ip, char ret_text[IP_TEXT_SIZE]);
bool ip_is_loopback(const struct ip *ip);

/*
 * "10.0.0.0/8", "2001:db8::/32", or one address.  0, or -1 when it is neither
 * or has bits set behind its prefix.
 */
int ip_network_parse(struct slice text, struct ip_network *ret_network);
/* The network of that many bits that an address is in. */
void ip_network_of(const struct ip *ip, unsigned bits,
    struct ip_network *ret_network);
/* With its prefix, unless that is the whole address. */
void ip_network_write(const struct ip_network *network,
    char ret_text[IP_TEXT_SIZE]);
bool ip_network_has(const struct ip_network *network, const struct ip *ip);

#endif
