/* SPDX-License-Identifier: ISC */
/*
 * The calls themselves: each is judged, and made or not.  What the C library
 * calls within itself (stdio, the resolver) isn't seen.
 */
#include "shim.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define FIND(real, name)						\
	if (real == NULL)						\
		*(void **)&real = dlsym(RTLD_NEXT, name)

#define CALL(type, failed, name, parameters, arguments, kind)		\
type									\
name parameters								\
{									\
	static type (*real) parameters;					\
	enum shim_verdict verdict = shim_judge(kind);			\
	type ret;							\
									\
	if (verdict == SHIM_FAILED)					\
		return failed;						\
	FIND(real, #name);						\
	ret = real arguments;						\
	if (verdict == SHIM_LAST)					\
		shim_end();						\
	return ret;							\
}

/* Of len bytes half may have to do. */
#define CALL_BYTES(name, parameters, arguments, kind)			\
ssize_t									\
name parameters								\
{									\
	static ssize_t (*real) parameters;				\
	enum shim_verdict verdict = shim_judge(kind);			\
	ssize_t ret;							\
									\
	if (verdict == SHIM_FAILED)					\
		return -1;						\
	if (verdict == SHIM_HALF)					\
		len = (len + 1) / 2;					\
	FIND(real, #name);						\
	ret = real arguments;						\
	if (verdict == SHIM_LAST)					\
		shim_end();						\
	return ret;							\
}

/* Of several pieces, half of the first one. */
#define CALL_PIECES(name, parameters, arguments, kind)			\
ssize_t									\
name parameters								\
{									\
	static ssize_t (*real) parameters;				\
	enum shim_verdict verdict = shim_judge(kind);			\
	struct iovec half;						\
	ssize_t ret;							\
									\
	if (verdict == SHIM_FAILED)					\
		return -1;						\
	if (verdict == SHIM_HALF && count > 0) {			\
		half = *iov;						\
		half.iov_len = (half.iov_len + 1) / 2;			\
		iov = &half;						\
		count = 1;						\
	}								\
	FIND(real, #name);						\
	ret = real arguments;						\
	if (verdict == SHIM_LAST)					\
		shim_end();						\
	return ret;							\
}

/* ---- bytes ---- */

CALL_BYTES(write, (int fd, const void *p, size_t len), (fd, p, len),
    shim_kind_of(fd, SHIM_WRITE))
CALL_BYTES(pwrite, (int fd, const void *p, size_t len, off_t at),
    (fd, p, len, at), SHIM_WRITE)
CALL_PIECES(writev, (int fd, const struct iovec *iov, int count),
    (fd, iov, count), shim_kind_of(fd, SHIM_WRITE))
CALL_PIECES(pwritev, (int fd, const struct iovec *iov, int count, off_t at),
    (fd, iov, count, at), SHIM_WRITE)
CALL_BYTES(read, (int fd, void *p, size_t len), (fd, p, len),
    shim_kind_of(fd, SHIM_READ))
CALL_BYTES(pread, (int fd, void *p, size_t len, off_t at), (fd, p, len, at),
    SHIM_READ)
CALL_PIECES(readv, (int fd, const struct iovec *iov, int count),
    (fd, iov, count), shim_kind_of(fd, SHIM_READ))
CALL_BYTES(send, (int fd, const void *p, size_t len, int flags),
    (fd, p, len, flags), SHIM_SEND)
CALL_BYTES(sendto, (int fd, const void *p, size_t len, int flags,
    const struct sockaddr *to, socklen_t to_len),
    (fd, p, len, flags, to, to_len), SHIM_SEND)
CALL(ssize_t, -1, sendmsg, (int fd, const struct msghdr *m, int flags),
    (fd, m, flags), SHIM_SEND)
CALL_BYTES(recv, (int fd, void *p, size_t len, int flags),
    (fd, p, len, flags), SHIM_RECEIVE)
CALL_BYTES(recvfrom, (int fd, void *p, size_t len, int flags,
    struct sockaddr *from, socklen_t *from_len),
    (fd, p, len, flags, from, from_len), SHIM_RECEIVE)
CALL(ssize_t, -1, recvmsg, (int fd, struct msghdr *m, int flags),
    (fd, m, flags), SHIM_RECEIVE)

/* ---- files ---- */

CALL(int, -1, fsync, (int fd), (fd), SHIM_SYNC)
CALL(int, -1, fdatasync, (int fd), (fd), SHIM_SYNC)
CALL(int, -1, msync, (void *p, size_t len, int flags), (p, len, flags),
    SHIM_SYNC)
CALL(int, -1, ftruncate, (int fd, off_t size), (fd, size), SHIM_SIZE)
CALL(int, -1, fallocate, (int fd, int mode, off_t at, off_t len),
    (fd, mode, at, len), SHIM_SIZE)
CALL(int, -1, mkdirat, (int at, const char *path, mode_t mode),
    (at, path, mode), SHIM_NAME)
CALL(int, -1, renameat, (int at, const char *path, int to_at, const char *to),
    (at, path, to_at, to), SHIM_NAME)
CALL(int, -1, unlink, (const char *path), (path), SHIM_NAME)
CALL(int, -1, unlinkat, (int at, const char *path, int flags),
    (at, path, flags), SHIM_NAME)
CALL(void *, MAP_FAILED, mmap, (void *p, size_t len, int rights, int flags,
    int fd, off_t at), (p, len, rights, flags, fd, at), SHIM_MAP)

/* The mode is there if a file may be made. */
#define OPEN(name, parameters, first)					\
int									\
name parameters								\
{									\
	static int (*real)(first const char *, int, ...);		\
	enum shim_verdict verdict = shim_judge(SHIM_OPEN);		\
	mode_t mode = 0;						\
	va_list ap;							\
	int ret;							\
									\
	if (verdict == SHIM_FAILED)					\
		return -1;						\
	va_start(ap, flags);						\
	if ((flags & O_CREAT) != 0 ||					\
	    (flags & O_TMPFILE) == O_TMPFILE)				\
		mode = va_arg(ap, mode_t);				\
	va_end(ap);							\
	FIND(real, #name);						\
	ret = real(OPEN_AT path, flags, mode);				\
	if (verdict == SHIM_LAST)					\
		shim_end();						\
	return ret;							\
}

#define NOTHING
#define OPEN_AT
OPEN(open, (const char *path, int flags, ...), NOTHING)
#undef OPEN_AT
#define OPEN_AT at,
#define FOLDER int,
OPEN(openat, (int at, const char *path, int flags, ...), FOLDER)

/* ---- connections and processes ---- */

CALL(int, -1, accept, (int fd, struct sockaddr *from, socklen_t *len),
    (fd, from, len), SHIM_ACCEPT)
CALL(int, -1, accept4, (int fd, struct sockaddr *from, socklen_t *len,
    int flags), (fd, from, len, flags), SHIM_ACCEPT)
CALL(int, -1, connect, (int fd, const struct sockaddr *to, socklen_t len),
    (fd, to, len), SHIM_CONNECT)
CALL(int, -1, socketpair, (int domain, int type, int protocol, int fds[2]),
    (domain, type, protocol, fds), SHIM_CONNECT)
CALL(pid_t, -1, fork, (void), (), SHIM_FORK)
