/* SPDX-License-Identifier: ISC */
/*
 * assentctl fsck: looks over the database of a daemon that is stopped.  A
 * child does it: a file that is damaged below the rows can take down whoever
 * reads it.
 */
#include "app/engine/fsck.h"

#include <sys/wait.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "ctl/ctl.h"

/* CTL_DONE: nothing was found. */
enum { FOUND = 1, CANNOT_LOOK = 2 };

static void
on_finding(const char *table, struct slice key, const char *what, void *arg)
{
	struct buf hex = { 0 };

	(void)arg;
	bytes_add_hex(&hex, key.p, key.len);
	printf("%s %s %s\n", table, buf_str(&hex), what);
	buf_fini(&hex);
}

static int
look(const struct fsck_target *target)
{
	struct buf error = { 0 };
	struct fsck_totals totals;
	int ret = fsck_run(target, on_finding, NULL, &totals, &error);

	if (ret < 0)
		ctl_fail("%s", buf_str(&error));
	else
		printf("%" PRIu64 " rows, %" PRIu64 " findings\n",
		    totals.rows, totals.findings);
	buf_fini(&error);
	if (ret < 0)
		return CANNOT_LOOK;
	return totals.findings > 0 ? FOUND : CTL_DONE;
}

static int
look_in_a_child(const struct fsck_target *target)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		status = look(target);
		_exit(fflush(stdout) == 0 ? status : CANNOT_LOOK);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		ctl_fail("cannot start a process: %s", strerror(errno));
		return CANNOT_LOOK;
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	ctl_fail("the file is damaged below its rows: reading it ended with "
	    "signal %d; restore a backup of it", WTERMSIG(status));
	return FOUND;
}

static struct fsck_target *
find_target(const struct ctl *ctl, struct buf *error)
{
	const char *folder = ctl_option(ctl, "database");
	const char *config = ctl_option(ctl, "config");

	if (folder != NULL)
		return fsck_target_of_folder(folder, error);
	return fsck_target_of_config(config != NULL ? config :
	    SYSCONFDIR "/assent/assent.conf", error);
}

/* What is wrong with a config is a line for each mistake. */
static int
cannot_look(const struct buf *error)
{
	struct slice rest = buf_slice(error), line;

	while (rest.len > 0 && slice_split(&rest, '\n', &line))
		ctl_fail("%.*s", SLICE_FMT(line));
	return CANNOT_LOOK;
}

static int
fsck(const struct ctl *ctl)
{
	struct buf error = { 0 };
	struct fsck_target *target = find_target(ctl, &error);
	int status = target != NULL ? look_in_a_child(target) :
	    cannot_look(&error);

	fsck_target_free(target);
	buf_fini(&error);
	return status;
}

const struct ctl_command ctl_fsck[] = {
	{ .name = "fsck",
	    .usage = "[-f CONFIG | -d FOLDER]",
	    .what = "look over the database of a daemon that is stopped",
	    .options = "config database",
	    .run = fsck },
	{ .name = NULL },
};
