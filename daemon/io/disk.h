/* SPDX-License-Identifier: ISC */
/*
 * Which kind of file system a path is on, as far as that matters to whoever
 * maps a file into memory and wants it to last.
 */
#ifndef IO_DISK_H
#define IO_DISK_H

enum disk {
	DISK_LOCAL,	/* or unknown */
	DISK_MEMORY,	/* goes with the machine's next start */
	DISK_MAYBE_REMOTE,
	DISK_REMOTE	/* another machine's: no place for shared maps */
};

/* Of a path; what it is called, "nfs", in *ret_name. */
enum disk disk_of(const char *path, const char **ret_name);
/* Of a statfs(2) f_type. */
enum disk disk_of_type(unsigned long type, const char **ret_name);

#endif
