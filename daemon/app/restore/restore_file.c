/* SPDX-License-Identifier: ISC */
/*
 * The last line first: it tells whether there is anything to be read, and its
 * hash is that of what is then read.
 */
#include "app/restore/restore_file.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "core/backup.h"
#include "io/files.h"

enum { PIECE = 1 << 16 };

static int
not_whole(struct buf *error)
{
	buf_add_str(error, "this is not a whole backup: it was broken off, or "
	    "changed, or is something else");
	return -1;
}

static int
cannot(struct buf *error, const char *what, int number)
{
	buf_printf(error, "cannot %s it: %s", what, strerror(number));
	return -1;
}

/* How long what stands before its line is; -1 if it has none. */
static off_t
read_line(int from, char line[BACKUP_LINE_SIZE], int64_t *ret_begun_at,
    struct buf *error)
{
	struct stat st;
	off_t size;

	if (fstat(from, &st) < 0)
		return cannot(error, "read", errno);
	size = st.st_size - BACKUP_LINE_SIZE;
	if (!S_ISREG(st.st_mode) || size < 0 || pread(from, line,
	    BACKUP_LINE_SIZE, size) != BACKUP_LINE_SIZE ||
	    !backup_line_read(slice_of(line, BACKUP_LINE_SIZE), ret_begun_at))
		return not_whole(error);
	return size;
}

static int
read_all(int from, off_t size, int to, struct backup_sum *sum,
    struct buf *error)
{
	char piece[PIECE];
	off_t at = 0;

	while (at < size) {
		size_t most = size - at < PIECE ? (size_t)(size - at) : PIECE;
		ssize_t n = pread(from, piece, most, at);
		int ret = 0;

		if (n < 0)
			return cannot(error, "read", errno);
		if (n == 0)
			return not_whole(error);
		backup_sum_add(sum, slice_of(piece, (size_t)n));
		if (to >= 0)
			ret = files_write_fd(to, slice_of(piece, (size_t)n));
		if (ret < 0)
			return cannot(error, "copy", -ret);
		at += n;
	}
	return to >= 0 && fsync(to) < 0 ? cannot(error, "copy", errno) : 0;
}

int
restore_file_read(int from, int to, int64_t *ret_begun_at,
    struct buf *error)
{
	char line[BACKUP_LINE_SIZE];
	off_t size = read_line(from, line, ret_begun_at, error);
	struct backup_sum *sum;
	struct buf made = { 0 };
	int ret;

	if (size < 0)
		return -1;
	sum = backup_sum_new(*ret_begun_at);
	ret = read_all(from, size, to, sum, error);
	backup_sum_end(sum, &made);
	if (ret == 0 && !slice_eq(buf_slice(&made),
	    slice_of(line, sizeof(line))))
		ret = not_whole(error);
	buf_fini(&made);
	return ret;
}
