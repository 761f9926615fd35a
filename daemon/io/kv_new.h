/* SPDX-License-Identifier: ISC */
/*
 * A new environment, made whole or not at all: LMDB itself writes the head of
 * its file without a sync, and can't open what a loss of power leaves of that.
 */
#ifndef IO_KV_NEW_H
#define IO_KV_NEW_H

#include <stdint.h>

/* Makes one in that folder unless there is one; 0, or an error of kv's. */
int kv_new(const char *folder, uint64_t map_size);

#endif
