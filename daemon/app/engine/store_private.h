/* SPDX-License-Identifier: ISC */
/*
 * What the files of the embedded engine share: store_lmdb.c (turns) and
 * store_compact.c (another file in place of its own).
 */
#ifndef APP_STORE_PRIVATE_H
#define APP_STORE_PRIVATE_H

#include "app/engine/store.h"

struct kv;
struct store_copy;

struct store {
	struct kv *kv;
	char *folder;
	uint64_t map_size;
	struct store_copy *copy;	/* that is made of it; NULL: none */
};

/* The environment in its folder; or the one that kv_swap made. */
int store_open_kv(const struct store *, struct kv **ret_kv);
int store_open_copy(const struct store *, struct kv **ret_kv);
/* What the disk is to keep. */
uint64_t store_whole_reserve(const struct store *);
/* A commit changes that row, which the copy, if any, may have as it was. */
void store_copy_note(struct store_copy *, enum store_table, struct slice key);

#endif
