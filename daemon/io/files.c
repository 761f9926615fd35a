/* SPDX-License-Identifier: ISC */
/*
 * A file of files: for each a head (what it is or which errno, the lengths),
 * its path, its content.  Knows nothing of what is in them.
 */
#include "io/files.h"

#include <sys/mman.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/mem.h"

enum { HEAD_SIZE = 12, WORD = 4 };

struct kept {
	char *path;
	int error;		/* 0, or negative errno */
	struct buf content;
};

struct files {
	bool from_another;
	struct kept *kept;
	size_t count;
};

struct files *
files_new(void)
{
	return MEM_NEW(struct files);
}

void
files_free(struct files *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->count; i++) {
		free(f->kept[i].path);
		buf_fini(&f->kept[i].content);
	}
	free(f->kept);
	free(f);
}

bool
files_are_kept(const struct files *f)
{
	return f != NULL && f->from_another;
}

static void
keep(struct files *f, struct slice path, int error, struct slice content)
{
	struct kept *k;

	f->kept = mem_resize(f->kept, f->count + 1, sizeof(*f->kept));
	k = &f->kept[f->count++];
	*k = (struct kept){ .path = slice_dup(path), .error = error };
	buf_add_slice(&k->content, content);
}

static const struct kept *
find(const struct files *f, const char *path)
{
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->kept[i].path, path) == 0)
			return &f->kept[i];
	}
	return NULL;
}

/* ---- the disk ---- */

static int
read_stream(FILE *stream, struct buf *out)
{
	char chunk[4096];
	size_t n;

	/* /dev/zero has no end. */
	while (!buf_failed(out) &&
	    (n = fread(chunk, 1, sizeof(chunk), stream)) > 0)
		buf_add(out, chunk, n);
	if (ferror(stream))
		return -errno;
	return buf_failed(out) ? -EFBIG : 0;
}

static int
read_disk(const char *path, struct buf *out)
{
	FILE *stream = fopen(path, "re");
	int error;

	if (stream == NULL)
		return -errno;
	error = read_stream(stream, out);
	fclose(stream);
	return error;
}

static int
list_disk(const char *path, struct buf *out)
{
	struct dirent **entry = NULL;
	int count = scandir(path, &entry, NULL, alphasort);

	if (count < 0)
		return -errno;
	for (int i = 0; i < count; i++) {
		const char *name = entry[i]->d_name;

		if (name[0] != '.')
			buf_add(out, name, strlen(name) + 1);
		free(entry[i]);
	}
	free(entry);
	return buf_failed(out) ? -EFBIG : 0;
}

/* ---- either ---- */

static int
get(struct files *f, const char *path, struct buf *out,
    int (*get_disk)(const char *path, struct buf *out))
{
	size_t before = out->len;
	const struct kept *k;
	int error;

	if (files_are_kept(f)) {
		k = find(f, path);
		if (k == NULL)
			return -ENOENT;
		buf_add_slice(out, buf_slice(&k->content));
		return buf_failed(out) ? -EFBIG : k->error;
	}
	error = get_disk(path, out);
	if (f != NULL)
		keep(f, slice_str(path), error, error < 0 ? slice_str("") :
		    slice_sub(buf_slice(out), before, out->len));
	return error;
}

int
files_read(struct files *f, const char *path, struct buf *out)
{
	return get(f, path, out, read_disk);
}

int
files_list(struct files *f, const char *path, struct buf *out)
{
	return get(f, path, out, list_disk);
}

/* ---- handing over ---- */

static void
add_word(struct buf *out, uint64_t value)
{
	uint8_t word[WORD];

	bytes_put_be(word, WORD, value);
	buf_add(out, word, WORD);
}

int
files_memory(void)
{
	int fd = memfd_create("assent", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd < 0 ? -errno : fd;
}

int
files_seal(int fd)
{
	return fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK |
	    F_SEAL_GROW | F_SEAL_WRITE) < 0 ? -errno : 0;
}

int
files_write_fd(int fd, struct slice data)
{
	while (data.len > 0) {
		ssize_t n = write(fd, data.p, data.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data = slice_sub(data, (size_t)n, data.len);
	}
	return 0;
}

int
files_save(const struct files *f, int fd)
{
	struct buf all = { 0 };
	int error;

	for (size_t i = 0; i < f->count; i++) {
		const struct kept *k = &f->kept[i];

		add_word(&all, (uint64_t)-k->error);
		add_word(&all, strlen(k->path));
		add_word(&all, k->content.len);
		buf_add_str(&all, k->path);
		buf_add_slice(&all, buf_slice(&k->content));
	}
	error = files_write_fd(fd, buf_slice(&all));
	buf_fini(&all);
	return error;
}

static size_t
take_word(struct slice *rest)
{
	size_t value = (size_t)bytes_get_be((const uint8_t *)rest->p, WORD);

	*rest = slice_sub(*rest, WORD, rest->len);
	return value;
}

static bool
take_one(struct files *f, struct slice *rest)
{
	size_t error, path, content;

	if (rest->len < HEAD_SIZE)
		return false;
	error = take_word(rest);
	path = take_word(rest);
	content = take_word(rest);
	if (error > INT16_MAX || path > rest->len ||
	    content > rest->len - path)
		return false;
	keep(f, slice_sub(*rest, 0, path), -(int)error,
	    slice_sub(*rest, path, path + content));
	*rest = slice_sub(*rest, path + content, rest->len);
	return true;
}

int
files_read_fd(int fd, struct buf *out)
{
	char chunk[65536];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), at)) > 0) {
		buf_add(out, chunk, (size_t)n);
		at += n;
	}
	return n < 0 ? -errno : 0;
}

struct files *
files_of(int fd)
{
	struct files *f = files_new();
	struct buf all = { 0 };
	struct slice rest;
	bool good = files_read_fd(fd, &all) == 0;

	f->from_another = true;
	rest = buf_slice(&all);
	while (good && rest.len > 0)
		good = take_one(f, &rest);
	buf_fini(&all);
	if (good)
		return f;
	files_free(f);
	return NULL;
}

int
files_sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = fd < 0 || fsync(fd) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return error;
}
