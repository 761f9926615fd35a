/* SPDX-License-Identifier: ISC */
/*
 * A TCP connection to a host by name: looks up its addresses and tries them
 * in turn, each for its share of the time there is.
 */
#ifndef IO_CONNECT_H
#define IO_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

struct connect;
struct event_base;

struct connect_callbacks {
	/* Connected: a non-blocking socket, the callee's. */
	void (*on_connected)(int fd, void *arg);
	/* None of the addresses can be reached; why, in words. */
	void (*on_failed)(const char *why, void *arg);
};

struct connect_setup {
	struct event_base *base;
	const char *resolver;		/* as in io/dns.h */
	const char *host;
	uint16_t port;
	int64_t milliseconds;		/* for all of it */
	bool loopback_only;		/* refuses any other address */
	const struct connect_callbacks *callbacks;
	void *arg;
};

/*
 * One of the callbacks follows, once, from the loop, and then it is freed.
 * Owned until then; the setup is copied, the resolver, host and callbacks stay.
 */
struct connect *connect_new(const struct connect_setup *);
/* Gives up silently; NULL is fine. */
void connect_free(struct connect *);

#endif
