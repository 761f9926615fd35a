/* SPDX-License-Identifier: ISC */
/*
 * The face of LMDB.  Always synced: no NOSYNC, NOMETASYNC or WRITEMAP, which
 * lose data or speed.
 */
#include "io/kv.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/kv_new.h"
#include "io/kv_private.h"
#include "io/kv_swap.h"
#include "io/kv_synced.h"

enum { FLAGS = MDB_NORDAHEAD | (KV_SYNCED ? 0 : MDB_NOSYNC) };

struct kv_txn {
	struct kv *kv;
	MDB_txn *txn;
	int error;		/* the first one; 0: none */
	unsigned large;		/* tables, as bits, that it has put a value
				 * with pages of its own into */
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

/* Only one without any table is new: another that lacks one is damaged, and
 * an empty table in its place would be believed. */
static bool
is_new(MDB_txn *txn)
{
	MDB_dbi names;
	MDB_stat stat;

	return mdb_dbi_open(txn, NULL, 0, &names) == 0 &&
	    mdb_stat(txn, names, &stat) == 0 && stat.ms_entries == 0;
}

static int
open_tables(struct kv *kv, const char *const *names, size_t count,
    unsigned flags)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(kv->env, NULL, flags & MDB_RDONLY, &txn);
	unsigned make;

