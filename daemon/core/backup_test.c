/* SPDX-License-Identifier: ISC */
/*
 * A backup's last line: what it tells, and that nothing can change unnoticed.
 */
#include "core/backup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"

enum { NINE = 9 };
#define BEGUN_AT (INT64_C(1764124200) * CLOCK_SECOND)

/* The line behind these pieces. */
static void
make_line(int64_t begun_at, const char *a, const char *b, struct buf *line)
{
	struct backup_sum *sum = backup_sum_new(begun_at);

	backup_sum_add(sum, slice_str(a));
	backup_sum_add(sum, slice_str(b));
	assert_int_equal(backup_sum_size(sum), strlen(a) + strlen(b));
	backup_sum_end(sum, line);
	assert_int_equal(line->len, BACKUP_LINE_SIZE);
}

static void
test_line(void **state)
{
	struct buf line = { 0 }, again = { 0 };
	int64_t begun_at = 0;

	(void)state;
	make_line(BEGUN_AT, "some", " pages", &line);
	/* The hash as sha256sum(1) has it. */
	assert_string_equal(buf_str(&line), "assent-backup 1 "
	    "2025-11-26T02:30:00Z 00000000000000000010 "
	    "21f5321507700a916693eb790dc6044c8bd431d1"
	    "eb09875ede3c6855f8894957\n");
	assert_true(backup_line_read(buf_slice(&line), &begun_at));
	assert_int_equal(begun_at, BEGUN_AT);
	make_line(begun_at, "", "some pages", &again);
	assert_string_equal(buf_str(&again), buf_str(&line));
	buf_fini(&line);
	buf_fini(&again);
}

static void
test_other_lines(void **state)
{
	static const struct {
		int64_t begun_at;
		const char *data;
	} cases[] = {
		{ BEGUN_AT, "some page" },
		{ BEGUN_AT, "same pages" },
		{ BEGUN_AT + CLOCK_SECOND, "some pages" },
	};
	struct buf line = { 0 }, other = { 0 };

	(void)state;
	make_line(BEGUN_AT, "some", " pages", &line);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&other);
		make_line(cases[i].begun_at, cases[i].data, "", &other);
		assert_string_not_equal(buf_str(&other), buf_str(&line));
		/* Not by what it says alone. */
		assert_memory_not_equal(other.p + other.len - NINE,
		    line.p + line.len - NINE, NINE);
	}
	buf_fini(&line);
	buf_fini(&other);
}

static void
test_no_line(void **state)
{
	struct buf line = { 0 };
	struct slice s;
	int64_t begun_at;

	(void)state;
	make_line(BEGUN_AT, "", "", &line);
	s = buf_slice(&line);
	assert_true(backup_line_read(s, &begun_at));
	assert_false(backup_line_read(slice_sub(s, 1, s.len), &begun_at));
	assert_false(backup_line_read(slice_sub(s, 0, s.len - 1),
	    &begun_at));
	assert_false(backup_line_read(slice_str(""), &begun_at));
	line.p[14] = '2';	/* of a format that is not known here */
	assert_false(backup_line_read(s, &begun_at));
	line.p[14] = '1';
	line.p[20] = 'x';
	assert_false(backup_line_read(s, &begun_at));
	buf_fini(&line);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_other_lines),
		cmocka_unit_test(test_no_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
