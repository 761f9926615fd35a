/* SPDX-License-Identifier: ISC */
/*
 * Prepares a start, step by step, and says clearly which step failed: what is
 * there once and for all.  If root, what a child must be able to do later is
 * tried here as its user.
 */
#include "app/parent/launch_step.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/engine/secret_file.h"
#include "app/parent/generation.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/disk.h"
#include "io/passed.h"

void
launch_say(const struct launch_step *s, unsigned line, const char *fmt, ...)
{
	va_list ap;

	buf_printf(s->error, "%s:%u: ", s->config->path, line);
	va_start(ap, fmt);
	buf_vprintf(s->error, fmt, ap);
	va_end(ap);
	buf_add_char(s->error, '\n');
}

const struct proc_user *
launch_user(const struct launch *l)
{
	return l->changes_user ? &l->user : NULL;
}

static int
find_user(struct launch *l, struct launch_step *s)
{
	const char *name = s->config->user;
	unsigned line = s->config->lines.user;

	if (geteuid() != 0)
		return 0;
	if (name[0] == '\0') {
		launch_say(s, line, "`user` is required when started as "
		    "root: name the user that the processes become, such as "
		    "user = \"assent\"");
		return -1;
	}
	l->user_name = mem_strdup(name);
	if (proc_find_user(l->user_name, &l->user) < 0) {
		launch_say(s, line, "user = %s: there is no such user on "
		    "this system: make it (useradd --system %s), or name "
		    "another", name, name);
		return -1;
	}
	if (l->user.uid == 0) {
		launch_say(s, line, "user = %s: that is root again: name one "
		    "without privileges", name);
		return -1;
	}
	l->changes_user = true;
	return 0;
}

int
launch_make_folder(const struct launch_step *s, const char *path, mode_t mode)
{
	const struct proc_user *user = launch_user(s->launch);
	int fd, ret = 0;

	if (mkdir(path, mode) < 0)
		return errno == EEXIST ? 0 : -errno;
	if (user == NULL)
		return 0;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fchown(fd, user->uid, user->gid) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* May whoever the engine runs as make files there? */
static int
try_folder(const struct launch_step *s, const char *path)
{
	const struct proc_user *user = launch_user(s->launch);
	struct stat st;
	int error = proc_pretend(user);

	if (error < 0)
		return error;
	if (stat(path, &st) < 0)
		error = -errno;
	else if (!S_ISDIR(st.st_mode))
		error = -ENOTDIR;
	else if (faccessat(AT_FDCWD, path, R_OK | W_OK | X_OK,
	    AT_EACCESS) < 0)
		error = -errno;
	proc_pretend_end(user);
	return error;
}

/* Before all else that has something to say. */
static int
open_log(struct launch *l, struct launch_step *s)
{
	(void)l;
	if (launch_open_log(s) < 0)
		return -1;
	generation_log(s->generation);
	log_rename("parent");
	return 0;
}

/* A map that two machines share isn't one, nor is a lock. */
static int
check_disk(const struct launch_step *s, const char *path)
{
	const char *name;

	switch (disk_of(path, &name)) {
	case DISK_LOCAL:
		break;
	case DISK_MEMORY:
		log_warn("database_in_memory", log_str("path", path),
		    log_str("file_system", name));
		break;
	case DISK_MAYBE_REMOTE:
		log_warn("database_maybe_remote", log_str("path", path),
		    log_str("file_system", name));
		break;
	case DISK_REMOTE:
		launch_say(s, s->config->lines.database, "database = %s: "
		    "that is on another machine (%s), where it would be "
		    "damaged: want a folder on a disk of this one", path,
		    name);
		return -1;
	}
	return 0;
}

static int
prepare_database(struct launch *l, struct launch_step *s)
{
	const struct proc_user *user = launch_user(l);
	const char *path = s->config->database;
	unsigned line = s->config->lines.database;
	int error = launch_make_folder(s, path, 0700);

	if (error < 0) {
		launch_say(s, line, "database = %s: cannot make this folder: "
		    "%s: make it, or name another", path, strerror(-error));
		return -1;
	}
	error = try_folder(s, path);
	if (error < 0) {
		launch_say(s, line, "database = %s: cannot write to it%s%s: "
		    "%s: want a folder of that user's own", path,
		    user != NULL ? " as user " : "",
		    user != NULL ? user->name : "", strerror(-error));
		return -1;
	}
	return check_disk(s, path);
}

static int
make_secret(const struct launch_step *s)
{
	const char *path = s->config->secret_file;
	unsigned line = s->config->lines.secret_file;
	char *data = mem_printf("%s/data.mdb", s->config->database);
	bool has_database = access(data, F_OK) == 0;
	int error;

	free(data);
	if (has_database) {
		launch_say(s, line, "secret_file = %s: it is not there, but "
		    "the database in %s is: put back the secret that it was "
		    "made with", path, s->config->database);
		return -1;
	}
	error = secret_file_make(path);
	if (error < 0 && error != -EEXIST) {
		launch_say(s, line, "secret_file = %s: cannot make it: %s: "
		    "want a place in a folder that is there and can be "
		    "written", path, strerror(-error));
		return -1;
	}
	log_info("secret_made", log_str("path", path));
	return 0;
}

static int
open_secret(struct launch *l, struct launch_step *s)
{
	const char *path = s->config->secret_file;
	struct buf wrong = { 0 };

	if (access(path, F_OK) < 0 && errno == ENOENT && make_secret(s) < 0)
		return -1;
	l->secret = secret_file_open(path, &wrong);
	if (l->secret < 0)
		launch_say(s, s->config->lines.secret_file,
		    "secret_file = %s: %s", path, buf_str(&wrong));
	buf_fini(&wrong);
	return l->secret < 0 ? -1 : 0;
}

/* What a later config is held against. */
static int
remember(struct launch *l, struct launch_step *s)
{
	l->path = mem_strdup(s->config->path);
	l->database = mem_strdup(s->config->database);
	l->secret_file = mem_strdup(s->config->secret_file);
	l->config_user = mem_strdup(s->config->user);
	l->map_size = s->config->map_size;
	l->has_syslog = strcmp(s->config->log.target, "syslog") == 0;
	return 0;
}

static int
fill(struct launch *l, struct launch_step *s)
{
	(void)l;
	return launch_fill(s);
}

int
launch_init(struct launch *launch, struct generation *first, bool debug,
    struct buf *error)
{
	static int (*const steps[])(struct launch *, struct launch_step *) = {
		find_user, open_log, prepare_database, open_secret,
		remember, fill,
	};
	struct launch_step step = { launch, first, NULL,
	    first->settings.config, error };

	*launch = (struct launch){ .debug = debug, .secret = -1,
	    .passed = passed_take(error) };
	if (launch->passed == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i](launch, &step) < 0)
			return -1;
	}
	return 0;
}

void
launch_fini(struct launch *launch)
{
	free(launch->user_name);
	free(launch->path);
	free(launch->database);
	free(launch->secret_file);
	free(launch->config_user);
	passed_free(launch->passed);
}
