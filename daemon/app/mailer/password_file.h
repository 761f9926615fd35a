/* SPDX-License-Identifier: ISC */
/*
 * The password for the mail server: one line in a file, opened by the parent,
 * so that it may be root's alone, and read by the mailer.
 */
#ifndef APP_PASSWORD_FILE_H
#define APP_PASSWORD_FILE_H

#include <stdbool.h>

struct buf;

enum { PASSWORD_MAX = 255 };

/* Opens it for reading; -1 after adding to `error` why not. */
int password_file_open(const char *path, struct buf *error);
/* May everybody on this machine read it? */
bool password_file_is_open_to_all(int fd);
/*
 * Reads it from an fd, wherever that stands, without its line end.  Owned,
 * for password_free; NULL when it isn't one line of 1 to PASSWORD_MAX bytes.
 */
char *password_file_read(int fd);
/* Clears it; NULL is fine. */
void password_free(char *password);

#endif
