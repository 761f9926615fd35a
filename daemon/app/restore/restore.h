/* SPDX-License-Identifier: ISC */
/*
 * Putting a backup in the place of the database of a daemon that is stopped:
 * all or nothing, and what was there before stays beside it.
 */
#ifndef APP_RESTORE_H
#define APP_RESTORE_H

#include <stdint.h>

struct buf;

struct restored {
	int64_t begun_at;	/* when the backup was, microseconds */
	char *database;		/* the folder, owned */
	char *former;		/* what was there, owned; NULL: nothing was */
};

/*
 * Of the config at that path.  0; or -1 after adding lines to `error`, or, of
 * what the engine says, to stderr: then nothing has changed.  As root it
 * becomes the config's user, for good.
 */
int restore_run(const char *config, const char *file,
    struct restored *ret_restored, struct buf *error);

/* Is it whole?  0; or -1 after adding a line to `error`. */
int restore_check(const char *file, int64_t *ret_begun_at,
    struct buf *error);

#endif
