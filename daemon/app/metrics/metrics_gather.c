/* SPDX-License-Identifier: ISC */
/*
 * The metrics that are read off when somebody asks: from what the engine
 * says of itself, from what the parent reports of the processes.  Nothing is
 * searched for them.
 */
#include "app/metrics/metrics_table.h"

#include "core/attack.h"

/* One sample; NULL: without a label. */
static void
put(struct buf *out, const struct metrics_gathered *row,
    const struct metric_label *label, uint64_t n)
{
	const struct metric_series series = {
		.name = row->name,
		.labels = label,
		.label_count = label != NULL ? 1 : 0,
		.decimals = row->decimals,
	};

	metric_write(out, &series, n);
}

static void
put_named(struct buf *out, const struct metrics_gathered *row,
    const char *label, const char *value, uint64_t n)
{
	const struct metric_label l = { label, slice_str(value) };

	put(out, row, &l, n);
}

/* ---- the engine's ---- */

static void
write_engine_up(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	put(out, row, NULL, page->status != NULL);
}

static void
write_subscriptions(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	const Message__Status *s = page->status;

	for (size_t i = 0; s != NULL && i < s->n_counts; i++) {
		const struct metric_label labels[] = {
			{ "list", slice_str(s->counts[i]->list) },
			{ "state", slice_str(s->counts[i]->state) },
		};
		const struct metric_series series = { .name = row->name,
			.labels = labels, .label_count = 2 };

		metric_write(out, &series, s->counts[i]->count);
	}
}

static void
write_queue(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	const Message__Status *s = page->status;
	uint64_t apart;

	if (s == NULL)
		return;
	apart = s->outbox_due + s->held_by_total + s->held_by_domain;
	put_named(out, row, "state", "sending", s->outbox_due);
	put_named(out, row, "state", "waiting",
	    s->outbox > apart ? s->outbox - apart : 0);
	put_named(out, row, "state", "held_total", s->held_by_total);
	put_named(out, row, "state", "held_domain", s->held_by_domain);
}

static void
write_budget_used(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	if (page->status != NULL)
		put_named(out, row, "budget", "total",
		    page->status->total_percent);
}

static void
write_budget_keys(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	const Message__Status *s = page->status;

	for (size_t i = 0; s != NULL && i < s->n_budgets; i++)
		put_named(out, row, "budget", s->budgets[i]->name,
		    s->budgets[i]->keys);
}

static void
write_budget_keys_max(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	const Message__Status *s = page->status;

	for (size_t i = 0; s != NULL && i < s->n_budgets; i++)
		put_named(out, row, "budget", s->budgets[i]->name,
		    s->budgets[i]->keys_max);
}

static void
write_level(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	if (page->status != NULL)
		put(out, row, NULL, page->status->mood);
}

static void
write_challenges(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	const Message__Status *s = page->status;

	if (s == NULL)
		return;
	put_named(out, row, "result", "asked", s->challenged);
	put_named(out, row, "result", "solved", s->solved);
	put_named(out, row, "result", "waited", s->waited);
	put_named(out, row, "result", "replayed", s->replayed);
}

static uint64_t
count_sources(const Message__Attack *attack, const char *of,
    const char *state)
{
	uint64_t n = 0;

	for (size_t i = 0; i < attack->n_sources; i++)
		n += strcmp(attack->sources[i]->of, of) == 0 &&
		    strcmp(attack->sources[i]->state, state) == 0;
	return n;
}

/* Each of them, those of none too, so that an alert has something to see. */
static void
write_attacks(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	const Message__Status *s = page->status;

	if (s == NULL || s->attack == NULL)
		return;
	for (unsigned i = 0; i < ATTACK_DIMENSIONS * 2; i++) {
		const char *of = attack_dimension_name(
		    (enum attack_dimension)(i / 2));
		const char *state = attack_state_name(i % 2 == 0 ?
		    ATTACK_RUSH : ATTACK_ON);
		const struct metric_label labels[] = {
			{ "of", slice_str(of) }, { "state", slice_str(state) },
		};
		const struct metric_series series = { .name = row->name,
			.labels = labels, .label_count = 2 };

		metric_write(out, &series, count_sources(s->attack, of,
		    state));
	}
}

static void
write_compaction_success(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	if (page->status != NULL && page->status->compaction != NULL)
		put(out, row, NULL,
		    page->status->compaction->failed_at == 0);
}

/* Of those that are times: not before there is one. */
static void
put_time(struct buf *out, const struct metrics_gathered *row, int64_t time)
{
	if (time > 0)
		put(out, row, NULL, (uint64_t)time);
}

static void
write_compaction_time(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	if (page->status != NULL && page->status->compaction != NULL)
		put_time(out, row, page->status->compaction->ended_at);
}

static void
write_compaction_duration(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	if (page->status != NULL && page->status->compaction != NULL)
		put_time(out, row, page->status->compaction->took);
}

static void
write_deleted_time(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	if (page->status != NULL && page->status->compaction != NULL)
		put_time(out, row, page->status->compaction->since);
}

/* ---- the processes ---- */

static void
put_processes(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out,
    uint64_t (*number)(const struct child_report *))
{
	for (size_t i = 0; i < page->report_count; i++) {
		const struct child_report *r = &page->reports[i];
		char name[CHILD_NAME_SIZE];

		child_name(r->role, r->index, name);
		put_named(out, row, "process", name, number(r));
	}
}

static uint64_t
is_up(const struct child_report *r)
{
	return r->pid != 0;
}