	if (rc != 0)
		return rc;
	make = !(flags & MDB_RDONLY) && is_new(txn) ? MDB_CREATE : 0;
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = mdb_dbi_open(txn, names[i], make, &kv->table[i]);
	if (rc != 0) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

static int
open_env(const char *path, uint64_t map_size, unsigned flags,
    const char *const *table_names, size_t table_count, struct kv **ret_kv)
{
	struct kv *kv = MEM_NEW(struct kv);
	MDB_stat stat;
	int rc;

	kv->table_count = table_count;
	rc = table_count > KV_TABLES_MAX ? EINVAL : mdb_env_create(&kv->env);
	if (rc == 0)
		rc = mdb_env_set_mapsize(kv->env, map_size);
	if (rc == 0)
		rc = mdb_env_set_maxdbs(kv->env, KV_TABLES_MAX);
	if (rc == 0)
		rc = mdb_env_open(kv->env, path, flags, 0600);
	if (rc == 0)
		rc = open_tables(kv, table_names, table_count, flags);
	if (rc == 0)
		rc = mdb_env_stat(kv->env, &stat);
	if (rc != 0) {
		kv_close(kv);
		return negative(rc);
	}
	kv->page_size = stat.ms_psize;
	*ret_kv = kv;
	return 0;
}

int
kv_open(const char *folder, uint64_t map_size, const char *const *table_names,
    size_t table_count, struct kv **ret_kv)
{
	int error = kv_new(folder, map_size);

	if (error == 0)
		error = open_env(folder, map_size, FLAGS, table_names,
		    table_count, ret_kv);
	if (error == 0)
		kv_check_readers(*ret_kv);
	return error;
}

/* Without its lock file, which is for those who write; and with a map that is
 * as large as what is there. */
int
kv_open_to_read(const char *path, const char *const *table_names,
    size_t table_count, struct kv **ret_kv)
{
	char *data = kv_swap_data(path);
	int error = open_env(data, 1, MDB_RDONLY | MDB_NOLOCK | MDB_NOSUBDIR,
	    table_names, table_count, ret_kv);

	free(data);
	return error;
}

int
kv_open_alone(const char *path, uint64_t map_size,
    const char *const *table_names, size_t table_count, struct kv **ret_kv)
{
	return open_env(path, map_size, FLAGS | MDB_NOSUBDIR |
	    MDB_NOLOCK, table_names, table_count, ret_kv);
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

/* Not the one file from before a swap and the other from after it: whoever
 * writes wouldn't know of this reader. */
static int
open_both(MDB_env *env, const char *folder, struct kv_files *ret_files)
{
	const struct kv_files before = kv_swap_look(folder);
	int rc = mdb_env_open(env, folder, MDB_RDONLY, 0600);

	*ret_files = kv_swap_look(folder);
	if (rc == 0 && before.data == ret_files->data &&
	    (before.locks == ret_files->locks || before.locks == 0))
		return 0;
	return rc != 0 ? rc : EAGAIN;
}

/* A swap puts the new data in place first: if the locks went after it was
 * opened with them, they were the old ones. */
static bool
is_half_swapped(const char *folder, const struct kv_files *opened)
{
	const struct kv_files now = kv_swap_look(folder);

	return now.data == opened->data && now.locks != opened->locks;
}

/* To a pipe there is nothing to sync. */
static int
copy_to(MDB_env *env, int fd)
{
	int rc = mdb_env_copyfd2(env, fd, MDB_CP_COMPACT);

	if (rc == 0 && fsync(fd) < 0 && errno != EINVAL)
		rc = errno;
	return rc;
}

int
kv_copy(const char *folder, uint64_t map_size, int fd)
{
	MDB_env *env;
	struct kv_files files;
	int rc = mdb_env_create(&env);

	if (rc != 0)
		return negative(rc);
	rc = mdb_env_set_mapsize(env, map_size);
	if (rc == 0)
		rc = open_both(env, folder, &files);
	if (rc == 0)
		rc = copy_to(env, fd);
	if (rc == 0 && is_half_swapped(folder, &files))
		rc = EAGAIN;
	mdb_env_close(env);
	return negative(rc);
}

const char *
kv_strerror(int error)
{
	bool is_lmdb = error >= MDB_KEYEXIST && error <= MDB_LAST_ERRCODE;

	/* Of a key that isn't an error. */
	if (error == MDB_NOTFOUND)
		return "a table is missing: it is damaged";
	return mdb_strerror(is_lmdb ? error : -error);
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

enum { PAGE_HEAD = 16, NODE_HEAD = 8, POINTER = 2 };

/* How many pages of its own a value has: one that doesn't fit into half a page
 * with its key. */
static size_t
own_pages(const struct kv_txn *t, size_t key_len, size_t len)
{
	size_t page = t->kv->page_size;
	size_t most = ((page - PAGE_HEAD) / 2 & ~(size_t)1) - POINTER;

	return NODE_HEAD + key_len + len <= most ? 0 :
	    (PAGE_HEAD - 1 + len) / page + 1;
}

/*
 * Into pages of its own.  LMDB leaves in the last of them what the memory held
 * before: a copy would have that, too.
 */
static void
put_large(struct kv_txn *t, unsigned table, MDB_val *k, struct slice value,
    size_t pages)
{
	MDB_val room = { .mv_size = value.len };

	t->large |= 1U << table;
	if (!note(t, mdb_put(t->txn, t->kv->table[table], k, &room,
	    MDB_RESERVE)))
		return;
	memcpy(room.mv_data, value.p, value.len);
	memset((char *)room.mv_data + value.len, 0,
	    pages * t->kv->page_size - PAGE_HEAD - value.len);
}

/* What this transaction has put there would keep its pages, whatever they hold
 * behind a shorter one; what was there before it is put elsewhere. */
static void
delete_large(struct kv_txn *t, unsigned table, MDB_val *k)
{
	MDB_val old;

	if (note(t, mdb_get(t->txn, t->kv->table[table], k, &old)) &&
	    own_pages(t, k->mv_size, old.mv_size) > 0)
		note(t, mdb_del(t->txn, t->kv->table[table], k, NULL));
}

void
kv_put(struct kv_txn *t, unsigned table, struct slice key, struct slice value)
{
	MDB_val k = val_of(key), v = val_of(value);
	size_t pages;

	if (t->error == 0 && (t->large & 1U << table) != 0)
		delete_large(t, table, &k);
	if (t->error != 0)
		return;
	pages = own_pages(t, key.len, value.len);
	if (pages > 0)
		put_large(t, table, &k, value, pages);
	else
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
