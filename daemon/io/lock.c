/* SPDX-License-Identifier: ISC */
/*
 * Takes the lock.  The file is never removed: that would let two holders
 * lock two files of one name.
 */
#include "io/lock.h"

#include <sys/file.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int
take(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}

int
lock_take(const char *path)
{
	return take(path, O_RDWR | O_CREAT);
}

int
lock_take_existing(const char *path)
{
	return take(path, O_RDONLY);
}
