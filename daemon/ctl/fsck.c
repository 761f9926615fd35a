/* SPDX-License-Identifier: ISC */
/*
 * assentctl fsck: looks over the database of a daemon that is stopped.  A
 * child does it: a file that is damaged below the rows can take down whoever
 * reads it.
 */
#include "ctl/fsck.h"

#include <sys/wait.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "io/json.h"

/* Takes it. */
static void
print_json(struct json *object)
{
	struct buf line = { 0 };

	json_write(object, &line);
	puts(buf_str(&line));
	buf_fini(&line);
	json_free(object);
}

static void
on_finding(const char *table, struct slice key, const char *what, void *arg)
{
	const bool *json = arg;
	struct json *object;
	struct buf hex = { 0 };

	bytes_add_hex(&hex, key.p, key.len);
	if (*json) {
		object = json_new_object();
		json_put_text(object, "table", slice_str(table));
		json_put_text(object, "key", buf_slice(&hex));
		json_put_text(object, "finding", slice_str(what));
		print_json(object);
	} else {
		printf("%s %s %s\n", table, buf_str(&hex), what);
	}
	buf_fini(&hex);
}

static void
print_totals(bool json, const struct fsck_totals *totals)
{
	struct json *object;

	if (json) {
		object = json_new_object();
		json_put_number(object, "rows", (int64_t)totals->rows);
		json_put_number(object, "findings",
		    (int64_t)totals->findings);
		print_json(object);
	} else {
		printf("%" PRIu64 " rows, %" PRIu64 " findings\n",
		    totals->rows, totals->findings);
	}
}

static int
look(const struct ctl *ctl, const struct fsck_target *target)
{
	bool json = ctl->json;
	struct buf error = { 0 };
	struct fsck_totals totals;
	int ret = fsck_run(target, on_finding, &json, &totals, &error);

	if (ret < 0)
		ctl_fail("%s", buf_str(&error));
	else
		print_totals(json, &totals);
	buf_fini(&error);
	if (ret < 0)
		return CTL_FSCK_CANNOT;
	return totals.findings > 0 ? CTL_FSCK_FOUND : CTL_DONE;
}

/* By what it read; or by somebody. */
static int
was_killed(int signal)
{
	if (signal != SIGBUS && signal != SIGSEGV && signal != SIGABRT) {
		ctl_fail("ended by signal %d before the end", signal);
		return CTL_FSCK_CANNOT;
	}
	ctl_fail("the file is damaged below its rows, or its disk is: "
	    "reading it ended with signal %d; restore a backup", signal);
	return CTL_FSCK_FOUND;
}

int
ctl_fsck_look(const struct ctl *ctl, const struct fsck_target *target)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		status = look(ctl, target);
		_exit(fflush(stdout) == 0 ? status : CTL_FSCK_CANNOT);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		ctl_fail("cannot start a process: %s", strerror(errno));
		return CTL_FSCK_CANNOT;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    was_killed(WTERMSIG(status));
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
	return CTL_FSCK_CANNOT;
}

static int
fsck(const struct ctl *ctl)
{
	struct buf error = { 0 };
	struct fsck_target *target = find_target(ctl, &error);
	int status = target != NULL ? ctl_fsck_look(ctl, target) :
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
