/* SPDX-License-Identifier: ISC */
/*
 * The file of an environment (LMDB 0.9) page by page.  LMDB believes what it
 * reads, and reads or overwrites anything when that is damaged; this believes
 * nothing.
 */
#ifndef IO_KV_PAGES_H
#define IO_KV_PAGES_H

#include <stdint.h>

/* What is wrong, and on which page. */
typedef void (*kv_pages_callback)(uint64_t page, const char *what, void *arg);

/*
 * Each page is used once or free, in trees that have the shape, order and
 * size that they should; of a folder, or a data file alone, that nobody
 * writes.  How many findings it told; or negative errno when it can't be read.
 */
int64_t kv_pages_check(const char *path, kv_pages_callback on_finding,
    void *arg);

#endif
