/* SPDX-License-Identifier: ISC */
/*
 * Addresses to listen on: "127.0.0.1:8080", "[::]:8443", "unix:/path".
 * Numeric only, so that starting needs no resolver.  An address is what it
 * says: [::] takes no IPv4.
 */
#ifndef IO_NET_H
#define IO_NET_H

#include <sys/types.h>
#include <sys/socket.h>

#include <stdbool.h>

#include "base/slice.h"

enum { NET_NAME_SIZE = 128 };

/* A plain value. */
struct net_address {
	struct sockaddr_storage sockaddr;
	socklen_t len;
};

/* Port 0: the kernel picks one.  0, or -1 when it isn't an address. */
int net_parse(struct slice text, struct net_address *ret_address);
/* UNIX sockets count as loopback. */
bool net_is_loopback(const struct net_address *address);
/* The file of a UNIX socket, borrowed; NULL for others. */
const char *net_path(const struct net_address *address);
/* The same address; one with port 0 equals none. */
bool net_equal(const struct net_address *a, const struct net_address *b);

/*
 * Binds and listens: an fd, non-blocking and close-on-exec, or negative
 * errno.  `mode` is a UNIX socket's; one left by a dead process is replaced,
 * one that somebody listens on gives -EADDRINUSE.
 */
int net_listen(const struct net_address *address, mode_t mode);
/* Removes a UNIX socket's file, unless somebody listens there. */
void net_remove(const struct net_address *address);
/* What an fd is bound to.  0 or negative errno. */
int net_bound(int fd, struct net_address *ret_address);
/* The same in the form that net_parse reads. */
void net_name(int fd, char ret_name[NET_NAME_SIZE]);

#endif
