/* SPDX-License-Identifier: ISC */
/*
 * Addresses, networks, and as much of them as evidence keeps: what is written
 * is read as the same.
 */
#include "base/ip.h"

#include <string.h>

#include "core/evidence_ip.h"
#include "fuzz.h"

static void
check_network(struct slice text)
{
	char once[IP_TEXT_SIZE], twice[IP_TEXT_SIZE];
	struct ip_network network, again;

	if (ip_network_parse(text, &network) < 0)
		return;
	MUST(ip_network_has(&network, &network.first));
	ip_network_write(&network, once);
	MUST(ip_network_parse(slice_str(once), &again) == 0);
	ip_network_write(&again, twice);
	MUST(strcmp(once, twice) == 0);
}

static void
check_kept(struct slice text, const struct ip *ip)
{
	char kept[IP_TEXT_SIZE];
	struct ip_network network;

	evidence_ip_write(text, CONFIG_IP_NONE, kept);
	MUST(kept[0] == '\0');
	evidence_ip_write(text, CONFIG_IP_TRUNCATED, kept);
	MUST((kept[0] == '\0') == (ip == NULL));
	if (ip != NULL)
		MUST(ip_network_parse(slice_str(kept), &network) == 0 &&
		    ip_network_has(&network, ip) && network.bits <
		    ip->len * 8);
	evidence_ip_write(text, CONFIG_IP_FULL, kept);
	MUST((kept[0] == '\0') == (ip == NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_of(data, size);
	char once[IP_TEXT_SIZE], twice[IP_TEXT_SIZE];
	struct ip ip, again;
	bool good = ip_parse(text, &ip) == 0;

	check_network(text);
	check_kept(text, good ? &ip : NULL);
	if (!good)
		return 0;
	ip_write(&ip, once);
	MUST(ip_parse(slice_str(once), &again) == 0);
	ip_write(&again, twice);
	MUST(strcmp(once, twice) == 0);
	(void)ip_is_loopback(&ip);
	return 0;
}
