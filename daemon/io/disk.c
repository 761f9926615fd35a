/* SPDX-License-Identifier: ISC */
/*
 * The types of statfs(2) that aren't a disk of this machine.
 */
#include "io/disk.h"

#include <sys/vfs.h>

#include <linux/magic.h>
#include <stddef.h>

static const struct kind {
	unsigned long type;
	const char *name;
	enum disk disk;
} kinds[] = {
	{ TMPFS_MAGIC, "tmpfs", DISK_MEMORY },
	{ RAMFS_MAGIC, "ramfs", DISK_MEMORY },
	{ FUSE_SUPER_MAGIC, "fuse", DISK_MAYBE_REMOTE },
	{ V9FS_MAGIC, "9p", DISK_MAYBE_REMOTE },
	{ NFS_SUPER_MAGIC, "nfs", DISK_REMOTE },
	{ SMB_SUPER_MAGIC, "smb", DISK_REMOTE },
	{ CIFS_SUPER_MAGIC, "cifs", DISK_REMOTE },
	{ SMB2_SUPER_MAGIC, "smb2", DISK_REMOTE },
	{ CEPH_SUPER_MAGIC, "ceph", DISK_REMOTE },
	{ AFS_SUPER_MAGIC, "afs", DISK_REMOTE },
	{ AFS_FS_MAGIC, "afs", DISK_REMOTE },
	{ CODA_SUPER_MAGIC, "coda", DISK_REMOTE },
};

enum disk
disk_of_type(unsigned long type, const char **ret_name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].type == type) {
			*ret_name = kinds[i].name;
			return kinds[i].disk;
		}
	}
	*ret_name = "local";
	return DISK_LOCAL;
}

enum disk
disk_of(const char *path, const char **ret_name)
{
	struct statfs s = { 0 };

	/* Signed, and 32 bits wide, on some machines. */
	return disk_of_type(statfs(path, &s) < 0 ? 0 :
	    (unsigned long)s.f_type & 0xffffffff, ret_name);
}
