/* SPDX-License-Identifier: ISC */
/*
 * Preloaded into assentd: notes down, in order, what is written to its
 * data.mdb and its journal and when each was synced, so that disk.py can tell
 * what a disk may hold after the power went.  The notes go to a file that is mapped before
 * any process is forked, because the sandbox lets the engine open none; what
 * is noted has been done.
 *
 * A new data.mdb is renamed from another file, which has to be synced by then:
 * its content at that time is the first note.  A new journal is noted from
 * when it was first synced: by then it is made.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FDS_MAX = 1024 };
enum kind { WRITE = 1, WRITE_SYNCED, TRUNCATE, SYNC,
	OF_JOURNAL = 1 << 8 };		/* added to it */
enum fd_kind { OTHER, FRESH, MAKING, PLAIN, SYNCED, JOURNAL };

/* At the beginning of the file; notes follow. */
static struct notes {
	uint64_t used;		/* bytes, this head's as well */
	uint64_t size;
} *notes;
struct note {
	uint64_t kind, offset, len;	/* then the bytes, padded to 8 */
};

static enum fd_kind fds[FDS_MAX];
static bool fresh_is_dirty;

static void *
next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static void
fail(const char *why)
{
	fprintf(stderr, "record: %s\n", why);
	abort();
}

__attribute__((constructor)) static void
start(void)
{
	const char *path = getenv("ASSENT_RECORD");
	struct stat st;
	int fd;

	if (path == NULL)
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		fail("no file to write to");
	notes = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	if (notes == MAP_FAILED)
		fail("can't map its file");
	notes->size = (uint64_t)st.st_size;
	if (notes->used == 0)
		notes->used = sizeof(*notes);
	close(fd);
}

static void
note(unsigned kind, off_t offset, const void *bytes, size_t len)
{
	struct note n = { kind, (uint64_t)offset, len };
	uint8_t *at = (uint8_t *)notes + notes->used;
	size_t whole = sizeof(n) + (len + 7) / 8 * 8;

	if (notes->used + whole > notes->size)
		fail("its file is full");
	memcpy(at, &n, sizeof(n));
	if (len > 0)
		memcpy(at + sizeof(n), bytes, len);
	__atomic_store_n(&notes->used, notes->used + whole, __ATOMIC_RELEASE);
}

static enum fd_kind
kind_of(int fd)
{
	return fd >= 0 && fd < FDS_MAX ? fds[fd] : OTHER;
}

static bool
ends_with(const char *path, const char *name)
{
	size_t len = strlen(path), end = strlen(name);

	return len >= end && strcmp(path + len - end, name) == 0;
}

/* Which of the two files. */
static unsigned
of(int fd)
{
	return kind_of(fd) == JOURNAL ? OF_JOURNAL : 0;
}

static bool
is_noted(int fd)
{
	return kind_of(fd) >= PLAIN;
}

static void
note_content(int fd)
{
	static uint8_t bytes[1 << 16];
	ssize_t len = pread(fd, bytes, sizeof(bytes), 0);

	if (len > 0)
		note(WRITE_SYNCED, 0, bytes, (size_t)len);
}

static int
opened(int fd, const char *path, int flags)
{
	if (notes == NULL || fd < 0 || fd >= FDS_MAX)
		return fd;
	fds[fd] = ends_with(path, "/new/data.mdb") ? FRESH :
	    ends_with(path, "/journal") ? MAKING :
	    !ends_with(path, "/data.mdb") ? OTHER :
	    (flags & O_DSYNC) != 0 ? SYNCED : PLAIN;
	if (fds[fd] == PLAIN && notes->used == sizeof(*notes))
		note_content(fd);
	return fd;
}

static ssize_t
written(int fd, const void *bytes, ssize_t len, off_t offset)
{
	if (len > 0 && kind_of(fd) == FRESH)
		fresh_is_dirty = true;
	else if (len > 0 && is_noted(fd))
		note((kind_of(fd) == SYNCED ? WRITE_SYNCED : WRITE) + of(fd),
		    offset, bytes, (size_t)len);
	return len;
}

