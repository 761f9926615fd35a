/* SPDX-License-Identifier: ISC */
/*
 * A lock that lives as long as its holder: flock(2) on a file.
 */
#ifndef IO_LOCK_H
#define IO_LOCK_H

/*
 * Makes the file if need be and locks it.  An fd to keep open for as long as
 * the lock is wanted; -EWOULDBLOCK when another process has it, else negative
 * errno.
 */
int lock_take(const char *path);
/* The same of a file that is there; -ENOENT: it isn't, so nobody has it. */
int lock_take_existing(const char *path);

#endif
