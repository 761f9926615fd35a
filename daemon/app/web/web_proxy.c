/* SPDX-License-Identifier: ISC */
/*
 * Whom the config trusts.  Anybody on the Internet can send a proxy's headers,
 * so that a stranger is worth one line and no more.
 */
#include "app/web/web_proxy.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

/* The line of the config that would make it a trusted one. */
static void
add_line(struct buf *out, const struct config_strings *proxies,
    const char *peer)
{
	buf_add_str(out, "trusted_proxies = { ");
	for (size_t i = 0; i < proxies->count; i++)
		buf_printf(out, "%s, ", proxies->item[i]);
	buf_printf(out, "%s }", peer);
}

static void
on_stranger(const char *peer, const char *what, void *arg)
{
	struct web_proxy *proxy = arg;
	struct buf line = { 0 };

	if (proxy->warned)
		return;
	proxy->warned = true;
	add_line(&line, &proxy->config->trusted_proxies, peer);
	log_warn("proxy_not_trusted", log_str("peer", peer),
	    log_str("ignored", what),
	    log_slice("if_it_is_yours_add", buf_slice(&line)));
	buf_fini(&line);
}

void
web_proxy_init(struct web_proxy *proxy, const struct config *config)
{
	const struct config_strings *texts = &config->trusted_proxies;

	*proxy = (struct web_proxy){ .config = config };
	proxy->proxies = mem_new(texts->count, sizeof(*proxy->proxies));
	proxy->trust = (struct http_trust){
		.proxies = proxy->proxies,
		/* Whoever may open one of ours stands on this machine. */
		.unix_sockets = true,
		.on_stranger = on_stranger,
		.arg = proxy,
	};
	for (size_t i = 0; i < texts->count; i++) {
		/* The config's check leaves nothing else. */
		if (ip_network_parse(slice_str(texts->item[i]),
		    &proxy->proxies[proxy->trust.proxy_count]) == 0)
			proxy->trust.proxy_count++;
	}
}

void
web_proxy_fini(struct web_proxy *proxy)
{
	free(proxy->proxies);
}
