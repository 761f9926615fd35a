/* SPDX-License-Identifier: ISC */
/*
 * Kinds of file systems, by the numbers of statfs(2); and that of one which is
 * always there.
 */
#include "io/disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_types(void **state)
{
	static const struct {
		unsigned long type;
		enum disk disk;
		const char *name;
	} cases[] = {
		{ 0xef53, DISK_LOCAL, "local" },	/* ext4 */
		{ 0x58465342, DISK_LOCAL, "local" },	/* XFS */
		{ 0x9123683e, DISK_LOCAL, "local" },	/* Btrfs */
		{ 0x794c7630, DISK_LOCAL, "local" },	/* overlayfs */
		{ 0, DISK_LOCAL, "local" },
		{ 0x01021994, DISK_MEMORY, "tmpfs" },
		{ 0x65735546, DISK_MAYBE_REMOTE, "fuse" },
		{ 0x6969, DISK_REMOTE, "nfs" },
		{ 0xff534d42, DISK_REMOTE, "cifs" },
		{ 0xfe534d42, DISK_REMOTE, "smb2" },
	};
	const char *name;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(disk_of_type(cases[i].type, &name),
		    cases[i].disk);
		assert_string_equal(name, cases[i].name);
	}
}

static void
test_paths(void **state)
{
	const char *name;

	(void)state;
	assert_int_equal(disk_of("/proc", &name), DISK_LOCAL);
	assert_int_equal(disk_of("/nowhere", &name), DISK_LOCAL);
	assert_string_equal(name, "local");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
