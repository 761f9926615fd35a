/* SPDX-License-Identifier: ISC */
/*
 * assentctl restore: puts a backup in the place of the database of a daemon
 * that is stopped, or only looks it over.
 */
#include "app/restore/restore.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "ctl/fsck.h"

/* Each mistake as an error of its own. */
static int
fail(const struct buf *error)
{
	struct slice rest = buf_slice(error), line;

	while (rest.len > 0 && slice_split(&rest, '\n', &line))
		ctl_fail("%.*s", SLICE_FMT(line));
	return CTL_FAILED;
}

/* What is in it is as good as what it was copied from. */
static int
check_rows(const struct ctl *ctl, const char *path)
{
	struct fsck_target *target = fsck_target_of_backup(path);
	int status = ctl_fsck_look(ctl, target);

	fsck_target_free(target);
	return status == CTL_DONE ? CTL_DONE : CTL_FAILED;
}

static int
check(const struct ctl *ctl, const char *path)
{
	char time[CLOCK_RFC3339_SIZE];
	struct buf error = { 0 };
	int64_t begun_at;
	int status;

	if (restore_check(path, &begun_at, &error) < 0) {
		status = fail(&error);
	} else {
		clock_rfc3339(begun_at, time);
		printf("%s: whole, of %s\n", path, time);
		fflush(stdout);
		status = check_rows(ctl, path);
	}
	buf_fini(&error);
	return status;
}

static void
tell(const struct restored *restored)
{
	char time[CLOCK_RFC3339_SIZE];

	clock_rfc3339(restored->begun_at, time);
	printf("%s: the database is that of %s\n", restored->database, time);
	if (restored->former != NULL)
		printf("Whoever left, objected or was erased since then has "
		    "done so in it, too.\nThe former one is kept until you "
		    "remove it: %s\n", restored->former);
	else
		puts("There was none before it: who left, objected or was "
		    "erased since then isn't known,\nand is subscribed "
		    "again.  Mails that waited then are dropped, but for "
		    "those that\nask to confirm.");
}

static int
restore(const struct ctl *ctl)
{
	const char *config = ctl_option(ctl, "config");
	struct restored restored;
	struct buf error = { 0 };
	int status = CTL_DONE;

	if (ctl_option(ctl, "check") != NULL)
		return check(ctl, ctl->args[0]);
	umask(077);
	(void)log_open("stderr", "restore", LOG_LEVEL_INFO);
	if (restore_run(config != NULL ? config :
	    SYSCONFDIR "/assent/assent.conf", ctl->args[0], &restored,
	    &error) == 0)
		tell(&restored);
	else
		status = fail(&error);
	free(restored.database);
	free(restored.former);
	buf_fini(&error);
	return status;
}

const struct ctl_command ctl_restore[] = {
	{ .name = "restore", .usage = "[-f CONFIG] [--check] FILE",
	    .what = "put a backup in the place of the database",
	    .options = "config check", .min_args = 1, .max_args = 1,
	    .run = restore },
	{ .name = NULL },
};
