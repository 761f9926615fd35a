/* SPDX-License-Identifier: ISC */
/*
 * LMDB, behind a small face: one environment, a fixed set of tables, one
 * process, one thread.  A transaction keeps its first error: later calls do
 * nothing, and kv_commit tells it.  Errors are negative: errno, or LMDB's own
 * (kv_strerror knows both).
 */
#ifndef IO_KV_H
#define IO_KV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct kv;
struct kv_txn;

/*
 * Opens (or makes) the environment in an existing folder, with one table for
 * each name: all of them when it is new, none when it isn't.  The map's size
 * is address space, not disk.
 */
int kv_open(const char *folder, uint64_t map_size,
    const char *const *table_names, size_t table_count, struct kv **ret_kv);
/* The same, in a file that nobody else opens meanwhile. */
int kv_open_alone(const char *path, uint64_t map_size,
    const char *const *table_names, size_t table_count, struct kv **ret_kv);
/*
 * Opens one that nobody writes, and touches no file of it; each table has to
 * be there.  Of a folder, or its data file alone.
 */
int kv_open_to_read(const char *path, const char *const *table_names,
    size_t table_count, struct kv **ret_kv);
void kv_close(struct kv *);
/*
 * Writes all of it as it is at one moment, without the pages that are free, to
 * an fd that blocks: a file, which is synced, or a pipe.  Of a folder that
 * another process may be writing to; this one must not have it open.  Starts a
 * thread.
 */
int kv_copy(const char *folder, uint64_t map_size, int fd);
const char *kv_strerror(int error);
/* Bytes in use (not those that were freed again) and the map's size. */
void kv_usage(struct kv *, uint64_t *ret_used, uint64_t *ret_size);
/* How far the file is written: its bytes. */
uint64_t kv_written(struct kv *);
/* Counts commits. */
uint64_t kv_moment(struct kv *);
/* The earliest that somebody reads; UINT64_MAX: nobody does. */
uint64_t kv_oldest_reader(struct kv *);
/* Bytes that can be written while somebody reads what was at that moment. */
uint64_t kv_room(struct kv *, uint64_t moment);
/*
 * Has the disk keep that many bytes for what will be written, so that commits
 * go through when it is full.  How many it keeps: fewer, if it has no more.
 */
uint64_t kv_reserve(struct kv *, uint64_t size);
/* Frees the slots of dead readers. */
void kv_check_readers(struct kv *);

/* A read-only one sees one moment; keep it short.  NULL never; see errors. */
struct kv_txn *kv_begin(struct kv *, bool write);
/* Ends it; 0, or its first error: then nothing of it was written. */
int kv_commit(struct kv_txn *);
void kv_abort(struct kv_txn *);
int kv_txn_error(const struct kv_txn *);

/* Borrowed until the transaction ends or writes. */
bool kv_get(struct kv_txn *, unsigned table, struct slice key,
    struct slice *ret_value);
void kv_put(struct kv_txn *, unsigned table, struct slice key,
    struct slice value);
/* A missing key is fine. */
void kv_delete(struct kv_txn *, unsigned table, struct slice key);
uint64_t kv_count(struct kv_txn *, unsigned table);
/*
 * Calls on_row for each row from the first key >= from, in order, until it
 * returns false.
 */
void kv_scan(struct kv_txn *, unsigned table, struct slice from,
    bool (*on_row)(struct slice key, struct slice value, void *arg),
    void *arg);

/* The library's version. */
const char *kv_version(void);
/* Always, but in a program that benchmarks alone are built with. */
bool kv_is_synced(void);

#endif
