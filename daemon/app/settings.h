/* SPDX-License-Identifier: ISC */
/*
 * What the administrator wrote, read and checked: the config, and the
 * templates that it names.
 */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

struct buf;
struct config;
struct files;
struct templates;

struct settings {
	struct config *config;
	struct templates *templates;
};

/*
 * Reads both; -1 after adding every mistake to `errors`, one "FILE:LINE: …" a
 * line; then both are NULL.  NULL for the files: from the disk.
 */
int settings_read(struct settings *, struct files *, const char *path,
    struct buf *errors, struct buf *warnings);
/* Both may be NULL, and are then. */
void settings_free(struct settings *);

#endif
