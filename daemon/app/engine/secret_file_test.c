/* SPDX-License-Identifier: ISC */
/*
 * The secret file: made once and never again, read to the letter or not.
 */
#include "app/engine/secret_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

static char folder[] = "/tmp/assent-secret-XXXXXX";
static char path[64];

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/secret", folder);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

/* Whether a token of the one is a token of the other. */
static bool
tokens_are_of(const struct secret *made, const struct secret *opened)
{
	char text[TOKEN_TEXT_SIZE];
	struct token token = { .kind = TOKEN_CONFIRM, .id = 7 };

	token_make(&made->tokens, &token, text);
	return token_open(&opened->tokens, slice_str(text), &token) == 0;
}

static void
test_make(void **state)
{
	struct buf error = { 0 };
	struct secret a, b, zero = { 0 };
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(secret_file_make(path), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_nlink, 1);
	/* Never a second time. */
	assert_int_equal(secret_file_make(path), -EEXIST);
	fd = secret_file_open(path, &error);
	assert_true(fd >= 0);
	assert_int_equal(secret_file_read(fd, &a), 0);
	/* Wherever the fd stands: a restarted engine shares it. */
	assert_int_equal(secret_file_read(fd, &b), 0);
	close(fd);
	assert_memory_equal(a.index, b.index, sizeof(a.index));
	assert_int_equal(a.tokens.count, 1);
	assert_true(tokens_are_of(&a, &b));
	assert_memory_not_equal(a.index, zero.index, sizeof(a.index));
	token_keys_add(&zero.tokens, a.tokens.key[0].id,
	    (const uint8_t[CRYPTO_SIV_KEY_SIZE]){ 0 });
	assert_false(tokens_are_of(&a, &zero));
	secret_wipe(&zero);
	secret_wipe(&b);
	unlink(path);
	/* Another one is another one. */
	assert_int_equal(secret_file_make(path), 0);
	fd = secret_file_open(path, &error);
	assert_int_equal(secret_file_read(fd, &b), 0);
	assert_memory_not_equal(a.index, b.index, sizeof(a.index));
	assert_false(tokens_are_of(&a, &b));
	close(fd);
	secret_wipe(&b);
	secret_wipe(&a);
	assert_memory_equal(&a, &zero, sizeof(a));
	assert_int_equal(secret_file_make("/proc/none/secret"), -ENOENT);
}

static void
test_open(void **state)
{
	static const mode_t refused[] = { 0604, 0602, 0620, 0601 };
	struct buf error = { 0 };
	int fd;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(mode_t); i++) {
		assert_int_equal(chmod(path, refused[i]), 0);
		assert_int_equal(secret_file_open(path, &error), -1);
		assert_non_null(strstr(buf_str(&error), "chmod 600"));
		buf_reset(&error);
	}
	assert_int_equal(chmod(path, 0440), 0);
	fd = secret_file_open(path, &error);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(secret_file_open(folder, &error), -1);
	buf_reset(&error);
	assert_int_equal(secret_file_open("/proc/none", &error), -1);
	assert_non_null(strstr(buf_str(&error), "No such file"));
	buf_fini(&error);
}

#define HEX32 "0123456789abcdef0123456789abcdef"
#define HEX64 HEX32 HEX32
#define HEX128 HEX64 HEX64

static const struct {
	const char *text;
	int result;
	size_t count;
} texts[] = {
	{ "assent-secret 1\nindex " HEX64 "\ntoken 0 " HEX128 "\n", 0, 1 },
	{ "assent-secret 1\ntoken 15 " HEX128 "\nindex " HEX64
	    "\ntoken 3 " HEX128 "\n", 0, 2 },
	{ "", -1, 0 }, { "\n", -1, 0 }, { "x", -1, 0 },
	{ "assent-secret 2\nindex " HEX64 "\ntoken 0 " HEX128 "\n", -1, 0 },
	{ "assent-secret 1\nindex " HEX64 "\ntoken 0 " HEX128, -1, 0 },
	{ "assent-secret 1\nindex " HEX64 "\n", -1, 0 },
	{ "assent-secret 1\ntoken 0 " HEX128 "\n", -1, 0 },
	{ "assent-secret 1\n", -1, 0 },
	{ "assent-secret 1\nindex " HEX64 "\nindex " HEX64 "\ntoken 0 "
	    HEX128 "\n", -1, 0 },
	{ "assent-secret 1\nindex " HEX64 "\ntoken 0 " HEX128 "\ntoken 0 "
	    HEX128 "\n", -1, 0 },
	{ "assent-secret 1\nindex " HEX64 "\ntoken 16 " HEX128 "\n", -1, 0 },
	{ "assent-secret 1\nindex " HEX64 "\ntoken x " HEX128 "\n", -1, 0 },
	{ "assent-secret 1\nindex " HEX64 "\ntoken " HEX128 "\n", -1, 0 },
	{ "assent-secret 1\nindex " HEX64 "\ntoken 0 " HEX64 "\n", -1, 0 },
	{ "assent-secret 1\nindex " HEX128 "\ntoken 0 " HEX128 "\n", -1, 0 },
	{ "assent-secret 1\nindex " HEX64 " \ntoken 0 " HEX128 "\n", -1, 0 },
	{ "assent-secret 1\nindex " HEX64 "\ntoken 0 " HEX128 "\nx\n", -1,
	    0 },
	{ "assent-secret 1\n\nindex " HEX64 "\ntoken 0 " HEX128 "\n", -1,
	    0 },
};

static void
test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int fd = open(path, O_RDWR | O_TRUNC);
		struct secret secret;
		int result;

		assert_true(write(fd, texts[i].text, strlen(texts[i].text))
		    >= 0);
		result = secret_file_read(fd, &secret);
		if (result != texts[i].result ||
		    secret.tokens.count != texts[i].count)
			fail_msg("%d: %s", result, texts[i].text);
		secret_wipe(&secret);
		close(fd);
	}
}

/* More than there can be is no secret. */
static void
test_too_long(void **state)
{
	int fd = open(path, O_RDWR | O_TRUNC);
	char *text = mem_new(1, 65536);
	struct secret secret;

	(void)state;
	assert_int_equal(write(fd, text, 65536), 65536);
	assert_int_equal(secret_file_read(fd, &secret), -1);
	close(fd);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_make),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
