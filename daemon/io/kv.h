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
 * each name.  The map's size is address space, not disk.
 */
int kv_open(const char *folder, uint64_t map_size,
    const char *const *table_names, size_t table_count, struct kv **ret_kv);
void kv_close(struct kv *);
const char *kv_strerror(int error);
/* Bytes in use (not those that were freed again) and the map's size. */
void kv_usage(struct kv *, uint64_t *ret_used, uint64_t *ret_size);
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
