/* SPDX-License-Identifier: ISC */
/*
 * The maildir: folders made at need, names that repeat, nothing left in tmp/.
 */
#include "io/maildir.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"

struct fixture {
	char root[64];
	char *path;
	struct maildir *dir;
};

static int
set_up(void **state)
{
	struct fixture *f = MEM_NEW(struct fixture);

	(void)snprintf(f->root, sizeof(f->root), "/tmp/maildir_test.XXXXXX");
	assert_non_null(mkdtemp(f->root));
	f->path = mem_printf("%s/mail", f->root);
	assert_int_equal(maildir_open(f->path, &f->dir), 0);
	*state = f;
	return 0;
}

/* How many entries a folder of the maildir has; removes them if told. */
static int
count(const struct fixture *f, const char *folder, bool and_remove)
{
	char *path = mem_printf("%s/%s", f->path, folder);
	DIR *d = opendir(path);
	int n = 0;

	assert_non_null(d);
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		n++;
		if (and_remove)
			assert_int_equal(unlinkat(dirfd(d), e->d_name, 0), 0);
	}
	closedir(d);
	if (and_remove)
		assert_int_equal(rmdir(path), 0);
	free(path);
	return n;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	maildir_close(f->dir);
	(void)count(f, "new", true);
	(void)count(f, "tmp", true);
	(void)count(f, "cur", true);
	assert_int_equal(rmdir(f->path), 0);
	assert_int_equal(rmdir(f->root), 0);
	free(f->path);
	free(f);
	return 0;
}

static void
check_content(const struct fixture *f, const char *name, const char *content)
{
	char *path = mem_printf("%s/new/%s", f->path, name);
	char text[64] = "";
	struct stat st;
	int fd = open(path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	assert_string_equal(text, content);
	close(fd);
	free(path);
}

static void
repeat_takes_the_place_of_the_first(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(maildir_add(f->dir, slice_str("1f@example.org"),
	    slice_str("one\r\n")), 0);
	assert_int_equal(maildir_add(f->dir, slice_str("1f@example.org"),
	    slice_str("two\r\n")), 0);
	assert_int_equal(maildir_add(f->dir, slice_str("2f@example.org"),
	    slice_str("")), 0);
	assert_int_equal(maildir_sync(f->dir), 0);
	assert_int_equal(count(f, "new", false), 2);
	assert_int_equal(count(f, "tmp", false), 0);
	check_content(f, "1f@example.org", "two\r\n");
	check_content(f, "2f@example.org", "");
}

static void
keys_stay_in_the_folder(void **state)
{
	static const struct {
		const char *key, *name;
	} cases[] = {
		{ "../../etc/passwd", "_._.._etc_passwd" },
		{ "..", "_." },
		{ ".hidden", "_hidden" },
		{ "a b:c\n\x80", "a_b_c__" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(maildir_add(f->dir, slice_str(cases[i].key),
		    slice_str("x")), 0);
		check_content(f, cases[i].name, "x");
	}
}

static void
bad_keys_are_refused(void **state)
{
	struct fixture *f = *state;
	char *key = mem_new(300, 1);

	memset(key, 'k', 299);
	assert_int_equal(maildir_add(f->dir, slice_str(""), slice_str("x")),
	    -EINVAL);
	assert_int_equal(maildir_add(f->dir, slice_str(key), slice_str("x")),
	    -EINVAL);
	assert_int_equal(count(f, "new", false), 0);
	free(key);
}

static void
an_impossible_folder_is_an_error(void **state)
{
	struct maildir *dir;

	(void)state;
	assert_int_equal(maildir_open("/dev/null/mail", &dir), -ENOTDIR);
	assert_int_equal(maildir_open("/tmp/no/such/parent", &dir), -ENOENT);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    repeat_takes_the_place_of_the_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keys_stay_in_the_folder,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(bad_keys_are_refused, set_up,
		    tear_down),
		cmocka_unit_test(an_impossible_folder_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
