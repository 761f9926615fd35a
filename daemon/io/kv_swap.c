/* SPDX-License-Identifier: ISC */
/*
 * The names of LMDB's files, and what makes a change of them last.
 *
 * The file of locks goes with the data that it is about: it holds the number
 * of the last commit, which somebody who reads the old data still (a backup)
 * would hand on to whoever opens the new.
 */
#include "io/kv_swap.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/files.h"

enum file { FILE_DATA, FILE_LOCKS, FILE_NEW };

static const char *const names[] = { [FILE_DATA] = "data.mdb",
	[FILE_LOCKS] = "lock.mdb", [FILE_NEW] = "compact.mdb" };

static char *
path_of(const char *folder, enum file file)
{
	return mem_printf("%s/%s", folder, names[file]);
}

static int
remove_file(const char *folder, enum file file)
{
	char *path = path_of(folder, file);
	int error = unlink(path) < 0 && errno != ENOENT ? -errno : 0;

	free(path);
	return error;
}

int
kv_swap_make(const char *folder)
{
	char *path = kv_swap_path(folder);
	int fd;

	kv_swap_remove(folder);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = -errno;
	free(path);
	return fd;
}

char *
kv_swap_path(const char *folder)
{
	return path_of(folder, FILE_NEW);
}

int
kv_swap_sync(const char *folder)
{
	char *path = kv_swap_path(folder);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	int error = fd < 0 || fsync(fd) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	free(path);
	return error;
}

uint64_t
kv_swap_disk(const char *folder)
{
	struct statvfs disk;

	return statvfs(folder, &disk) < 0 ? 0 :
	    (uint64_t)disk.f_bavail * disk.f_frsize;
}

void
kv_swap_remove(const char *folder)
{
	(void)remove_file(folder, FILE_NEW);
}

char *
kv_swap_data(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) ?
	    mem_strdup(path) : path_of(path, FILE_DATA);
}

static uint64_t
inode_of(const char *folder, enum file file)
{
	char *path = path_of(folder, file);
	struct stat st;
	uint64_t inode = stat(path, &st) == 0 ? st.st_ino : 0;

	free(path);
	return inode;
}

struct kv_files
kv_swap_look(const char *folder)
{
	return (struct kv_files){ inode_of(folder, FILE_DATA),
		inode_of(folder, FILE_LOCKS) };
}

static int
rename_new(const char *folder)
{
	char *from = path_of(folder, FILE_NEW);
	char *to = path_of(folder, FILE_DATA);
	int error = rename(from, to) < 0 ? -errno : 0;

	free(from);
	free(to);
	return error;
}

enum kv_swapped
kv_swap_take(const char *folder, int *ret_error)
{
	*ret_error = rename_new(folder);
	if (*ret_error < 0)
		return KV_SWAP_REFUSED;
	*ret_error = remove_file(folder, FILE_LOCKS);
	if (*ret_error == 0)
		*ret_error = files_sync_folder(folder);
	return KV_SWAP_DONE;
}