static void
written_v(int fd, const struct iovec *v, int count, ssize_t len,
    off_t offset)
{
	for (int i = 0; i < count && len > 0; i++) {
		ssize_t part = (ssize_t)v[i].iov_len < len ?
		    (ssize_t)v[i].iov_len : len;

		written(fd, v[i].iov_base, part, offset);
		offset += part;
		len -= part;
	}
}

static int
synced(int fd, int rc)
{
	if (rc == 0 && kind_of(fd) == FRESH)
		fresh_is_dirty = false;
	else if (rc == 0 && kind_of(fd) == MAKING)
		fds[fd] = JOURNAL;
	else if (rc == 0 && is_noted(fd))
		note(SYNC + of(fd), 0, NULL, 0);
	return rc;
}

static int
truncated(int fd, int rc, off_t size)
{
	if (rc == 0 && is_noted(fd))
		note(TRUNCATE + of(fd), size, NULL, 0);
	return rc;
}

/* ---- the calls ---- */

#define OPEN(name)							\
int									\
name(const char *path, int flags, ...)					\
{									\
	int (*real)(const char *, int, ...) =				\
	    (int (*)(const char *, int, ...))next(#name);		\
	va_list ap;							\
	mode_t mode;							\
									\
	va_start(ap, flags);						\
	mode = va_arg(ap, mode_t);					\
	va_end(ap);							\
	return opened(real(path, flags, mode), path, flags);		\
}

#define PWRITE(name)							\
ssize_t									\
name(int fd, const void *bytes, size_t len, off_t offset)		\
{									\
	ssize_t (*real)(int, const void *, size_t, off_t) =		\
	    (ssize_t (*)(int, const void *, size_t, off_t))next(#name);	\
									\
	return written(fd, bytes, real(fd, bytes, len, offset), offset); \
}

#define FTRUNCATE(name)							\
int									\
name(int fd, off_t size)						\
{									\
	int (*real)(int, off_t) = (int (*)(int, off_t))next(#name);	\
									\
	return truncated(fd, real(fd, size), size);			\
}

#define SYNC(name)							\
int									\
name(int fd)								\
{									\
	int (*real)(int) = (int (*)(int))next(#name);			\
									\
	return synced(fd, real(fd));					\
}

OPEN(open)
OPEN(open64)
PWRITE(pwrite)
PWRITE(pwrite64)
FTRUNCATE(ftruncate)
FTRUNCATE(ftruncate64)
SYNC(fsync)
SYNC(fdatasync)

int
close(int fd)
{
	int (*real)(int) = (int (*)(int))next("close");

	if (fd >= 0 && fd < FDS_MAX)
		fds[fd] = OTHER;
	return real(fd);
}

int
rename(const char *from, const char *to)
{
	int (*real)(const char *, const char *) =
	    (int (*)(const char *, const char *))next("rename");

	if (fresh_is_dirty && ends_with(from, "/new/data.mdb"))
		fail("a new file that isn't synced");
	return real(from, to);
}

/* From where the file's own offset stands. */
static off_t
place_of(int fd)
{
	return kind_of(fd) == OTHER ? 0 : lseek(fd, 0, SEEK_CUR);
}

ssize_t
write(int fd, const void *bytes, size_t len)
{
	ssize_t (*real)(int, const void *, size_t) =
	    (ssize_t (*)(int, const void *, size_t))next("write");
	off_t offset = place_of(fd);

	return written(fd, bytes, real(fd, bytes, len), offset);
}

ssize_t
writev(int fd, const struct iovec *v, int count)
{
	ssize_t (*real)(int, const struct iovec *, int) =
	    (ssize_t (*)(int, const struct iovec *, int))next("writev");
	off_t offset = place_of(fd);
	ssize_t len = real(fd, v, count);

	written_v(fd, v, count, len, offset);
	return len;
}
