/* SPDX-License-Identifier: ISC */
/*
 * Another file for an environment: made beside its own, filled by whoever has
 * the fd, opened by kv_open_alone, and put in its place.  What is open stays
 * with the file that it has.
 */
#ifndef IO_KV_SWAP_H
#define IO_KV_SWAP_H

#include <stdint.h>

/* Makes it, empty, whatever was left of an earlier one: its fd; or an error. */
int kv_swap_make(const char *folder);
/* For kv_open_alone; owned by the caller. */
char *kv_swap_path(const char *folder);
/* Has it on disk, with all that was written to it. */
int kv_swap_sync(const char *folder);
/* Bytes that the disk has for whoever asks. */
uint64_t kv_swap_disk(const char *folder);
/* Removes it, if it is there. */
void kv_swap_remove(const char *folder);

/* The data of a folder; or the file itself, if it is one.  Owned. */
char *kv_swap_data(const char *path);

/* Which files an environment has: others after a swap. */
struct kv_files {
	uint64_t data, locks;	/* their inodes */
};
struct kv_files kv_swap_look(const char *folder);

/* Has the other file become the one?  Then an error tells that it may not
 * last: the folder couldn't be written. */
enum kv_swapped { KV_SWAP_REFUSED, KV_SWAP_DONE };
/*
 * Puts it in the place of the environment's own, for good.  Before the next
 * commit the environment has to be opened anew.
 */
enum kv_swapped kv_swap_take(const char *folder, int *ret_error);

#endif
