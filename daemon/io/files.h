/* SPDX-License-Identifier: ISC */
/*
 * Files as they were at one moment.  What is read from the disk is kept, and
 * can be handed to another process, which then reads the very same bytes and
 * needs no access to the disk.  That a file wasn't there is kept as well.
 */
#ifndef IO_FILES_H
#define IO_FILES_H

#include <stdbool.h>

#include "base/slice.h"

struct buf;
struct files;

/* Reads the disk, and keeps all it reads.  Owned. */
struct files *files_new(void);
/* Reads what another kept and files_save wrote; NULL: that isn't it. */
struct files *files_of(int fd);
/* NULL is fine. */
void files_free(struct files *);

/*
 * Adds a file's content.  0, or negative errno: -EFBIG when it is more than
 * the buffer's limit.  NULL for the files: the disk, and nothing is kept.
 */
int files_read(struct files *, const char *path, struct buf *out);
/*
 * Adds the names in a folder but those with a dot in front, sorted, a NUL
 * behind each.  0, or negative errno.
 */
int files_list(struct files *, const char *path, struct buf *out);

/* Were these read by another?  Then the disk may be out of reach. */
bool files_are_kept(const struct files *);
/* Writes all that was read into an empty file.  0, or negative errno. */
int files_save(const struct files *, int fd);

/* An empty file in memory, close-on-exec; or negative errno. */
int files_memory(void);
/* From now on nobody can change that file in memory.  0 or negative errno. */
int files_seal(int fd);
/* Adds a whole file, wherever the fd stands: others may share it. */
int files_read_fd(int fd, struct buf *out);
/* Writes all of it, from where the fd stands.  0, or negative errno. */
int files_write_fd(int fd, struct slice data);

/* What was made, renamed or removed in a folder lasts.  0 or negative errno. */
int files_sync_folder(const char *path);

#endif
