/* SPDX-License-Identifier: ISC */
/*
 * A database that nobody writes, to be read as it is: while its daemon is
 * stopped, or a copy.  Nothing of it is touched.
 */
#ifndef APP_STORE_READ_H
#define APP_STORE_READ_H

#include "app/engine/store.h"

struct store_read;

/* Of a folder, or a data file alone; owned in *ret_store; errors as those of
 * store_open. */
int store_read_open(const char *path, struct store_read **ret_store);
void store_read_close(struct store_read *);

/* Borrowed until it is closed.  Never STORE_NOT_LOADED. */
enum store_found store_read_get(struct store_read *, enum store_table,
    struct slice key, struct slice *ret_value);
/* Is there such a row, damaged or not? */
bool store_read_has(struct store_read *, enum store_table,
    struct slice key);
/*
 * All rows of a table from the first key >= from, in order, until on_row
 * returns false; a damaged one has no value.  Keys and values stay borrowed.
 */
void store_read_scan(struct store_read *, enum store_table, struct slice from,
    bool (*on_row)(enum store_found, struct slice key, struct slice value,
    void *arg), void *arg);
/* See app/engine/store_age.h. */
enum store_found store_read_age(struct store_read *, uint64_t *ret_age);
/* The first error of all this; 0: none. */
int store_read_error(const struct store_read *);

#endif
