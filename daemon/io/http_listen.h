/* SPDX-License-Identifier: ISC */
/*
 * What comes before HTTP on the connections of one listener.
 */
#ifndef IO_HTTP_LISTEN_H
#define IO_HTTP_LISTEN_H

#include <stdbool.h>

struct tls_server;

/* A plain value; what it points to is borrowed. */
struct http_listen {
	struct tls_server *tls;	/* NULL: plain */
	bool proxy_protocol;	/* version 2, and from trusted peers only */
};

#endif
