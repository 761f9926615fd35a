/* SPDX-License-Identifier: ISC */
/*
 * The folders are held open, so that every path is a short one relative to
 * them and a folder moved meanwhile does no harm.
 */
#include "io/maildir.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { NAME_LEN_MAX = 200 };

struct maildir {
	int tmp;	/* descriptors of the folders */
	int fresh;	/* new/ */
};

/* Makes it if it isn't there; a descriptor, or negative errno. */
static int
open_folder(int parent, const char *name)
{
	int fd;

	if (mkdirat(parent, name, 0700) != 0 && errno != EEXIST)
		return -errno;
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int
maildir_open(const char *path, struct maildir **ret_dir)
{
	struct maildir *d = MEM_NEW(struct maildir);
	int root = open_folder(AT_FDCWD, path), cur = -1, error = root;

	d->tmp = d->fresh = -1;
	if (root < 0)
		goto out;
	if ((error = d->tmp = open_folder(root, "tmp")) < 0 ||
	    (error = cur = open_folder(root, "cur")) < 0 ||
	    (error = d->fresh = open_folder(root, "new")) < 0)
		goto out;
	error = fsync(root) != 0 ? -errno : 0;
out:
	if (root >= 0)
		(void)close(root);
	if (cur >= 0)
		(void)close(cur);
	if (error < 0) {
		maildir_close(d);
		return error;
	}
	*ret_dir = d;
	return 0;
}

void
maildir_close(struct maildir *d)
{
	if (d == NULL)
		return;
	if (d->tmp >= 0)
		(void)close(d->tmp);
	if (d->fresh >= 0)
		(void)close(d->fresh);
	free(d);
}

static bool
is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
	    c == '@';
}

/* A leading dot would hide the file. */
static void
add_name(struct buf *out, struct slice key)
{
	for (size_t i = 0; i < key.len; i++) {
		bool good = is_name_char(key.p[i]) &&
		    !(i == 0 && key.p[i] == '.');

		buf_add_char(out, good ? key.p[i] : '_');
	}
}

static int
write_all(int fd, struct slice s)
{
	while (s.len > 0) {
		ssize_t n = write(fd, s.p, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		s = slice_sub(s, (size_t)n, s.len);
	}
	return 0;
}

static int
write_file(int folder, const char *name, struct slice content)
{
	int fd, error;

	fd = openat(folder, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	error = write_all(fd, content);
	if (error == 0 && fsync(fd) != 0)
		error = -errno;
	if (close(fd) != 0 && error == 0)
		error = -errno;
	return error;
}

int
maildir_add(struct maildir *d, struct slice key, struct slice message)
{
	struct buf name = { 0 };
	int error = -EINVAL;

	if (key.len == 0 || key.len > NAME_LEN_MAX)
		return error;
	add_name(&name, key);
	error = write_file(d->tmp, buf_str(&name), message);
	if (error == 0 && renameat(d->tmp, buf_str(&name), d->fresh,
	    buf_str(&name)) != 0)
		error = -errno;
	if (error != 0)
		(void)unlinkat(d->tmp, buf_str(&name), 0);
	buf_fini(&name);
	return error;
}

int
maildir_sync(struct maildir *d)
{
	return fsync(d->fresh) != 0 ? -errno : 0;
}
