/* SPDX-License-Identifier: ISC */
/*
 * The face of LMDB, the only file that includes lmdb.h.  Always synced: no
 * NOSYNC, NOMETASYNC or WRITEMAP, which lose data or speed.  What syncing
 * costs is measured by a program that is built to do without (tests/bench).
 */
#include "io/kv.h"

#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdlib.h>

#include "base/mem.h"

#ifndef KV_SYNCED
#define KV_SYNCED 1
#endif

enum { TABLES_MAX = 16, FLAGS = MDB_NORDAHEAD | (KV_SYNCED ? 0 : MDB_NOSYNC) };

struct kv {
	MDB_env *env;
	MDB_dbi table[TABLES_MAX];
	size_t table_count;
	size_t free_pages, free_at;	/* counted at that transaction */
	uint64_t kept_to;		/* the disk keeps as much */
};

struct kv_txn {
	struct kv *kv;
	MDB_txn *txn;
	int error;		/* the first one; 0: none */
};

/* LMDB's codes are negative already, errno's are not. */
static int
negative(int rc)
{
	return rc > 0 ? -rc : rc;
}

/* The one place where MDB_val's missing const is cast away. */
static MDB_val
val_of(struct slice s)
{
	union {
		const char *in;
		char *out;
	} cast = { .in = s.p };

	return (MDB_val){ .mv_size = s.len, .mv_data = cast.out };
}

static struct slice
slice_of_val(const MDB_val *v)
{
	return slice_of(v->mv_data, v->mv_size);
}

static int
open_tables(struct kv *kv, const char *const *names, size_t count)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(kv->env, NULL, 0, &txn);

	if (rc != 0)
		return rc;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = mdb_dbi_open(txn, names[i], MDB_CREATE, &kv->table[i]);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

int
kv_open(const char *folder, uint64_t map_size, const char *const *table_names,
    size_t table_count, struct kv **ret_kv)
{
	struct kv *kv = MEM_NEW(struct kv);
	int rc;

	kv->table_count = table_count;
	rc = table_count > TABLES_MAX ? EINVAL : mdb_env_create(&kv->env);
	if (rc == 0)
		rc = mdb_env_set_mapsize(kv->env, map_size);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(kv->env, TABLES_MAX);
	if (rc == 0)
		rc = mdb_env_open(kv->env, folder, FLAGS, 0600);
	if (rc == 0)
		rc = open_tables(kv, table_names, table_count);
	if (rc != 0) {
		kv_close(kv);
		return negative(rc);
	}
	kv_check_readers(kv);
	*ret_kv = kv;
	return 0;
}

void
kv_close(struct kv *kv)
{
	if (kv == NULL)
		return;
	if (kv->env != NULL)
		mdb_env_close(kv->env);
	free(kv);
}

const char *
kv_strerror(int error)
{
	bool is_lmdb = error >= MDB_KEYEXIST && error <= MDB_LAST_ERRCODE;

	return mdb_strerror(is_lmdb ? error : -error);
}

/*
 * Pages that stand in the file and may be used again.  The library's own table
 * of them has number 0; a record there begins with how many it names.
 */
static size_t
count_free_pages(struct kv *kv)
{
	MDB_txn *txn;
	MDB_cursor *cursor;
	MDB_val k, v;
	size_t one, pages = 0;

	if (mdb_txn_begin(kv->env, NULL, MDB_RDONLY, &txn) != 0)
		return 0;
	if (mdb_cursor_open(txn, 0, &cursor) == 0) {
		while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0) {
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
		kv->free_pages = count_free_pages(kv);
		kv->free_at = info.me_last_txnid;
	}
	*ret_used = (info.me_last_pgno + 1 - kv->free_pages) *
	    (uint64_t)stat.ms_psize;
	*ret_size = info.me_mapsize;
}

/* How far the file is written. */
static uint64_t
end_of(struct kv *kv)
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
	uint64_t end = end_of(kv);
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

void
kv_check_readers(struct kv *kv)
{
	int dead;

	(void)mdb_reader_check(kv->env, &dead);
}

struct kv_txn *
kv_begin(struct kv *kv, bool write)
{
	struct kv_txn *t = MEM_NEW(struct kv_txn);

	t->kv = kv;
	t->error = negative(mdb_txn_begin(kv->env, NULL,
	    write ? 0 : MDB_RDONLY, &t->txn));
	if (t->error != 0)
		t->txn = NULL;
	return t;
}

int
kv_commit(struct kv_txn *t)
{
	int error = t->error;

	if (error == 0)
		error = negative(mdb_txn_commit(t->txn));
	else if (t->txn != NULL)
		mdb_txn_abort(t->txn);
	free(t);
	return error;
}

void
kv_abort(struct kv_txn *t)
{
	if (t->txn != NULL)
		mdb_txn_abort(t->txn);
	free(t);
}

int
kv_txn_error(const struct kv_txn *t)
{
	return t->error;
}

/* Keeps the first error; "not found" isn't one.  True on success. */
static bool
note(struct kv_txn *t, int rc)
{
	if (rc != 0 && rc != MDB_NOTFOUND && t->error == 0)
		t->error = negative(rc);
	return rc == 0;
}

bool
kv_get(struct kv_txn *t, unsigned table, struct slice key,
    struct slice *ret_value)
{
	MDB_val k = val_of(key), v;

	if (t->error != 0 ||
	    !note(t, mdb_get(t->txn, t->kv->table[table], &k, &v)))
		return false;
	*ret_value = slice_of_val(&v);
	return true;
}

void
kv_put(struct kv_txn *t, unsigned table, struct slice key, struct slice value)
{
	MDB_val k = val_of(key), v = val_of(value);

	if (t->error == 0)
		note(t, mdb_put(t->txn, t->kv->table[table], &k, &v, 0));
}

void
kv_delete(struct kv_txn *t, unsigned table, struct slice key)
{
	MDB_val k = val_of(key);

	if (t->error == 0)
		note(t, mdb_del(t->txn, t->kv->table[table], &k, NULL));
}

static MDB_cursor *
open_cursor(struct kv_txn *t, unsigned table)
{
	MDB_cursor *cursor = NULL;

	if (t->error != 0 || !note(t, mdb_cursor_open(t->txn,
	    t->kv->table[table], &cursor)))
		return NULL;
	return cursor;
}

uint64_t
kv_count(struct kv_txn *t, unsigned table)
{
	MDB_stat stat;

	if (t->error != 0 ||
	    !note(t, mdb_stat(t->txn, t->kv->table[table], &stat)))
		return 0;
	return stat.ms_entries;
}

void
kv_scan(struct kv_txn *t, unsigned table, struct slice from,
    bool (*on_row)(struct slice key, struct slice value, void *arg),
    void *arg)
{
	MDB_cursor *cursor = open_cursor(t, table);
	MDB_val k = val_of(from), v;
	MDB_cursor_op op = from.len > 0 ? MDB_SET_RANGE : MDB_FIRST;

	if (cursor == NULL)
		return;
	while (note(t, mdb_cursor_get(cursor, &k, &v, op))) {
		if (!on_row(slice_of_val(&k), slice_of_val(&v), arg))
			break;
		op = MDB_NEXT;
	}
	mdb_cursor_close(cursor);
}

const char *
kv_version(void)
{
	return mdb_version(NULL, NULL, NULL);
}

bool
kv_is_synced(void)
{
	return KV_SYNCED;
}
