/* SPDX-License-Identifier: ISC */
/*
 * What an environment takes of its map and of the disk, and what it may take
 * yet.
 */
#include "io/kv_private.h"

#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/num.h"

/*
 * Pages that stand in the file and may be used again, freed by transactions
 * before that one.  The library's own table of them has number 0; a record
 * there has the transaction as its key, and begins with how many it names.
 */
static size_t
count_free_pages(struct kv *kv, size_t before)
{
	MDB_txn *txn;
	MDB_cursor *cursor;
	MDB_val k, v;
	size_t one, by = 0, pages = 0;

	if (mdb_txn_begin(kv->env, NULL, MDB_RDONLY, &txn) != 0)
		return 0;
	if (mdb_cursor_open(txn, 0, &cursor) == 0) {
		while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0) {
			memcpy(&by, k.mv_data, sizeof(by));
			if (by >= before)
				break;
			memcpy(&one, v.mv_data, sizeof(one));
			pages += one;
		}
		mdb_cursor_close(cursor);
	}
	mdb_txn_abort(txn);
	return pages;
}

void
kv_usage(struct kv *kv, uint64_t *ret_used, uint64_t *ret_size)
{
	MDB_envinfo info;
	MDB_stat stat;

	*ret_used = 0;
	*ret_size = 0;
	if (mdb_env_info(kv->env, &info) != 0 ||
	    mdb_env_stat(kv->env, &stat) != 0)
		return;
	if (kv->free_at != info.me_last_txnid) {
		kv->free_pages = count_free_pages(kv, SIZE_MAX);
		kv->free_at = info.me_last_txnid;
	}
	*ret_used = (info.me_last_pgno + 1 - kv->free_pages) *
	    (uint64_t)stat.ms_psize;
	*ret_size = info.me_mapsize;
}

uint64_t
kv_moment(struct kv *kv)
{
	MDB_envinfo info;

	return mdb_env_info(kv->env, &info) != 0 ? 0 : info.me_last_txnid;
}

/* A line each, after one that says so: process, thread, and the number of the
 * commit that it reads. */
static int
on_reader(const char *line, void *arg)
{
	struct slice s = slice_sub(slice_str(line), 0, strlen(line) - 1);
	struct slice last = slice_sub(s, (size_t)(slice_rfind(s, ' ') + 1),
	    s.len);
	uint64_t *oldest = arg, moment;

	if (num_parse_u64(last, &moment) == 0 && moment < *oldest)
		*oldest = moment;
	return 0;
}

uint64_t
kv_oldest_reader(struct kv *kv)
{
	uint64_t oldest = UINT64_MAX;

	(void)mdb_reader_list(kv->env, on_reader, &oldest);
	return oldest;
}

uint64_t
kv_room(struct kv *kv, uint64_t moment)
{
	MDB_envinfo info;
	MDB_stat stat;
	size_t pages;

	if (mdb_env_info(kv->env, &info) != 0 ||
	    mdb_env_stat(kv->env, &stat) != 0)
		return 0;
	pages = info.me_mapsize / stat.ms_psize - (info.me_last_pgno + 1);
	return (pages + count_free_pages(kv, moment)) *
	    (uint64_t)stat.ms_psize;
}

uint64_t
kv_written(struct kv *kv)
{
	MDB_envinfo info;
	MDB_stat stat;

	if (mdb_env_info(kv->env, &info) != 0 ||
	    mdb_env_stat(kv->env, &stat) != 0)
		return 0;
	return (info.me_last_pgno + 1) * (uint64_t)stat.ms_psize;
}

/* The first time from the file's beginning, because it may have holes. */
static bool
keep(struct kv *kv, int fd, uint64_t to)
{
	if (to <= kv->kept_to)
		return true;
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)kv->kept_to,
	    (off_t)(to - kv->kept_to)) < 0)
		return false;
	kv->kept_to = to;
	return true;
}

/* Where nothing can be kept, what is free now has to do. */
static uint64_t
free_on_disk(int fd)
{
	struct statvfs disk;

	return fstatvfs(fd, &disk) < 0 ? 0 :
	    (uint64_t)disk.f_bavail * disk.f_frsize;
}

uint64_t
kv_reserve(struct kv *kv, uint64_t size)
{
	uint64_t end = kv_written(kv);
	int fd;

	if (kv->kept_to >= end + size)
		return kv->kept_to - end;
	if (mdb_env_get_fd(kv->env, &fd) != 0)
		return 0;
	/* An eighth more, so that this isn't done at each commit. */
	if (keep(kv, fd, end + size + size / 8))
		return kv->kept_to - end;
	if (errno == EOPNOTSUPP)
		return free_on_disk(fd);
	(void)(keep(kv, fd, end + size) || keep(kv, fd, end + size / 2));
	return kv->kept_to > end ? kv->kept_to - end : 0;
}
