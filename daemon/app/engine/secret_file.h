/* SPDX-License-Identifier: ISC */
/*
 * The secret file: made once, before the first start with a database, and
 * read by the engine alone.  Text, one thing a line:
 *   assent-secret 1
 *   index HEX            32 bytes; never changes
 *   token ID HEX         64 bytes, ID 0..15; the newest first
 */
#ifndef APP_SECRET_FILE_H
#define APP_SECRET_FILE_H

#include <stdint.h>

#include "core/token.h"

struct buf;

enum { SECRET_INDEX_SIZE = 32 };

/* Whoever has read it gives it to secret_wipe; zero is none. */
struct secret {
	uint8_t index[SECRET_INDEX_SIZE];
	struct token_keys tokens;
};

/*
 * Makes one of random keys, mode 0600, whole and on disk or not at all.  0, or
 * negative errno: -EEXIST when there is a file of that name.
 */
int secret_file_make(const char *path);
/*
 * Opens it for reading; -1 after adding to `error` what is wrong with it and
 * what would be right: it isn't there, or others could read it.
 */
int secret_file_open(const char *path, struct buf *error);
/* Reads it from an fd, wherever that stands; -1 when it isn't one. */
int secret_file_read(int fd, struct secret *ret_secret);
void secret_wipe(struct secret *);

/* What a database holds to tell its own secret from another. */
void secret_check(const struct secret *, uint8_t ret_check[32]);
/* What an address's rows are found by, of its address key. */
void secret_hash_address(const struct secret *, const char *address_key,
    uint8_t ret_hash[32]);

#endif
