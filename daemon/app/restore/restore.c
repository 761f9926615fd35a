/* SPDX-License-Identifier: ISC */
/*
 * In a folder below the database's the backup is made what is to be the new
 * database, by an engine of its own (app/engine/carry.h).  Nothing of the old
 * one has changed until that takes its place.
 */
#include "app/restore/restore.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/child_start.h"
#include "app/engine/carry.h"
#include "app/engine/secret_file.h"
#include "app/engine/store.h"
#include "app/restore/restore_file.h"
#include "app/settings.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/files.h"
#include "io/kv.h"
#include "io/lock.h"
#include "io/proc.h"

struct restore {
	const char *config_path, *file;
	struct settings settings;
	const char *folder;		/* of the database, borrowed */
	int backup, secret, lock;	/* -1: not open */
	struct restored *restored;
	struct buf *error;
};

static int
say(const struct restore *r, const char *what, const char *why)
{
	buf_printf(r->error, "%s: %s\n", what, why);
	return -1;
}

static char *
path_of(const struct restore *r, const char *name)
{
	return mem_printf("%s/%s", r->folder, name);
}

/* What is below the work folder, in the order in which it goes. */
static const char *const work[] = { "restore/former/data.mdb",
	"restore/former", "restore/data.mdb", "restore/lock.mdb",
	"restore/lock", "restore/journal", "restore/compact.mdb",
	"restore/new.mdb",
	"restore" };

static void
remove_work(const struct restore *r)
{
	for (size_t i = 0; i < sizeof(work) / sizeof(work[0]); i++) {
		char *path = path_of(r, work[i]);

		if (unlink(path) < 0 && errno == EISDIR)
			(void)rmdir(path);
		free(path);
	}
}

