/* SPDX-License-Identifier: ISC */
/*
 * Looks an address up among the trusted ones: there are few.
 */
#include "io/http_trust.h"

bool
http_trust_has(const struct http_trust *trust, const struct ip *ip)
{
	if (ip->len == 0)
		return trust->unix_sockets;
	for (size_t i = 0; i < trust->proxy_count; i++) {
		if (ip_network_has(&trust->proxies[i], ip))
			return true;
	}
	return false;
}
