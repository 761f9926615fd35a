/* SPDX-License-Identifier: ISC */
/*
 * A maildir to write into: each message goes whole to tmp/, to the disk, and
 * then by rename to new/.  Knows nothing of what is in a message.
 */
#ifndef IO_MAILDIR_H
#define IO_MAILDIR_H

#include "base/slice.h"

struct maildir;

/*
 * Opens the folder, made at need with tmp/, new/ and cur/ (mode 0700).  0 and
 * owned in *ret_dir, or negative errno.
 */
int maildir_open(const char *path, struct maildir **ret_dir);
void maildir_close(struct maildir *);
/*
 * Puts a message into new/ under a name made of its key and nothing else, so
 * that a repeat takes the place of the first.  The key's bytes that don't
 * belong into a file's name become "_".  It is durable after maildir_sync.
 * 0 or negative errno; -EINVAL when the key is empty or too long.
 */
int maildir_add(struct maildir *, struct slice key, struct slice message);
/* Waits until the names of all that was added are on disk; as above. */
int maildir_sync(struct maildir *);

#endif
