/* SPDX-License-Identifier: ISC */
/*
 * An address or its network.
 */
#include "core/evidence_ip.h"

enum { V4_BITS = 24, V6_BITS = 48 };

void
evidence_ip_write(struct slice text, enum config_log_ip how,
    char ret_text[IP_TEXT_SIZE])
{
	struct ip_network network;
	struct ip ip;

	ret_text[0] = '\0';
	if (how == CONFIG_IP_NONE || ip_parse(text, &ip) < 0)
		return;
	if (how == CONFIG_IP_FULL) {
		ip_write(&ip, ret_text);
		return;
	}
	ip_network_of(&ip, ip.len == 4 ? V4_BITS : V6_BITS, &network);
	ip_network_write(&network, ret_text);
}
