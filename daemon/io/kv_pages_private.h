/* SPDX-License-Identifier: ISC */
/*
 * An environment's file, while its pages are looked at: what those who look
 * at its heads and at its trees share.
 */
#ifndef IO_KV_PAGES_PRIVATE_H
#define IO_KV_PAGES_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include "io/kv_pages.h"

/* Each page begins with its number, two bytes of nothing and its kind. */
enum { KV_PAGE_HEAD = 16, KV_TREE_SIZE = 48, KV_HEADS = 2 };
#define KV_NO_PAGE UINT64_MAX

struct kv_pages {
	uint8_t *map;
	uint64_t size, page_size;
	uint64_t last, transaction;	/* as the head says */
	uint8_t *seen;			/* a bit a page */
	kv_pages_callback on_finding;
	void *arg;
	int64_t findings;
};

void kv_pages_tell(struct kv_pages *, uint64_t page, const char *what);
/* Of 2, 4 or 8 bytes. */
uint64_t kv_pages_number(const uint8_t *at, size_t size);
const uint8_t *kv_pages_at(const struct kv_pages *, uint64_t page);
/* Takes some in a row; false after telling why it can't. */
bool kv_pages_take(struct kv_pages *, uint64_t page, uint64_t count);
/* The same of pages that are in use: these have to be in the file. */
bool kv_pages_take_used(struct kv_pages *, uint64_t page, uint64_t count);

enum kv_tree { KV_TREE_FREE, KV_TREE_MAIN, KV_TREE_TABLE };
/* All of a tree, from its record; false: that is none. */
bool kv_pages_walk(struct kv_pages *, const uint8_t *record, enum kv_tree);

#endif
