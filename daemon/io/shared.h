/* SPDX-License-Identifier: ISC */
/*
 * Memory that processes of one family share, in slots of whole pages: made
 * before the first fork, and then each process keeps a slot of its own and
 * lets go of the others, so that none can touch what is another's.  A slot
 * outlives whoever wrote to it.
 */
#ifndef IO_SHARED_H
#define IO_SHARED_H

#include <stdbool.h>
#include <stddef.h>

struct shared;

/* Zeroed slots of at least that size; NULL with errno.  Owned. */
struct shared *shared_new(size_t count, size_t size);
/* This process's mapping; the memory is gone with the last one. */
void shared_free(struct shared *);

size_t shared_count(const struct shared *);
/* NULL when this process has let go of it. */
void *shared_slot(const struct shared *, size_t i);
/* Has anybody ever kept that slot? */
bool shared_is_used(const struct shared *, size_t i);
/*
 * From now on only that slot can be written here; the others can be read, or
 * with `read` false not even that.  0, or negative errno.
 */
int shared_keep(struct shared *, size_t own, bool read);

#endif
