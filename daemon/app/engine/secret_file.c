/* SPDX-License-Identifier: ISC */
/*
 * Writes and reads the secret file.  Every buffer that held a key is cleared.
 */
#include "app/engine/secret_file.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/slice.h"

/* Room for the most that can be said, so that no copy is left behind. */
enum { FILE_MAX = 64 + 2 * SECRET_INDEX_SIZE +
	TOKEN_KEYS_MAX * (16 + 2 * CRYPTO_SIV_KEY_SIZE) };

static const char magic[] = "assent-secret 1";

static void
write_text(struct buf *out)
{
	uint8_t index[SECRET_INDEX_SIZE], token[CRYPTO_SIV_KEY_SIZE];

	crypto_random(index, sizeof(index));
	crypto_random(token, sizeof(token));
	buf_printf(out, "%s\nindex ", magic);
	bytes_add_hex(out, index, sizeof(index));
	buf_add_str(out, "\ntoken 0 ");
	bytes_add_hex(out, token, sizeof(token));
	buf_add_char(out, '\n');
	explicit_bzero(index, sizeof(index));
	explicit_bzero(token, sizeof(token));
}

static int
write_all(int fd, struct slice text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.p, text.len);

		if (n < 0)
			return -errno;
		text = slice_sub(text, (size_t)n, text.len);
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int
write_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	char room[FILE_MAX];
	struct buf text = { .p = room, .cap = sizeof(room) };
	int error;

	if (fd < 0)
		return -errno;
	write_text(&text);
	error = write_all(fd, buf_slice(&text));
	explicit_bzero(room, sizeof(room));
	if (close(fd) < 0 && error == 0)
		error = -errno;
	return error;
}

static int
sync_folder_of(const char *path)
{
	char *copy = mem_strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	free(copy);
	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0)
		error = -errno;
	close(fd);
	return error;
}

int
secret_file_make(const char *path)
{
	char *draft = mem_printf("%s.%d.new", path, (int)getpid());
	int error;

	(void)unlink(draft);	/* of a start that was cut short */
	error = write_file(draft);
	/* A link, unlike a rename, never replaces anything. */
	if (error == 0 && link(draft, path) < 0)
		error = -errno;
	(void)unlink(draft);
	free(draft);
	return error == 0 ? sync_folder_of(path) : error;
}

int
secret_file_open(const char *path, struct buf *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0) {
		buf_printf(error, "cannot read it: %s: give it to the user "
		    "that starts assentd", strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		buf_add_str(error, "it is no file: restore the secret that "
		    "the database was made with, or name another place");
	else if ((st.st_mode & (S_IRWXO | S_IWGRP)) != 0)
		buf_add_str(error, "others can read or write it: chmod 600 "
		    "it, and give it to the user that starts assentd");
	else
		return fd;
	close(fd);
	return -1;
}

static int
parse_token(struct slice value, struct token_keys *keys)
{
	ptrdiff_t blank = slice_find(value, ' ');
	uint8_t key[CRYPTO_SIV_KEY_SIZE];
	uint64_t id;
	int error;

	if (blank < 0 || keys->count == TOKEN_KEYS_MAX ||
	    num_parse_range(slice_sub(value, 0, (size_t)blank), 0,
	    TOKEN_KEYS_MAX - 1, &id) < 0)
		return -1;
	for (size_t i = 0; i < keys->count; i++) {
		if (keys->key[i].id == id)
			return -1;
	}
	error = bytes_from_hex(slice_sub(value, (size_t)blank + 1, value.len),
	    key, sizeof(key));
	if (error == 0)
		token_keys_add(keys, (uint8_t)id, key);
	explicit_bzero(key, sizeof(key));
	return error;
}

static int
parse_text(struct slice text, struct secret *secret)
{
	bool has_index = false;
	struct slice line;

	if (!slice_ends(text, "\n"))
		return -1;
	text.len--;
	if (!slice_split(&text, '\n', &line) || !slice_eq_str(line, magic))
		return -1;
	while (slice_split(&text, '\n', &line)) {
		struct slice value = slice_sub(line, 6, line.len);

		if (slice_starts(line, "index ") && !has_index) {
			has_index = true;
			if (bytes_from_hex(value, secret->index,
			    sizeof(secret->index)) < 0)
				return -1;
		} else if (!slice_starts(line, "token ") ||
		    parse_token(value, &secret->tokens) < 0) {
			return -1;
		}
	}
	return has_index && secret->tokens.count > 0 ? 0 : -1;
}

int
secret_file_read(int fd, struct secret *ret_secret)
{
	char text[FILE_MAX + 1];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	int ret = -1;

	*ret_secret = (struct secret){ 0 };
	if (n > 0 && n <= FILE_MAX)
		ret = parse_text(slice_of(text, (size_t)n), ret_secret);
	explicit_bzero(text, sizeof(text));
	if (ret < 0)
		secret_wipe(ret_secret);
	return ret;
}

void
secret_wipe(struct secret *secret)
{
	token_keys_fini(&secret->tokens);
	explicit_bzero(secret, sizeof(*secret));
}

static void
hash(const struct secret *secret, const char *text, uint8_t ret_hash[32])
{
	_Static_assert(CRYPTO_HASH_SIZE == 32, "as the header says");

	crypto_hmac(slice_of(secret->index, sizeof(secret->index)),
	    slice_str(text), ret_hash);
}

void
secret_check(const struct secret *secret, uint8_t ret_check[32])
{
	hash(secret, "assent database check", ret_check);
}

void
secret_hash_address(const struct secret *secret, const char *address_key,
    uint8_t ret_hash[32])
{
	hash(secret, address_key, ret_hash);
}
