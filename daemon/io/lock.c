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

int
lock_take(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int error;

	if (fd < 0)
		return -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	error = -errno;
	close(fd);
	return error;
}
