/* SPDX-License-Identifier: ISC */
/*
 * assentctl backup: a copy of the database, to stdout as it streams in.  It
 * ends with a line that only a whole one has (core/backup.h).
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "ctl/ctl.h"

/* To the file at once, so that a full disk is noticed when it is. */
static bool
copy(struct slice content, void *arg)
{
	int *error = arg;

	while (content.len > 0) {
		ssize_t n = write(STDOUT_FILENO, content.p, content.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			*error = errno;
			return false;
		}
		content = slice_sub(content, (size_t)n, content.len);
	}
	return true;
}

/* What is no file can't be synced, and needn't. */
static int
sync_output(void)
{
	return fsync(STDOUT_FILENO) < 0 && errno != EINVAL &&
	    errno != EROFS ? errno : 0;
}

static int
backup(const struct ctl *ctl)
{
	int error = 0, answer;

	if (isatty(STDOUT_FILENO)) {
		ctl_fail("this is not for a terminal: give it a file, as in: "
		    "assentctl backup > FILE");
		return CTL_USAGE;
	}
	answer = client_get(ctl->client, "/backup", (struct slice){ 0 }, copy,
	    &error);
	if (answer == 200)
		error = sync_output();
	if (error != 0)
		return ctl_fail("the backup can't be written: %s",
		    strerror(error));
	return answer == 200 ? CTL_DONE : ctl_refused(ctl, answer);
}

const struct ctl_command ctl_backup[] = {
	{ .name = "backup", .what = "a copy of the database, to stdout",
	    .run = backup },
	{ .name = NULL },
};