static uint64_t
restarts(const struct child_report *r)
{
	return r->restarts;
}

static uint64_t
started_at(const struct child_report *r)
{
	return r->started_at > 0 ? (uint64_t)r->started_at : 0;
}

static void
write_process_up(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	put_processes(page, row, out, is_up);
}

static void
write_process_restarts(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	put_processes(page, row, out, restarts);
}

static void
write_process_start(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	put_processes(page, row, out, started_at);
}

/* ---- others ---- */

static void
write_certificate(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	if (page->certificate_expiry > 0)
		put(out, row, NULL, (uint64_t)page->certificate_expiry);
}

static void
write_config_loaded(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	if (page->load != NULL)
		put(out, row, NULL, (uint64_t)page->load->loaded_at);
}

static void
write_config_good(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	if (page->load != NULL)
		put(out, row, NULL, page->load->refused_at == 0);
}

static void
write_build_info(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	(void)page;
	put_named(out, row, "version", PACKAGE_VERSION, 1);
}

#define GAUGE(name_, help_, decimals_, write_) \
	{ .name = (name_), .help = (help_), .type = METRIC_GAUGE, \
	    .decimals = (decimals_), .write = (write_) }
#define COUNTER(name_, help_, write_) \
	{ .name = (name_), .help = (help_), .type = METRIC_COUNTER, \
	    .write = (write_) }
#define STATUS(name_, help_, field_) \
	{ .name = (name_), .help = (help_), .type = METRIC_GAUGE, \
	    .field = offsetof(Message__Status, field_) }

const struct metrics_gathered metrics_gathered[] = {
	GAUGE("assent_engine_up", "1 while the engine answers.", 0,
	    write_engine_up),
	GAUGE("assent_subscriptions", "Subscriptions by list and state.", 0,
	    write_subscriptions),
	STATUS("assent_requests_waiting",
	    "Requests that wait for a confirmation.", requests_waiting),
	STATUS("assent_contacts", "People who are or were on a list.",
	    contacts),
	STATUS("assent_suppressions",
	    "Addresses, by list or all, that must not be mailed.",
	    suppressions),
	GAUGE("assent_queue_mails", "Mails that wait to be sent.", 0,
	    write_queue),
	STATUS("assent_ledger_events", "Events in the ledger.", ledger),
	STATUS("assent_database_used_bytes", "Of the database, in use.",
	    map_used),
	STATUS("assent_database_size_bytes",
	    "The most that it may grow to: map_size.", map_size),
	STATUS("assent_database_file_bytes",
	    "Of the file, with what is free in it.", file_size),
	GAUGE("assent_deleted_time_seconds",
	    "Since when deleted data may be in the file, since 1970.", 6,
	    write_deleted_time),
	GAUGE("assent_compaction_time_seconds",
	    "When the database was last compacted, since 1970.", 6,
	    write_compaction_time),
	GAUGE("assent_compaction_duration_seconds", "How long that took.", 6,
	    write_compaction_duration),
	GAUGE("assent_compaction_last_successful",
	    "0 when a compaction failed after that.", 0,
	    write_compaction_success),
	STATUS("assent_clock_held_seconds",
	    "Until a clock that jumped is believed; so long nothing expires.",
	    clock_hold),
	GAUGE("assent_budget_used_ratio",
	    "How much of a limit is used up, its fullest window.", 2,
	    write_budget_used),
	GAUGE("assent_budget_keys",
	    "Networks, addresses and domains that are counted now.", 0,
	    write_budget_keys),
	GAUGE("assent_budget_keys_max",
	    "As many can be counted; beyond, the oldest are forgotten.", 0,
	    write_budget_keys_max),
	GAUGE("assent_challenge_level",
	    "What is asked of posts from anywhere: 0 as usual, 1 over half a "
	    "budget or in a rush, 2 in an attack.", 0, write_level),
	COUNTER("assent_challenges_total",
	    "Posts that had to show more, and what was shown.",
	    write_challenges),
	GAUGE("assent_attacks", "Sources of a rush or an attack.", 0,
	    write_attacks),
	GAUGE("assent_process_up", "1 while that process runs.", 0,
	    write_process_up),
	COUNTER("assent_process_restarts_total",
	    "How often that process died and was started again.",
	    write_process_restarts),
	GAUGE("assent_process_start_time_seconds",
	    "When that process was started, since 1970.", 6,
	    write_process_start),
	GAUGE("assent_certificate_not_after_seconds",
	    "When the first of the certificates expires, since 1970.", 6,
	    write_certificate),
	GAUGE("assent_config_loaded_time_seconds",
	    "When the configuration in use was loaded, since 1970.", 6,
	    write_config_loaded),
	GAUGE("assent_config_last_reload_successful",
	    "0 when a configuration was refused after that.", 0,
	    write_config_good),
	GAUGE("assent_build_info", "1, with the version as its label.", 0,
	    write_build_info),
	{ .name = NULL },
};

static void
write_field(const struct metrics_page *page,
    const struct metrics_gathered *row, struct buf *out)
{
	const char *status = (const char *)page->status;
	uint64_t n;

	if (status == NULL)
		return;
	memcpy(&n, status + row->field, sizeof(n));
	put(out, row, NULL, n);
}

void
metrics_gather(const struct metrics_page *page, struct buf *out)
{
	for (const struct metrics_gathered *row = metrics_gathered;
	    row->name != NULL; row++) {
		metric_write_head(out, row->name, row->type, row->help);
		if (row->write != NULL)
			row->write(page, row, out);
		else
			write_field(page, row, out);
	}
}
