/* SPDX-License-Identifier: ISC */
/*
 * Tests of app/metrics: the tables as they are, and what processes that come
 * and go leave behind.
 */
#include "app/metrics/metrics_private.h"

#include <sys/wait.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/slice.h"

enum { WEBS = 3 };

/* ---- the tables ---- */

/* Ours, in small letters, with the unit and the type that its end tells. */
static void
check_name(const char *name, enum metric_type type)
{
	struct slice s = slice_str(name);

	assert_true(slice_starts(s, "assent_"));
	for (size_t i = 0; i < s.len; i++)
		assert_true((s.p[i] >= 'a' && s.p[i] <= 'z') ||
		    s.p[i] == '_');
	assert_int_equal(slice_ends(s, "_total"), type == METRIC_COUNTER);
	assert_false(slice_ends(s, "_count") || slice_ends(s, "_sum") ||
	    slice_ends(s, "_bucket"));
}

static void
check_label(const struct metrics_label *label)
{
	struct buf last = { 0 }, value = { 0 };
	size_t i = 0;

	/* A number counts in the place that it has. */
	for (size_t n = 0; label->values != NULL &&
	    n < label->values->n_values; n++)
		assert_int_equal(label->values->values[n].value, n);
	for (; metrics_add_value(label, i, &value); i++) {
		assert_true(value.len > 0);
		assert_string_not_equal(buf_str(&value), buf_str(&last));
		buf_reset(&last);
		buf_add_slice(&last, buf_slice(&value));
		buf_reset(&value);
	}
	assert_true(i > 1);
	buf_fini(&last);
	buf_fini(&value);
}

static void
rows_are_sound(void **state)
{
	(void)state;
	for (size_t id = 0; id < METRICS_IDS; id++) {
		const struct metrics_row *row = &metrics_rows[id];

		assert_non_null(row->name);
		check_name(row->name, row->type);
		assert_true(slice_ends(slice_str(row->help), "."));
		assert_int_equal(row->type == METRIC_HISTOGRAM,
		    row->bounds != NULL);
		assert_int_equal(row->decimals,
		    strstr(row->name, "_seconds") != NULL ? 6 : 0);
		for (size_t i = 0; i < METRICS_LABELS; i++) {
			if (row->label[i].name != NULL)
				check_label(&row->label[i]);
		}
		for (size_t i = 1; row->bounds != NULL &&
		    i < row->bounds->count; i++)
			assert_true(row->bounds->bound[i - 1] <
			    row->bounds->bound[i]);
	}
	for (const struct metrics_gathered *g = metrics_gathered;
	    g->name != NULL; g++) {
		check_name(g->name, g->type);
		assert_true(g->write != NULL || g->field > 0);
	}
}

/* ---- counting ---- */

static char *
text_of(struct metrics *m)
{
	struct buf out = { 0 };

	metrics_write(m, &out);
	return buf_take(&out);
}

static void
assert_has(const char *text, const char *line)
{
	char *whole = mem_printf("\n%s\n", line);

	if (strstr(text, whole) == NULL)
		fail_msg("%s is not in %s", line, text);
	free(whole);
}

/* A process that counts, and is gone. */
static void
live_and_die(struct metrics *m, enum role role, unsigned index,
    void (*count)(struct metrics *))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (metrics_keep(m, role, index) < 0)
			_exit(1);
		count(m);
		metrics_free(m);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
count_some(struct metrics *m)
{
	metrics_add(m, METRICS_FIELDS_IGNORED, METRICS_AT(0), 3);
	metrics_add(m, METRICS_REQUESTS, METRICS_AT(REQUEST_HONEYPOT), 1);
	metrics_add(m, METRICS_VISITS, METRICS_AT(
	    MESSAGE__VISIT__ACTION__CONFIRM,
	    MESSAGE__VISITED__OUTCOME__NOT_FOUND), 1);
	metrics_observe(m, METRICS_COMMIT_TIME, METRICS_AT(0), 3000);
	metrics_add(m, METRICS_CPU, METRICS_AT(0), 1500000);
	metrics_set(m, METRICS_MEMORY, METRICS_AT(0), 4096);
}

