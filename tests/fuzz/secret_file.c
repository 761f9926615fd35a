/* SPDX-License-Identifier: ISC */
/*
 * The secret file, and the password file.
 */
#include "app/engine/secret_file.h"

#include <string.h>
#include <unistd.h>

#include "app/mailer/password_file.h"
#include "base/slice.h"
#include "fuzz.h"
#include "io/files.h"

static void
check_secret(int fd)
{
	struct secret secret;
	const struct token_keys *keys = &secret.tokens;

	if (secret_file_read(fd, &secret) < 0) {
		MUST(keys->count == 0);
		return;
	}
	MUST(keys->count > 0 && keys->count <= TOKEN_KEYS_MAX);
	for (size_t i = 0; i < keys->count; i++) {
		MUST(keys->key[i].id < TOKEN_KEYS_MAX);
		for (size_t k = 0; k < i; k++)
			MUST(keys->key[i].id != keys->key[k].id);
	}
	secret_wipe(&secret);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = files_memory();
	char *password;

	MUST(fd >= 0 && files_write_fd(fd, slice_of(data, size)) == 0);
	check_secret(fd);
	password = password_file_read(fd);
	if (password != NULL)
		MUST(strlen(password) > 0 && strlen(password) <=
		    PASSWORD_MAX && strpbrk(password, "\r\n") == NULL);
	password_free(password);
	(void)close(fd);
	return 0;
}
