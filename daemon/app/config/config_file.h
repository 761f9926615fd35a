/* SPDX-License-Identifier: ISC */
/*
 * The config file: read, checked, and turned into core/config's values.
 */
#ifndef APP_CONFIG_FILE_H
#define APP_CONFIG_FILE_H

struct buf;
struct config;
struct files;

/*
 * Reads and checks a file.  Owned; NULL after adding to `errors` every mistake
 * found, one "FILE:LINE: what is wrong and what would be right" a line.  What
 * is legal but unwise goes to `warnings` in the same form.
 */
struct config *config_load(const char *path, struct buf *errors,
    struct buf *warnings);
/*
 * The same from files that are kept.  If another process read them, it has
 * looked at what else the values name (certificates, the password): nothing
 * but the text is checked again.
 */
struct config *config_load_from(struct files *, const char *path,
    struct buf *errors, struct buf *warnings);

#endif