static void
sums_outlive_processes(void **state)
{
	struct metrics *m = metrics_new(metrics_rows, WEBS);
	char *text;

	(void)state;
	assert_non_null(m);
	/* The parent belongs to none of them: it neither counts nor tells. */
	count_some(m);
	text = text_of(m);
	assert_string_equal(text, "");
	free(text);
	live_and_die(m, ROLE_ENGINE, 0, count_some);
	live_and_die(m, ROLE_WEB, 0, count_some);
	live_and_die(m, ROLE_WEB, 2, count_some);
	live_and_die(m, ROLE_WEB, 2, count_some);
	assert_int_equal(metrics_keep(m, ROLE_ADMIN, 0), 0);
	text = text_of(m);
	assert_has(text, "assent_form_fields_ignored_total 12");
	assert_has(text, "assent_requests_total{result=\"honeypot\"} 4");
	assert_has(text, "assent_requests_total{result=\"mailed\"} 0");
	assert_has(text, "assent_visits_total{action=\"confirm\","
	    "outcome=\"not_found\"} 4");
	assert_has(text, "assent_engine_commit_seconds_bucket{le=\"0.0025\"} "
	    "0");
	assert_has(text, "assent_engine_commit_seconds_bucket{le=\"0.005\"} "
	    "4");
	assert_has(text, "assent_engine_commit_seconds_sum 0.012");
	assert_has(text, "assent_process_cpu_seconds_total{process=\"web2\"} "
	    "3");
	assert_has(text, "assent_process_resident_memory_max_bytes"
	    "{process=\"engine\"} 4096");
	assert_null(strstr(text, "process=\"web1\""));
	assert_null(strstr(text, "outcome=\"done\""));
	free(text);
	metrics_free(m);
}

static void
count_nonsense(struct metrics *m)
{
	metrics_add(m, METRICS_HTTP_REQUESTS,
	    METRICS_AT(UINT32_MAX, UINT32_MAX, UINT32_MAX), 1);
	metrics_add(m, METRICS_REQUESTS, METRICS_AT(1000), 1);
	metrics_observe(m, METRICS_HTTP_TIME, METRICS_AT(99, 99), UINT64_MAX);
}

static void
what_is_out_of_range_is_the_last(void **state)
{
	struct metrics *m = metrics_new(metrics_rows, WEBS);
	char *text;

	(void)state;
	live_and_die(m, ROLE_WEB, 0, count_nonsense);
	assert_int_equal(metrics_keep(m, ROLE_WEB, WEBS), -ERANGE);
	assert_int_equal(metrics_keep(m, ROLE_ADMIN, 0), 0);
	text = text_of(m);
	assert_has(text, "assent_http_requests_total{route=\"/readyz\","
	    "method=\"other\",code=\"505\"} 1");
	assert_has(text, "assent_requests_total{result=\"nothing\"} 1");
	assert_has(text, "assent_http_request_duration_seconds_count"
	    "{route=\"/readyz\",method=\"other\"} 1");
	free(text);
	metrics_free(m);
}

static void
none_is_fine(void **state)
{
	(void)state;
	count_some(NULL);
	assert_int_equal(metrics_keep(NULL, ROLE_WEB, 7), 0);
	metrics_free(NULL);
}

/* ---- what is read off ---- */

static void
without_the_engine_the_rest_is_told(void **state)
{
	static const struct child_report reports[] = {
		{ .role = ROLE_ENGINE, .pid = 0, .restarts = 4,
		    .started_at = 1500000 },
		{ .role = ROLE_WEB, .index = 1, .pid = 77 },
	};
	static const struct child_load load = { .loaded_at = 3500000,
		.refused_at = 9000000, .why = "FILE:1: no" };
	const struct metrics_page page = { .reports = reports,
		.report_count = 2, .load = &load,
		.certificate_expiry = 2000000 };
	struct buf out = { 0 };

	(void)state;
	metrics_gather(&page, &out);
	assert_has(buf_str(&out), "assent_engine_up 0");
	assert_has(buf_str(&out), "assent_process_up{process=\"engine\"} 0");
	assert_has(buf_str(&out), "assent_process_up{process=\"web1\"} 1");
	assert_has(buf_str(&out), "assent_process_restarts_total"
	    "{process=\"engine\"} 4");
	assert_has(buf_str(&out), "assent_process_start_time_seconds"
	    "{process=\"engine\"} 1.5");
	assert_has(buf_str(&out), "assent_certificate_not_after_seconds 2");
	assert_has(buf_str(&out), "assent_config_loaded_time_seconds 3.5");
	assert_has(buf_str(&out), "assent_config_last_reload_successful 0");
	assert_null(strstr(buf_str(&out), "assent_contacts "
	    "0"));
	buf_fini(&out);
}

