/* SPDX-License-Identifier: ISC */
/*
 * The file: records one behind the other, each with its age, its length, and a
 * CRC over those, its place and its bytes; then zeros.  The first one is empty
 * and tells the age that began last.
 */
#include "io/journal.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/crc.h"
#include "base/mem.h"
#include "io/files.h"
#include "io/kv_synced.h"

enum { SIZE = 2 << 20, BLOCK = 1 << 16 };
/* Of a record's head. */
enum { AGE_SIZE = 8, LEN_SIZE = 4, CRC_SIZE = 4,
	HEAD_SIZE = AGE_SIZE + LEN_SIZE + CRC_SIZE };

struct journal {
	int fd;
	uint64_t age;
	size_t end;		/* of what was written */
	size_t dirty;		/* from there on are zeros only */
	struct buf pending;	/* behind the end, not written yet */
};

static int
write_at(int fd, const void *data, size_t len, size_t at)
{
	const char *p = data;
	ssize_t n;

	while (len > 0) {
		n = pwrite(fd, p, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		p += n;
		at += (size_t)n;
		len -= (size_t)n;
	}
	return 0;
}

static int
write_zeros(int fd, size_t from, size_t until)
{
	static const char zeros[BLOCK];
	int error = 0;

	for (size_t at = from; at < until && error == 0; at += BLOCK)
		error = write_at(fd, zeros,
		    until - at < BLOCK ? until - at : BLOCK, at);
	return error;
}

static int
sync_folder_of(const char *path)
{
	char *copy = mem_strdup(path);
	int error = files_sync_folder(dirname(copy));

	free(copy);
	return error;
}

/* It has its size when all of it is there. */
static int
make(int fd, const char *path)
{
	int error = ftruncate(fd, 0) < 0 ? -errno : write_zeros(fd, 0, SIZE);

	if (error == 0 && fsync(fd) < 0)
		error = -errno;
	if (error == 0)
		error = sync_folder_of(path);
	if (error < 0)
		unlink(path);
	return error;
}

int
journal_open(const char *path, struct journal **ret_journal)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct journal *j;
	struct stat st = { 0 };
	int error = fd < 0 || fstat(fd, &st) < 0 ? -errno : 0;

	if (error == 0 && st.st_size != SIZE)
		error = make(fd, path);
	if (error < 0) {
		if (fd >= 0)
			close(fd);
		return error;
	}
	j = MEM_NEW(struct journal);
	j->fd = fd;
	j->dirty = SIZE;
	*ret_journal = j;
	return 0;
}

static int
flush(const struct journal *j)
{
	return KV_SYNCED && fdatasync(j->fd) < 0 ? -errno : 0;
}

void
journal_close(struct journal *j)
{
	if (j == NULL)
		return;
	(void)flush(j);
	close(j->fd);
	buf_fini(&j->pending);
	free(j);
}

static uint32_t
crc_at(uint64_t age, size_t at, struct slice record)
{
	uint8_t head[AGE_SIZE + 8];

	bytes_put_be(head, AGE_SIZE, age);
	bytes_put_be(head + AGE_SIZE, 8, at);
	return crc_add(crc_of(slice_of(head, sizeof(head))), record);
}

bool
journal_newest(const char *path, uint64_t *ret_age)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	uint8_t head[HEAD_SIZE];
	bool is_read;

	if (fd < 0)
		return false;
	is_read = pread(fd, head, HEAD_SIZE, 0) == HEAD_SIZE;
	close(fd);
	if (!is_read)
		return false;
	*ret_age = bytes_get_be(head, AGE_SIZE);
	return bytes_get_be(head + AGE_SIZE + LEN_SIZE, CRC_SIZE) ==
	    crc_at(*ret_age, 0, slice_of(NULL, 0));
}

/* The record that stands there; false: none of this age. */
static bool
record_at(struct journal *j, struct slice file, size_t at,
    struct slice *ret_record)
{
	const uint8_t *head = (const uint8_t *)file.p + at;
	size_t len;

	if (file.len - at < HEAD_SIZE ||
	    bytes_get_be(head, AGE_SIZE) != j->age)
		return false;
	len = bytes_get_be(head + AGE_SIZE, LEN_SIZE);
	if (len == 0 || len > file.len - at - HEAD_SIZE)
		return false;
	*ret_record = slice_of(head + HEAD_SIZE, len);
	return bytes_get_be(head + AGE_SIZE + LEN_SIZE, CRC_SIZE) ==
	    crc_at(j->age, at, *ret_record);
}

static int
read_all(int fd, char *to)
{
	size_t at = 0;
	ssize_t n;

	while (at < SIZE) {
		n = pread(fd, to + at, SIZE - at, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		at += (size_t)n;
	}
	return 0;
}

int
journal_read(struct journal *j, uint64_t age,
    void (*on_record)(struct slice record, void *arg), void *arg)
{
	char *file = mem_new(1, SIZE);
	int error = read_all(j->fd, file);
	struct slice record;
	size_t at = HEAD_SIZE;

	j->age = age;
	while (error == 0 && record_at(j, slice_of(file, SIZE), at, &record)) {
		on_record(record, arg);
		at += HEAD_SIZE + record.len;
	}
	free(file);
	return error;
}

static void
add(struct journal *j, struct slice record)
{
	size_t at = j->end + j->pending.len;
	uint8_t head[HEAD_SIZE];

	bytes_put_be(head, AGE_SIZE, j->age);
	bytes_put_be(head + AGE_SIZE, LEN_SIZE, record.len);
	bytes_put_be(head + AGE_SIZE + LEN_SIZE, CRC_SIZE,
	    crc_at(j->age, at, record));
	buf_add(&j->pending, head, sizeof(head));
	buf_add_slice(&j->pending, record);
}

static int
write_pending(struct journal *j)
{
	int error = write_at(j->fd, j->pending.p, j->pending.len, j->end);

	j->end += j->pending.len;
	j->dirty = j->end;
	buf_reset(&j->pending);
	return error;
}

int
journal_begin(struct journal *j, uint64_t age)
{
	int error = write_zeros(j->fd, HEAD_SIZE, j->dirty);

	j->age = age;
	j->end = 0;
	buf_reset(&j->pending);
	add(j, slice_of(NULL, 0));
	return error < 0 ? error : write_pending(j);
}

bool
journal_append(struct journal *j, struct slice record)
{
	size_t at = j->end + j->pending.len;

	if (record.len > SIZE - HEAD_SIZE ||
	    at > SIZE - HEAD_SIZE - record.len)
		return false;
	add(j, record);
	return true;
}

int
journal_sync(struct journal *j)
{
	int error;

	if (journal_is_synced(j))
		return 0;
	error = write_pending(j);
	return error < 0 ? error : flush(j);
}

bool
journal_is_synced(const struct journal *j)
{
	return j->pending.len == 0;
}
