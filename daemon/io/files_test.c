/* SPDX-License-Identifier: ISC */
/*
 * Files of a folder of its own, as the disk has them and as they were kept.
 */
#include "io/files.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

static char folder[] = "/tmp/assent-files-XXXXXX";
static const char *const names[] = { "b", "a", ".hidden" };

static char *
path_of(const char *name)
{
	return mem_printf("%s/%s", folder, name);
}

static void
write_file(const char *name, const char *text)
{
	char *path = path_of(name);
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	free(path);
}

static int
set_up(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		write_file(names[i], names[i]);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *path = path_of(names[i]);

		unlink(path);
		free(path);
	}
	return rmdir(folder);
}

/* Reads one and compares; `text` NULL: only the error counts. */
static void
check_read(struct files *f, const char *name, size_t limit, int error,
    const char *text)
{
	struct buf out = { .limit = limit };
	char *path = path_of(name);

	assert_int_equal(files_read(f, path, &out), error);
	if (text != NULL)
		assert_string_equal(buf_str(&out), text);
	buf_fini(&out);
	free(path);
}

static void
check_list(struct files *f)
{
	static const char want[] = { 'a', '\0', 'b', '\0' };
	struct buf out = { 0 };

	assert_int_equal(files_list(f, folder, &out), 0);
	assert_int_equal(out.len, sizeof(want));
	assert_memory_equal(out.p, want, sizeof(want));
	buf_fini(&out);
}

/* All that can be asked of it, and answered by the disk. */
static void
check_all(struct files *f)
{
	check_read(f, "a", 0, 0, "a");
	check_read(f, "b", 1, 0, "b");
	check_read(f, "none", 0, -ENOENT, "");
	check_read(f, ".", 0, -EISDIR, "");
	check_list(f);
}

/* What another process gets. */
static struct files *
hand_over(const struct files *f)
{
	int fd = files_memory();
	struct files *other;

	assert_true(fd >= 0);
	assert_int_equal(files_save(f, fd), 0);
	assert_int_equal(files_seal(fd), 0);
	assert_int_equal(files_write_fd(fd, slice_str("x")), -EPERM);
	other = files_of(fd);
	assert_non_null(other);
	close(fd);
	return other;
}

static void
test_disk(void **state)
{
	(void)state;
	check_all(NULL);
	check_read(NULL, "../../dev/zero", 10000, -EFBIG, NULL);
}

static void
test_what_was_read_stays(void **state)
{
	struct files *f = files_new(), *other;

	(void)state;
	assert_false(files_are_kept(f));
	check_all(f);
	other = hand_over(f);
	write_file("a", "changed");
	assert_true(files_are_kept(other));
	check_all(other);
	check_read(NULL, "a", 0, 0, "changed");
	/* What nobody read isn't there, whatever the disk has. */
	check_read(other, ".hidden", 0, -ENOENT, "");
	write_file("a", "a");
	files_free(other);
	files_free(f);
}

static void
test_nothing(void **state)
{
	struct files *f = files_new(), *other = hand_over(f);

	(void)state;
	check_read(other, "a", 0, -ENOENT, "");
	files_free(other);
	files_free(f);
	files_free(NULL);
}

static void
test_nonsense(void **state)
{
	static const char *const texts[] = { "x", "elevenbytes",
	    "\0\0\0\0\0\0\0\2\0\0\0\0p",
	    "\0\0\0\0\0\0\0\1\0\0\0\2pc",
	    "\377\377\377\377\0\0\0\1\0\0\0\1pc" };
	static const size_t lens[] = { 1, 11, 13, 14, 14 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int fd = files_memory();

		assert_true(fd >= 0);
		assert_true(write(fd, texts[i], lens[i]) == (ssize_t)lens[i]);
		assert_null(files_of(fd));
		close(fd);
	}
	assert_null(files_of(-1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disk),
		cmocka_unit_test(test_what_was_read_stays),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_nonsense),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
