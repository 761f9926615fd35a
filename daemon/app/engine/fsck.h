/* SPDX-License-Identifier: ISC */
/*
 * Looking a stopped daemon's database over: is each row whole, and does what
 * one row says of others hold?  It changes nothing.
 */
#ifndef APP_FSCK_H
#define APP_FSCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct buf;
struct fsck_target;

/*
 * What is to be looked at: the database that a config names, with its secret;
 * or a folder's, without one, so that nobody can tell whether an address is
 * filed under its own hash.  Holds the daemon's lock until it is freed.  NULL
 * after adding to `error` why it can't be looked at.
 */
struct fsck_target *fsck_target_of_config(const char *path,
    struct buf *error);
struct fsck_target *fsck_target_of_folder(const char *folder,
    struct buf *error);
/* The same of a backup, which no daemon runs on. */
struct fsck_target *fsck_target_of_backup(const char *path);
void fsck_target_free(struct fsck_target *);

/* What is wrong with a row of a table; with a "page", by its number; or, with
 * no key, with "rows" as such. */
typedef void (*fsck_callback)(const char *table, struct slice key,
    const char *what, void *arg);

struct fsck_totals {
	uint64_t rows, findings;
};

/*
 * Looks at all of it, and tells each finding.  -1 after adding to `error` why
 * it could not be looked at to the end.
 */
int fsck_run(const struct fsck_target *, fsck_callback on_finding, void *arg,
    struct fsck_totals *ret_totals, struct buf *error);

#endif
