/* SPDX-License-Identifier: ISC */
/*
 * Parses, binds and names socket addresses.  Knows nothing of what is spoken
 * on them.
 */
#include "io/net.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"

union any_address {
	struct sockaddr_storage storage;
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static union any_address
address_of(const struct net_address *address)
{
	return (union any_address){ .storage = address->sockaddr };
}

static void
address_set(struct net_address *ret, const union any_address *u, size_t len)
{
	ret->sockaddr = u->storage;
	ret->len = (socklen_t)len;
}

static int
parse_unix(struct slice path, struct net_address *ret_address)
{
	union any_address u = { .un = { .sun_family = AF_UNIX } };

	if (path.len < 2 || path.p[0] != '/' ||
	    path.len >= sizeof(u.un.sun_path) ||
	    memchr(path.p, '\0', path.len) != NULL)
		return -1;
	memcpy(u.un.sun_path, path.p, path.len);
	address_set(ret_address, &u, sizeof(u.un));
	return 0;
}

static int
parse_in(struct slice host, uint16_t port, struct net_address *ret_address)
{
	union any_address u = { .in = { .sin_family = AF_INET,
	    .sin_port = htons(port) } };
	char text[INET_ADDRSTRLEN];

	if (host.len == 0 || host.len >= sizeof(text))
		return -1;
	memcpy(text, host.p, host.len);
	text[host.len] = '\0';
	if (inet_pton(AF_INET, text, &u.in.sin_addr) != 1)
		return -1;
	address_set(ret_address, &u, sizeof(u.in));
	return 0;
}

static int
parse_in6(struct slice host, uint16_t port, struct net_address *ret_address)
{
	union any_address u = { .in6 = { .sin6_family = AF_INET6,
	    .sin6_port = htons(port) } };
	char text[INET6_ADDRSTRLEN];

	if (host.len == 0 || host.len >= sizeof(text))
		return -1;
	memcpy(text, host.p, host.len);
	text[host.len] = '\0';
	if (inet_pton(AF_INET6, text, &u.in6.sin6_addr) != 1)
		return -1;
	address_set(ret_address, &u, sizeof(u.in6));
	return 0;
}

int
net_parse(struct slice text, struct net_address *ret_address)
{
	ptrdiff_t colon;
	struct slice host;
	uint64_t port;

	*ret_address = (struct net_address){ 0 };
	if (slice_starts(text, "unix:"))
		return parse_unix(slice_sub(text, 5, text.len), ret_address);
	colon = slice_rfind(text, ':');
	if (colon < 0 || num_parse_range(slice_sub(text, (size_t)colon + 1,
	    text.len), 0, UINT16_MAX, &port) < 0)
		return -1;
	host = slice_sub(text, 0, (size_t)colon);
	if (slice_starts(host, "[") && slice_ends(host, "]"))
		return parse_in6(slice_sub(host, 1, host.len - 1),
		    (uint16_t)port, ret_address);
	return parse_in(host, (uint16_t)port, ret_address);
}

bool
net_is_loopback(const struct net_address *address)
{
	union any_address u = address_of(address);

	switch (u.any.sa_family) {
	case AF_UNIX:
		return true;
	case AF_INET:
		return ntohl(u.in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	case AF_INET6:
		return IN6_IS_ADDR_LOOPBACK(&u.in6.sin6_addr);
	default:
		return false;
	}
}

const char *
net_path(const struct net_address *address)
{
	if (address->sockaddr.ss_family != AF_UNIX)
		return NULL;
	return (const char *)&address->sockaddr +
	    offsetof(struct sockaddr_un, sun_path);
}

static uint16_t
port_of(const union any_address *u)
{
	return u->any.sa_family == AF_INET ? u->in.sin_port :
	    u->in6.sin6_port;
}

bool
net_equal(const struct net_address *a, const struct net_address *b)
{
	union any_address ua = address_of(a), ub = address_of(b);

	if (ua.any.sa_family != ub.any.sa_family)
		return false;
	if (ua.any.sa_family == AF_UNIX)
		return strcmp(ua.un.sun_path, ub.un.sun_path) == 0;
	if (port_of(&ua) == 0 || port_of(&ua) != port_of(&ub))
		return false;
	if (ua.any.sa_family == AF_INET)
		return ua.in.sin_addr.s_addr == ub.in.sin_addr.s_addr;
	return IN6_ARE_ADDR_EQUAL(&ua.in6.sin6_addr, &ub.in6.sin6_addr);
}

/* Somebody answers there, or it isn't ours to remove. */
static bool
unix_is_taken(const union any_address *u)
{
	struct stat st;
	bool taken;
	int fd;

	if (lstat(u->un.sun_path, &st) < 0)
		return false;
	if (!S_ISSOCK(st.st_mode))
		return true;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return true;
	taken = connect(fd, &u->any, sizeof(u->un)) == 0 ||
	    errno != ECONNREFUSED;
	close(fd);
	return taken;
}

void
net_remove(const struct net_address *address)
{
	union any_address u = address_of(address);

	if (u.any.sa_family == AF_UNIX && !unix_is_taken(&u))
		(void)unlink(u.un.sun_path);
}

static int
bind_unix(int fd, const union any_address *u, mode_t mode)
{
	mode_t mask;
	int ret;

	if (unix_is_taken(u))
		return -EADDRINUSE;
	if (unlink(u->un.sun_path) < 0 && errno != ENOENT)
		return -errno;
	/* Never more open than `mode`, not even for a moment. */
	mask = umask(0777 & ~mode);
	ret = bind(fd, &u->any, sizeof(u->un)) < 0 ? -errno : 0;
	umask(mask);
	return ret;
}

static int
bind_inet(int fd, const union any_address *u, socklen_t len)
{
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		return -errno;
	if (u->any.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &on, sizeof(on)) < 0)
		return -errno;
	return bind(fd, &u->any, len) < 0 ? -errno : 0;
}

int
net_listen(const struct net_address *address, mode_t mode)
{
	union any_address u = address_of(address);
	int fd, error;

	fd = socket(u.any.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	error = u.any.sa_family == AF_UNIX ? bind_unix(fd, &u, mode) :
	    bind_inet(fd, &u, address->len);
	if (error == 0 && listen(fd, SOMAXCONN) < 0)
		error = -errno;
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

int
net_bound(int fd, struct net_address *ret_address)
{
	union any_address u = { 0 };
	socklen_t len = sizeof(u.storage);

	*ret_address = (struct net_address){ 0 };
	if (getsockname(fd, &u.any, &len) < 0)
		return -errno;
	address_set(ret_address, &u, len);
	return 0;
}

void
net_name(int fd, char ret_name[NET_NAME_SIZE])
{
	union any_address u = { 0 };
	socklen_t len = sizeof(u.storage);
	char host[INET6_ADDRSTRLEN] = "";

	ret_name[0] = '\0';
	if (getsockname(fd, &u.any, &len) < 0)
		return;
	if (u.any.sa_family == AF_UNIX) {
		snprintf(ret_name, NET_NAME_SIZE, "unix:%.108s",
		    u.un.sun_path);
	} else if (u.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &u.in.sin_addr, host, sizeof(host));
		snprintf(ret_name, NET_NAME_SIZE, "%s:%u", host,
		    ntohs(u.in.sin_port));
	} else if (u.any.sa_family == AF_INET6) {
		inet_ntop(AF_INET6, &u.in6.sin6_addr, host, sizeof(host));
		snprintf(ret_name, NET_NAME_SIZE, "[%s]:%u", host,
		    ntohs(u.in6.sin6_port));
	}
}
