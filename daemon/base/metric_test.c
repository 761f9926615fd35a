/* SPDX-License-Identifier: ISC */
/*
 * Tests of base/metric.
 */
#include "base/metric.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <setjmp.h>
#include <unistd.h>

#include <cmocka.h>

static const uint64_t bound[] = { 1000, 2500, 1000000, 10000000 };
static const struct metric_bounds bounds = { bound, 4 };

static void
numbers_keep_all_digits(void **state)
{
	static const struct {
		uint64_t n;
		unsigned decimals;
		const char *text;
	} cases[] = {
		{ 0, 0, "x 0\n" },
		{ 0, 6, "x 0\n" },
		{ 1, 6, "x 0.000001\n" },
		{ 10, 6, "x 0.00001\n" },
		{ 1500000, 6, "x 1.5\n" },
		{ 2000000, 6, "x 2\n" },
		{ 7, 2, "x 0.07\n" },
		{ 100, 2, "x 1\n" },
		{ UINT64_MAX, 0, "x 18446744073709551615\n" },
		{ UINT64_MAX, 6, "x 18446744073709.551615\n" },
	};
	struct buf out = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct metric_series s = { .name = "x",
			.decimals = cases[i].decimals };

		buf_reset(&out);
		metric_write(&out, &s, cases[i].n);
		assert_string_equal(buf_str(&out), cases[i].text);
	}
	buf_fini(&out);
}

static void
text_is_escaped(void **state)
{
	const struct metric_label labels[] = {
		{ "a", SLICE("quote\" back\\ line\n nul\0 end") },
		{ "b", SLICE("") },
	};
	const struct metric_series s = { .name = "x", .labels = labels,
		.label_count = 2 };
	const struct slice text = SLICE("x{a=\"quote\\\" back\\\\ line\\n "
	    "nul\0 end\",b=\"\"} 3\n");
	struct buf out = { 0 };

	(void)state;
	metric_write_head(&out, "x", METRIC_GAUGE, "a \"help\"\nwith \\");
	assert_string_equal(buf_str(&out),
	    "# HELP x a \"help\"\\nwith \\\\\n# TYPE x gauge\n");
	buf_reset(&out);
	metric_write(&out, &s, 3);
	assert_true(slice_eq(buf_slice(&out), text));
	buf_fini(&out);
}

static void
a_value_is_in_the_first_bucket_that_holds_it(void **state)
{
	static const struct {
		uint64_t value;
		size_t cell;
	} cases[] = { { 0, 0 }, { 1000, 0 }, { 1001, 1 }, { 2500, 1 },
		{ 2501, 2 }, { 10000000, 3 }, { 10000001, 4 },
		{ UINT64_MAX, 4 } };

	(void)state;
	assert_int_equal(metric_histogram_cells(&bounds), 6);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct metric_cell cells[6] = { { 0 } };

		metric_observe(cells, &bounds, cases[i].value);
		for (size_t k = 0; k < 5; k++)
			assert_int_equal(metric_read(&cells[k]),
			    k == cases[i].cell ? 1 : 0);
		assert_int_equal(metric_read(&cells[5]), cases[i].value);
	}
}

static void
buckets_are_told_summed_up(void **state)
{
	const struct metric_label label = { "route", SLICE("/") };
	const struct metric_series s = { .name = "t_seconds",
		.labels = &label, .label_count = 1, .decimals = 6 };
	const uint64_t cells[] = { 2, 0, 3, 0, 1, 12345678 };
	struct buf out = { 0 };

	(void)state;
	metric_write_histogram(&out, &s, &bounds, cells);
	assert_string_equal(buf_str(&out),
	    "t_seconds_bucket{route=\"/\",le=\"0.001\"} 2\n"
	    "t_seconds_bucket{route=\"/\",le=\"0.0025\"} 2\n"
	    "t_seconds_bucket{route=\"/\",le=\"1\"} 5\n"
	    "t_seconds_bucket{route=\"/\",le=\"10\"} 5\n"
	    "t_seconds_bucket{route=\"/\",le=\"+Inf\"} 6\n"
	    "t_seconds_sum{route=\"/\"} 12.345678\n"
	    "t_seconds_count{route=\"/\"} 6\n");
	buf_fini(&out);
}

static void
count_in_a_child(struct metric_cell *cells, int times)
{
	for (int i = 0; i < times; i++)
		metric_observe(cells, &bounds, 1);
}

static void
nothing_is_lost_between_processes(void **state)
{
	enum { CHILDREN = 4, TIMES = 50000 };
	struct metric_cell *cells = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;

	(void)state;
	assert_true(cells != MAP_FAILED);
	for (int i = 0; i < CHILDREN; i++) {
		if (fork() == 0) {
			count_in_a_child(cells, TIMES);
			_exit(0);
		}
	}
	while (wait(&status) > 0)
		assert_int_equal(status, 0);
	assert_int_equal(metric_read(&cells[0]), CHILDREN * TIMES);
	assert_int_equal(metric_read(&cells[5]), CHILDREN * TIMES);
	metric_set(&cells[0], 7);
	assert_int_equal(metric_read(&cells[0]), 7);
	munmap(cells, 4096);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_keep_all_digits),
		cmocka_unit_test(text_is_escaped),
		cmocka_unit_test(a_value_is_in_the_first_bucket_that_holds_it),
		cmocka_unit_test(buckets_are_told_summed_up),
		cmocka_unit_test(nothing_is_lost_between_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
