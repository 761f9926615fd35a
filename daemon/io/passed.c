/* SPDX-License-Identifier: ISC */
/*
 * sd_listen_fds(3)'s protocol, without its library.  Knows sockets by the
 * address they are bound to; the names that a unit gives them are for
 * messages only.
 */
#include "io/passed.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"

enum { FIRST_FD = 3, MOST = 1024 };

struct one {
	struct net_address address;
	int fd;
	bool claimed;
};

struct passed {
	struct one *all;
	size_t count;
};

/* How many; 0 as well when they are meant for another process. */
static int
read_count(size_t *ret_count)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t number, count;

	*ret_count = 0;
	if (pid == NULL || fds == NULL)
		return 0;
	if (num_parse_u64(slice_str(pid), &number) < 0)
		return -1;
	if (number != (uint64_t)getpid())
		return 0;
	if (num_parse_range(slice_str(fds), 0, MOST, &count) < 0)
		return -1;
	*ret_count = (size_t)count;
	return 0;
}

static void
clear_environment(void)
{
	static const char *const names[] = { "LISTEN_PID", "LISTEN_FDS",
		"LISTEN_FDNAMES", "LISTEN_PIDFDID" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
}

static int
option_of(int fd, int level, int name)
{
	int value = 0;
	socklen_t len = sizeof(value);

	return getsockopt(fd, level, name, &value, &len) < 0 ? -1 : value;
}

/* What is wrong with it, and what would be right; NULL: nothing. */
static const char *
fault_of(int fd)
{
	int domain;

	if (fcntl(fd, F_GETFD) < 0)
		return "it is not open";
	domain = option_of(fd, SOL_SOCKET, SO_DOMAIN);
	if (domain < 0)
		return "it is no socket: want one of ListenStream=";
	if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX)
		return "it is of a family that is not known here: want TCP "
		    "or a UNIX socket";
	if (option_of(fd, SOL_SOCKET, SO_TYPE) != SOCK_STREAM)
		return "it is not for streams: want ListenStream=";
	if (option_of(fd, SOL_SOCKET, SO_ACCEPTCONN) != 1)
		return "it does not listen: want ListenStream= and Accept=no";
	/* IPv4 clients would all be neighbours in one network of IPv6. */
	if (domain == AF_INET6 &&
	    option_of(fd, IPPROTO_IPV6, IPV6_V6ONLY) != 1)
		return "it takes IPv4, too: want BindIPv6Only=ipv6-only, and "
		    "a ListenStream= of its own for IPv4";
	return NULL;
}

static void
add_fault(struct buf *error, size_t i, const struct slice *name,
    const char *fault)
{
	char bound[NET_NAME_SIZE];

	net_name(FIRST_FD + (int)i, bound);
	buf_printf(error, "cannot use socket %zu that the service manager "
	    "passes (%.*s%s%s): %s\n", i + 1, SLICE_FMT(*name),
	    name->len > 0 && bound[0] != '\0' ? ", " : "", bound, fault);
}

/* Takes one, even if it is of no use: it must not live on elsewhere. */
static const char *
take_one(struct one *one, int fd)
{
	const char *fault = fault_of(fd);

	one->fd = fd;
	if (fault == NULL && (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 ||
	    net_bound(fd, &one->address) < 0))
		fault = strerror(errno);
	return fault;
}

struct passed *
passed_take(struct buf *error)
{
	const char *env = getenv("LISTEN_FDNAMES");
	char *names = env != NULL ? mem_strdup(env) : NULL;
	struct passed *passed = MEM_NEW(struct passed);
	struct slice rest = slice_str(names);
	bool good = true;

	if (read_count(&passed->count) < 0) {
		buf_add_str(error, "LISTEN_PID and LISTEN_FDS have to be "
		    "numbers, as a service manager sets them\n");
		good = false;
	}
	clear_environment();
	passed->all = mem_new(passed->count, sizeof(struct one));
	for (size_t i = 0; i < passed->count; i++) {
		const char *fault = take_one(&passed->all[i],
		    FIRST_FD + (int)i);
		struct slice name = { 0 };

		(void)slice_split(&rest, ':', &name);
		if (fault != NULL && good)
			add_fault(error, i, &name, fault);
		good = good && fault == NULL;
	}
	free(names);
	if (good)
		return passed;
	passed_free(passed);
	return NULL;
}

int
passed_claim(struct passed *passed, const struct net_address *address)
{
	for (size_t i = 0; i < passed->count; i++) {
		struct one *one = &passed->all[i];

		if (!one->claimed && net_equal(&one->address, address)) {
			one->claimed = true;
			return one->fd;
		}
	}
	return -1;
}

bool
passed_has(const struct passed *passed, const struct net_address *address)
{
	for (size_t i = 0; passed != NULL && i < passed->count; i++) {
		if (net_equal(&passed->all[i].address, address))
			return true;
	}
	return false;
}

bool
passed_left(const struct passed *passed, char ret_name[NET_NAME_SIZE])
{
	for (size_t i = 0; i < passed->count; i++) {
		if (!passed->all[i].claimed) {
			net_name(passed->all[i].fd, ret_name);
			return true;
		}
	}
	return false;
}

void
passed_free(struct passed *passed)
{
	if (passed == NULL)
		return;
	for (size_t i = 0; i < passed->count; i++) {
		if (!passed->all[i].claimed)
			close(passed->all[i].fd);
	}
	free(passed->all);
	free(passed);
}