static int
make_file(const struct restore *r, const char *name)
{
	char *path = path_of(r, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		say(r, path, strerror(errno));
	free(path);
	return fd;
}

/* ---- the steps ---- */

static int
read_settings(struct restore *r)
{
	struct files *files = files_new();
	struct buf warnings = { 0 };
	int ret = settings_read(&r->settings, files, r->config_path, r->error,
	    &warnings);

	files_free(files);
	buf_fini(&warnings);
	if (ret == 0)
		r->folder = r->settings.config->database;
	return ret;
}

/* What root alone may read, perhaps. */
static int
open_files(struct restore *r)
{
	const char *path = r->settings.config->secret_file;
	struct buf why = { 0 };

	r->backup = open(r->file, O_RDONLY | O_CLOEXEC);
	if (r->backup < 0)
		return say(r, r->file, strerror(errno));
	r->secret = secret_file_open(path, &why);
	if (r->secret < 0)
		say(r, path, buf_str(&why));
	buf_fini(&why);
	return r->secret < 0 ? -1 : 0;
}

/* So that the daemon can open what is made here. */
static int
become_user(struct restore *r)
{
	const char *name = r->settings.config->user;
	struct proc_user user;
	int error;

	if (geteuid() != 0 || name == NULL || name[0] == '\0')
		return 0;
	if (proc_find_user(name, &user) < 0)
		return say(r, name, "there is no such user");
	error = proc_become(&user);
	return error < 0 ? say(r, name, strerror(-error)) : 0;
}

static int
take_lock(struct restore *r)
{
	char *path = path_of(r, "lock");

	r->lock = lock_take(path);
	free(path);
	if (r->lock == -EWOULDBLOCK)
		return say(r, r->folder, "an assentd runs on this database: "
		    "stop it first");
	if (r->lock == -ENOENT)
		return say(r, r->folder, "there is no such folder: make it, "
		    "and give it to the daemon's user");
	return r->lock < 0 ? say(r, r->folder, strerror(-r->lock)) : 0;
}

static int
read_backup(struct restore *r)
{
	char *folder = path_of(r, "restore");
	struct buf why = { 0 };
	int to = -1, ret = -1;

	remove_work(r);
	if (mkdir(folder, 0700) < 0)
		say(r, folder, strerror(errno));
	else
		to = make_file(r, "restore/data.mdb");
	free(folder);
	if (to < 0)
		return -1;
	ret = restore_file_read(r->backup, to, &r->restored->begun_at, &why);
	if (ret < 0)
		say(r, r->file, buf_str(&why));
	close(to);
	buf_fini(&why);
	return ret;
}

/* One that can't be opened is told of by whoever reads it; but that reads no
 * journal. */
static void
open_former(const struct restore *r)
{
	struct store *store;
	int error = store_open(r->folder, r->settings.config->map_size,
	    &store);

	if (error < 0)
		log_warn("former_database", log_str("path", r->folder),
		    log_str("why", store_strerror(error)));
	else
		store_close(store);
}

/* What a crash left in its journal is taken in, as by a start: somebody may
 * have left. */
static int
settle_former(struct restore *r)
{
	char *path = path_of(r, "data.mdb");
	bool is_there = access(path, F_OK) == 0;
	int channel = -1;
	pid_t pid;

	free(path);
	if (!is_there)
		return 0;
	pid = proc_fork(&channel);
	if (pid == 0) {
		open_former(r);
		_exit(0);
	}
	if (pid < 0)
		return say(r, "cannot start a process", strerror(-pid));
	close(channel);
	(void)waitpid(pid, NULL, 0);
	return 0;
}

/* Under another name, by which nobody changes it. */
static int
find_former(struct restore *r)
{
	char *from = path_of(r, "data.mdb");
	char *folder = path_of(r, "restore/former");
	char *to = path_of(r, "restore/former/data.mdb");
	int ret = 0;

	if (access(from, F_OK) == 0 && (mkdir(folder, 0700) < 0 ||
	    link(from, to) < 0))
		ret = say(r, from, strerror(errno));
	free(from);
	free(folder);
	free(to);
	return ret;
}

/* ---- its engine ---- */

static void
run_engine(struct restore *r, int control)
{
	struct config *config = r->settings.config;
	const struct child_start start = { .role = ROLE_ENGINE,
	    .generation = 1, .control = control, .config = config,
	    .templates = r->settings.templates, .secret = r->secret,
	    .password = -1, .copy = -1 };

	log_rename("restore");
	config->database = path_of(r, "restore");
	_exit(child_main(&start, carry_main));
}

/* It is told to stop as soon as it is ready; until it is gone. */
static void
watch_engine(int channel)
{
	const struct control stop = { .type = CONTROL_STOP };
	struct pollfd wait = { .fd = channel, .events = POLLIN };
	struct control control;
	int fd, ret;

	do {
		(void)poll(&wait, 1, -1);
		ret = proc_recv(channel, &control, sizeof(control), &fd);
		if (fd >= 0)
			close(fd);
		if (ret == 1 && control.type == CONTROL_READY)
			(void)proc_send(channel, &stop, sizeof(stop), -1);
	} while (ret == 1 || ret == -EAGAIN || ret == -EINTR);
}

static int
carry_over(struct restore *r)
{
	int channel, status = 0;
	pid_t pid = proc_fork(&channel);

	if (pid == 0)
		run_engine(r, channel);
	if (pid < 0)
		return say(r, "cannot start a process", strerror(-pid));
	watch_engine(channel);
	close(channel);
	if (waitpid(pid, &status, 0) == pid && WIFSIGNALED(status))
		return say(r, r->folder, "the former database can't be read: "
		    "to restore without what it knows, move its data.mdb "
		    "away");
	return status == 0 ? 0 : -1;	/* it has said why */
}

/* ---- its place ---- */

/* Whoever was erased by it isn't in what is left free either. */
static int
compact(struct restore *r)
{
	char *folder = path_of(r, "restore");
	int fd = make_file(r, "restore/new.mdb"), error = -1;

	if (fd >= 0) {
		error = kv_copy(folder, r->settings.config->map_size, fd);
		if (error == 0 && fsync(fd) < 0)
			error = -errno;
		if (error < 0)
			say(r, folder, kv_strerror(error));
		close(fd);
	}
	free(folder);
	return error < 0 ? -1 : 0;
}

/* Several may have been made in one second. */
static int
keep_former(struct restore *r, const char *from)
{
	enum { TRIES = 100 };
	char time[CLOCK_RFC3339_SIZE];
	int ret;

	if (access(from, F_OK) < 0)
		return 0;
	clock_rfc3339(clock_wall_us(), time);
	r->restored->former = mem_printf("%s/data-%s.mdb", r->folder, time);
	ret = link(from, r->restored->former);
	for (int i = 2; ret < 0 && errno == EEXIST && i < TRIES; i++) {
		free(r->restored->former);
		r->restored->former = mem_printf("%s/data-%s-%d.mdb",
		    r->folder, time, i);
		ret = link(from, r->restored->former);
	}
	return ret < 0 ? say(r, r->restored->former, strerror(errno)) : 0;
}

static int
sync_folder(const struct restore *r)
{
	int error = files_sync_folder(r->folder);

	return error < 0 ? say(r, r->folder, strerror(-error)) : 0;
}

/*
 * They are about the other file, and a journal that has seen more commits would
 * keep a start from the restored one.  The former doesn't need it any more.
 */
static int
remove_companions(const struct restore *r)
{
	static const char *const names[] = { "lock.mdb", "journal" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = path_of(r, names[i]);

		(void)unlink(path);
		free(path);
	}
	return sync_folder(r);
}

/* At each moment there is one of them. */
static int
swap(struct restore *r)
{
	char *from = path_of(r, "restore/new.mdb");
	char *to = path_of(r, "data.mdb");
	int ret = keep_former(r, to);

	if (ret == 0)
		ret = remove_companions(r);
	if (ret == 0 && rename(from, to) < 0)
		ret = say(r, to, strerror(errno));
	if (ret == 0)
		ret = sync_folder(r);
	free(from);
	free(to);
	return ret;
}

static void
restore_fini(struct restore *r)
{
	const int fds[] = { r->backup, r->secret, r->lock };

	if (r->lock >= 0)
		remove_work(r);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
	settings_free(&r->settings);
}

int
restore_run(const char *config, const char *file,
    struct restored *ret_restored, struct buf *error)
{
	static int (*const steps[])(struct restore *) = { read_settings,
	    open_files, become_user, take_lock, read_backup, settle_former,
	    find_former, carry_over, compact, swap };
	struct restore r = { .config_path = config, .file = file,
	    .backup = -1, .secret = -1, .lock = -1,
	    .restored = ret_restored, .error = error };
	int ret = 0;

	*ret_restored = (struct restored){ 0 };
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && ret == 0;
	    i++)
		ret = steps[i](&r);
	if (ret == 0)
		ret_restored->database = mem_strdup(r.folder);
	restore_fini(&r);
	return ret;
}

int
restore_check(const char *file, int64_t *ret_begun_at, struct buf *error)
{
	const struct restore r = { .error = error };
	struct buf why = { 0 };
	int fd = open(file, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return say(&r, file, strerror(errno));
	ret = restore_file_read(fd, -1, ret_begun_at, &why);
	if (ret < 0)
		say(&r, file, buf_str(&why));
	close(fd);
	buf_fini(&why);
	return ret;
}
