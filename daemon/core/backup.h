/* SPDX-License-Identifier: ISC */
/*
 * The last line of a backup, behind the bytes of the database, tells that it
 * is whole:
 *
 *	assent-backup 1 2026-11-26T02:30:00Z 00000000000000131072 SHA-256
 *
 * with the time when it was begun, the bytes before the line, and a hash of
 * those and of the line up to it.
 */
#ifndef CORE_BACKUP_H
#define CORE_BACKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct backup_sum;
struct buf;

enum { BACKUP_LINE_SIZE = 123 };

/* A backup that is written, or read; `begun_at` in microseconds. */
struct backup_sum *backup_sum_new(int64_t begun_at);
void backup_sum_free(struct backup_sum *);
void backup_sum_add(struct backup_sum *, struct slice data);
uint64_t backup_sum_size(const struct backup_sum *);
/* The line behind all that; frees the sum. */
void backup_sum_end(struct backup_sum *, struct buf *ret_line);

/* When the backup was begun that ends with this; false: none does. */
bool backup_line_read(struct slice line, int64_t *ret_begun_at);

#endif
