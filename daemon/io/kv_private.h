/* SPDX-License-Identifier: ISC */
/*
 * What kv's files share, which are the only ones that know LMDB: kv.c
 * (transactions, rows), kv_new.c (a new one) and kv_space.c (map and disk).
 */
#ifndef IO_KV_PRIVATE_H
#define IO_KV_PRIVATE_H

#include <lmdb.h>

#include "io/kv.h"

enum { KV_TABLES_MAX = 16 };

struct kv {
	MDB_env *env;
	MDB_dbi table[KV_TABLES_MAX];
	size_t table_count, page_size;
	size_t free_pages, free_at;	/* counted at that transaction */
	uint64_t kept_to;		/* the disk keeps as much */
};

#endif