static void
the_engines_word_is_told(void **state)
{
	Message__Status__Count count;
	Message__Status__Budget budget;
	Message__Status__Count *counts[] = { &count };
	Message__Status__Budget *budgets[] = { &budget };
	Message__Attack attack;
	Message__Attack__Source source, *sources[] = { &source };
	Message__Status s;
	Fact__Compaction compaction;
	const struct metrics_page page = { .status = &s };
	struct buf out = { 0 };
	char of[] = "list", state_on[] = "attack";
	char list[] = "odd\"one", words[] = "confirmed", name[] = "per_domain";

	(void)state;
	message__status__init(&s);
	message__status__count__init(&count);
	count.list = list;
	count.state = words;
	count.count = 5;
	message__status__budget__init(&budget);
	budget.name = name;
	budget.keys = 6;
	budget.keys_max = 9;
	s.n_counts = s.n_budgets = 1;
	s.counts = counts;
	s.budgets = budgets;
	s.outbox = 10;
	s.outbox_due = 2;
	s.held_by_total = 3;
	s.held_by_domain = 1;
	s.total_percent = 7;
	s.contacts = 8;
	s.mood = 2;
	s.solved = 11;
	message__attack__init(&attack);
	message__attack__source__init(&source);
	source.of = of;
	source.state = state_on;
	attack.sources = sources;
	attack.n_sources = 1;
	s.attack = &attack;
	fact__compaction__init(&compaction);
	compaction.ended_at = 2500000;
	compaction.failed_at = 3000000;
	s.compaction = &compaction;
	metrics_gather(&page, &out);
	assert_has(buf_str(&out), "assent_compaction_time_seconds 2.5");
	assert_has(buf_str(&out), "assent_compaction_last_successful 0");
	assert_null(strstr(buf_str(&out), "\nassent_deleted_time_seconds "));
	assert_has(buf_str(&out), "assent_engine_up 1");
	assert_has(buf_str(&out), "assent_subscriptions{list=\"odd\\\"one\","
	    "state=\"confirmed\"} 5");
	assert_has(buf_str(&out), "assent_queue_mails{state=\"waiting\"} 4");
	assert_has(buf_str(&out), "assent_queue_mails{state=\"sending\"} 2");
	assert_has(buf_str(&out), "assent_queue_mails{state=\"held_total\"} "
	    "3");
	assert_has(buf_str(&out), "assent_budget_used_ratio{budget=\"total\"}"
	    " 0.07");
	assert_has(buf_str(&out), "assent_budget_keys{budget=\"per_domain\"} "
	    "6");
	assert_has(buf_str(&out), "assent_contacts 8");
	assert_has(buf_str(&out), "assent_challenge_level 2");
	assert_has(buf_str(&out), "assent_challenges_total{result=\"solved\"}"
	    " 11");
	assert_has(buf_str(&out), "assent_attacks{of=\"list\",state=\"attack\""
	    "} 1");
	assert_has(buf_str(&out), "assent_attacks{of=\"list\",state=\"rush\"} "
	    "0");
	assert_null(strstr(buf_str(&out), "not_after_seconds 0"));
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sound),
		cmocka_unit_test(sums_outlive_processes),
		cmocka_unit_test(what_is_out_of_range_is_the_last),
		cmocka_unit_test(none_is_fine),
		cmocka_unit_test(without_the_engine_the_rest_is_told),
		cmocka_unit_test(the_engines_word_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
