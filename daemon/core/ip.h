/* SPDX-License-Identifier: ISC */
/*
 * IP addresses as text: one canonical form (IPv6 as RFC 5952 has it, IPv4 in
 * IPv6 as IPv4), and as much of one as the config lets evidence keep.
 */
#ifndef CORE_IP_H
#define CORE_IP_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "core/config.h"

enum { IP_TEXT_SIZE = 56 };	/* holds a prefix length too */

/* A plain value. */
struct ip {
	size_t len;		/* 4 or 16 */
	uint8_t byte[16];	/* network order */
};

/* No port, brackets, zone or blanks; 0, or -1. */
int ip_parse(struct slice text, struct ip *ret_ip);
void ip_write(const struct ip *ip, char ret_text[IP_TEXT_SIZE]);
/* Its network, "192.0.2.0/24" or "2001:db8:1::/48". */
void ip_write_network(const struct ip *ip, char ret_text[IP_TEXT_SIZE]);

/* An IP's text as evidence keeps it; "" for none, or if it isn't one. */
void ip_write_evidence(struct slice text, enum config_log_ip how,
    char ret_text[IP_TEXT_SIZE]);

#endif
