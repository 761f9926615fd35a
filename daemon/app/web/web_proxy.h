/* SPDX-License-Identifier: ISC */
/*
 * The config's trusted_proxies, as the HTTP server wants them; and one
 * warning about a neighbour that acts like a proxy and is none of them.
 */
#ifndef APP_WEB_PROXY_H
#define APP_WEB_PROXY_H

#include <stdbool.h>

#include "core/config.h"
#include "io/http_trust.h"

struct web_proxy {
	const struct config *config;	/* borrowed */
	struct http_trust trust;	/* points here: don't move it */
	struct ip_network *proxies;
	bool warned;
};

void web_proxy_init(struct web_proxy *, const struct config *);
void web_proxy_fini(struct web_proxy *);

#endif
