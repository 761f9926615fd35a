/* SPDX-License-Identifier: ISC */
/*
 * A backup as a file: its bytes, and the line behind them.
 */
#ifndef APP_RESTORE_FILE_H
#define APP_RESTORE_FILE_H

#include <stdint.h>

struct buf;

/*
 * Reads a backup to its end, and writes the database in it to `to`, unless
 * that is -1, and syncs that.  0 when it is whole; or -1 after adding to
 * `error` what is wrong with it.
 */
int restore_file_read(int from, int to, int64_t *ret_begun_at,
    struct buf *error);

#endif
