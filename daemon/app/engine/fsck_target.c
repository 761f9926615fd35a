/* SPDX-License-Identifier: ISC */
/*
 * Which database to look at, and that no daemon has it meanwhile.
 */
#include "app/config/config_file.h"
#include "app/engine/fsck_private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/lock.h"

void
fsck_target_free(struct fsck_target *t)
{
	if (t == NULL)
		return;
	if (t->lock >= 0)
		close(t->lock);
	secret_wipe(&t->secret);
	free(t->folder);
	free(t);
}

/* A copy that no daemon ever ran on has no lock to take, and gets none: it
 * would be root's, perhaps, and keep the daemon out. */
static int
lock(struct fsck_target *t, struct buf *error)
{
	char *path = mem_printf("%s/lock", t->folder);

	t->lock = lock_take_existing(path);
	free(path);
	if (t->lock >= 0 || t->lock == -ENOENT)
		return 0;
	if (t->lock == -EWOULDBLOCK)
		buf_printf(error, "%s: an assentd runs on this database: "
		    "stop it first", t->folder);
	else
		buf_printf(error, "%s: cannot lock the database: %s",
		    t->folder, strerror(-t->lock));
	return -1;
}

struct fsck_target *
fsck_target_of_folder(const char *folder, struct buf *error)
{
	struct fsck_target *t = MEM_NEW(struct fsck_target);

	t->folder = mem_strdup(folder);
	if (lock(t, error) == 0)
		return t;
	fsck_target_free(t);
	return NULL;
}

struct fsck_target *
fsck_target_of_backup(const char *path)
{
	struct fsck_target *t = MEM_NEW(struct fsck_target);

	t->folder = mem_strdup(path);
	t->lock = -1;
	return t;
}

static int
read_secret(struct fsck_target *t, const char *path, struct buf *error)
{
	struct buf why = { 0 };
	int fd = secret_file_open(path, &why), ret = -1;

	if (fd < 0)
		buf_printf(error, "%s: %s", path, buf_str(&why));
	else if (secret_file_read(fd, &t->secret) < 0)
		buf_printf(error, "%s: this is not a secret file", path);
	else
		ret = 0;
	if (fd >= 0)
		close(fd);
	buf_fini(&why);
	t->has_secret = ret == 0;
	return ret;
}

struct fsck_target *
fsck_target_of_config(const char *path, struct buf *error)
{
	struct buf warnings = { 0 };
	struct config *config = config_load(path, error, &warnings);
	struct fsck_target *t = NULL;

	buf_fini(&warnings);
	if (config == NULL)
		return NULL;
	t = fsck_target_of_folder(config->database, error);
	if (t != NULL && read_secret(t, config->secret_file, error) < 0) {
		fsck_target_free(t);
		t = NULL;
	}
	config_free(config);
	return t;
}
