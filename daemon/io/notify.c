/* SPDX-License-Identifier: ISC */
/*
 * sd_notify(3)'s and sd_watchdog_enabled(3)'s protocol, without their library.
 */
#include "io/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"

union unix_address {
	struct sockaddr any;
	struct sockaddr_un un;
};

void
notify_send(const char *state)
{
	union unix_address to = { .un = { .sun_family = AF_UNIX } };
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path != NULL ? strlen(path) : 0;
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    len);
	int fd;

	if (len < 2 || len >= sizeof(to.un.sun_path))
		return;
	memcpy(to.un.sun_path, path, len);
	if (path[0] == '@')
		to.un.sun_path[0] = '\0';	/* an abstract name */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, state, strlen(state), MSG_DONTWAIT | MSG_NOSIGNAL,
	    &to.any, size);
	close(fd);
}

void
notify_reloading(void)
{
	struct timespec now;
	char state[64];

	/* Later than the wish for it, to the microsecond. */
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
	    (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	notify_send(state);
}

int64_t
notify_watchdog_us(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	uint64_t number, us;

	if (pid != NULL && (num_parse_u64(slice_str(pid), &number) < 0 ||
	    number != (uint64_t)getpid()))
		return 0;
	if (num_parse_range(slice_str(getenv("WATCHDOG_USEC")), 2, INT64_MAX,
	    &us) < 0)
		return 0;
	return (int64_t)us / 2;
}
