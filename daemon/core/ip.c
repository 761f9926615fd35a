/* SPDX-License-Identifier: ISC */
/*
 * IP addresses as text, by the C library's inet_pton and inet_ntop.
 */
#include "core/ip.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { V4 = 4, V6 = 16, V4_KEPT = 3, V6_KEPT = 6 };

int
ip_parse(struct slice text, struct ip *ret_ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char copy[INET6_ADDRSTRLEN];
	struct ip ip = { 0 };

	if (text.len == 0 || text.len >= sizeof(copy) ||
	    memchr(text.p, '\0', text.len) != NULL)
		return -1;
	memcpy(copy, text.p, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET, copy, ip.byte) == 1) {
		ip.len = V4;
	} else if (inet_pton(AF_INET6, copy, ip.byte) == 1) {
		ip.len = V6;
	} else {
		return -1;
	}
	if (ip.len == V6 && memcmp(ip.byte, mapped, sizeof(mapped)) == 0) {
		ip.len = V4;
		memcpy(ip.byte, ip.byte + sizeof(mapped), V4);
		memset(ip.byte + V4, 0, V6 - V4);
	}
	*ret_ip = ip;
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

void
ip_write_network(const struct ip *ip, char ret_text[IP_TEXT_SIZE])
{
	size_t kept = ip->len == V4 ? V4_KEPT : V6_KEPT;
	struct ip network = *ip;
	size_t len;

	memset(network.byte + kept, 0, sizeof(network.byte) - kept);
	ip_write(&network, ret_text);
	len = strlen(ret_text);
	(void)snprintf(ret_text + len, IP_TEXT_SIZE - len, "/%zu", kept * 8);
}

void
ip_write_evidence(struct slice text, enum config_log_ip how,
    char ret_text[IP_TEXT_SIZE])
{
	struct ip ip;

	ret_text[0] = '\0';
	if (how == CONFIG_IP_NONE || ip_parse(text, &ip) < 0)
		return;
	if (how == CONFIG_IP_FULL)
		ip_write(&ip, ret_text);
	else
		ip_write_network(&ip, ret_text);
}
