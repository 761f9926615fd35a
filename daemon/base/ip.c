/* SPDX-License-Identifier: ISC */
/*
 * IP addresses as text, by the C library's inet_pton and inet_ntop.
 */
#include "base/ip.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

enum { V4 = 4, V6 = 16 };

void
ip_of_bytes(const void *bytes, size_t len, struct ip *ret_ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *from = bytes;

	assert(len == V4 || len == V6);
	if (len == V6 && memcmp(from, mapped, sizeof(mapped)) == 0) {
		from += sizeof(mapped);
		len = V4;
	}
	*ret_ip = (struct ip){ .len = len };
	memcpy(ret_ip->byte, from, len);
}

int
ip_parse(struct slice text, struct ip *ret_ip)
{
	char copy[INET6_ADDRSTRLEN];
	uint8_t bytes[V6];

	if (text.len == 0 || text.len >= sizeof(copy) ||
	    memchr(text.p, '\0', text.len) != NULL)
		return -1;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, bytes) == 1)
		ip_of_bytes(bytes, V4, ret_ip);
	else if (inet_pton(AF_INET6, copy, bytes) == 1)
		ip_of_bytes(bytes, V6, ret_ip);
	else
		return -1;
	return 0;
}

void
ip_write(const struct ip *ip, char ret_text[IP_TEXT_SIZE])
{
	const char *text = inet_ntop(ip->len == V4 ? AF_INET : AF_INET6,
	    ip->byte, ret_text, IP_TEXT_SIZE);

	assert(text != NULL);
	(void)text;
}

bool
ip_is_loopback(const struct ip *ip)
{
	static const uint8_t v6[V6] = { [V6 - 1] = 1 };

	if (ip->len == V4)
		return ip->byte[0] == 127;
	return memcmp(ip->byte, v6, sizeof(v6)) == 0;
}

/* The bits of byte i that belong to a prefix. */
static uint8_t
mask_of(unsigned bits, size_t i)
{
	size_t before = i * 8;

	if (bits >= before + 8)
		return 0xff;
	if (bits <= before)
		return 0;
	return (uint8_t)(0xff00 >> (bits - before));
}

void
ip_network_of(const struct ip *ip, unsigned bits,
    struct ip_network *ret_network)
{
	struct ip_network network = { .first = *ip, .bits = bits };

	for (size_t i = 0; i < ip->len; i++)
		network.first.byte[i] &= mask_of(bits, i);
	*ret_network = network;
}

int
ip_network_parse(struct slice text, struct ip_network *ret_network)
{
	ptrdiff_t slash = slice_find(text, '/');
	size_t end = slash < 0 ? text.len : (size_t)slash;
	struct ip ip;
	uint64_t bits;

	if (ip_parse(slice_sub(text, 0, end), &ip) < 0)
		return -1;
	/* What would a prefix of an IPv4 address in IPv6 be counted from? */
	if (slash >= 0 && ip.len == V4 && slice_find(text, ':') >= 0)
		return -1;
	bits = ip.len * 8;
	if (slash >= 0 && num_parse_range(slice_sub(text, end + 1, text.len),
	    0, bits, &bits) < 0)
		return -1;
	ip_network_of(&ip, (unsigned)bits, ret_network);
	return memcmp(&ret_network->first, &ip, sizeof(ip)) == 0 ? 0 : -1;
}

void
ip_network_write(const struct ip_network *network,
    char ret_text[IP_TEXT_SIZE])
{
	size_t len;

	ip_write(&network->first, ret_text);
	len = strlen(ret_text);
	if (network->bits < network->first.len * 8)
		(void)snprintf(ret_text + len, IP_TEXT_SIZE - len, "/%u",
		    network->bits);
}

bool
ip_network_has(const struct ip_network *network, const struct ip *ip)
{
	struct ip_network other;

	if (ip->len != network->first.len)
		return false;
	ip_network_of(ip, network->bits, &other);
	return memcmp(other.first.byte, network->first.byte, ip->len) == 0;
}
