/* SPDX-License-Identifier: ISC */
/*
 * Checked numbers out of text.  Each wants the whole slice to be the number:
 * no sign, no blanks, no overflow.  0, or -1 when it isn't one.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

#include "base/slice.h"

int num_parse_u64(struct slice s, uint64_t *ret_value);
/* Within [min, max]. */
int num_parse_range(struct slice s, uint64_t min, uint64_t max,
    uint64_t *ret_value);
int num_parse_hex(struct slice s, uint64_t *ret_value);
/* "16k", "10m", "64g": powers of 1024; bytes. */
int num_parse_size(struct slice s, uint64_t *ret_bytes);
/* "90s", "10m", "72h", "14d", or bare seconds. */
int num_parse_duration(struct slice s, uint64_t *ret_seconds);

#endif
