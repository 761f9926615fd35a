/* SPDX-License-Identifier: ISC */
/*
 * Every metric.  A new one is a row here and its line in assentd(8).
 */
#include "app/metrics/metrics_table.h"

#include "core/record.pb-c.h"

#define BOUNDS(...) (&(const struct metric_bounds){ \
	(const uint64_t[]){ __VA_ARGS__ }, \
	sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t) })
#define MS UINT64_C(1000)
#define SECONDS UINT64_C(1000000)

/* From an answer out of memory to one that nobody waits for. */
#define TIMES BOUNDS(1 * MS, 2500, 5 * MS, 10 * MS, 25 * MS, 50 * MS, \
	100 * MS, 250 * MS, 500 * MS, 1 * SECONDS, 2500 * MS, 5 * SECONDS, \
	10 * SECONDS)
/* A mail server may take its time. */
#define MAIL_TIMES BOUNDS(10 * MS, 50 * MS, 100 * MS, 250 * MS, 500 * MS, \
	1 * SECONDS, 2500 * MS, 5 * SECONDS, 10 * SECONDS, 30 * SECONDS, \
	60 * SECONDS, 300 * SECONDS)
/* From "it is there already" to greylisting and lost servers. */
#define MAIL_AGES BOUNDS(1 * SECONDS, 5 * SECONDS, 15 * SECONDS, \
	60 * SECONDS, 300 * SECONDS, 900 * SECONDS, 3600 * SECONDS, \
	14400 * SECONDS, 86400 * SECONDS, 259200 * SECONDS)
#define SIZES BOUNDS(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)

const struct metrics_row metrics_rows[METRICS_IDS] = {
	/* ---- web ---- */
	[METRICS_HTTP_REQUESTS] = {
		.name = "assent_http_requests_total",
		.help = "Requests answered on the public listeners, refused "
		    "ones too.",
		.type = METRIC_COUNTER,
		.label = { { "route", metrics_add_route, NULL },
		    { "method", metrics_add_method, NULL },
		    { "code", metrics_add_status, NULL } },
	},
	[METRICS_HTTP_TIME] = {
		.name = "assent_http_request_duration_seconds",
		.help = "From a whole request to its answer.",
		.type = METRIC_HISTOGRAM, .decimals = 6, .bounds = TIMES,
		.label = { { "route", metrics_add_route, NULL },
		    { "method", metrics_add_method, NULL } },
	},
	[METRICS_SUBSCRIBES] = {
		.name = "assent_subscribe_outcomes_total",
		.help = "What subscribe posts were answered.",
		.type = METRIC_COUNTER,
		.label = { { "outcome", metrics_add_outcome, NULL } },
	},
	[METRICS_FIELDS_IGNORED] = {
		.name = "assent_form_fields_ignored_total",
		.help = "Fields of subscribe posts that nobody declared.",
		.type = METRIC_COUNTER,
	},
	[METRICS_UNANSWERED] = {
		.name = "assent_engine_unanswered_total",
		.help = "Questions of web processes that the engine gave no "
		    "answer to.",
		.type = METRIC_COUNTER,
		.label = { { "reason", metrics_add_unanswered, NULL } },
	},
	/* ---- engine ---- */
	[METRICS_REQUESTS] = {
		.name = "assent_requests_total",
		.help = "What became of posts that were accepted.",
		.type = METRIC_COUNTER,
		.label = { { "result", metrics_add_request, NULL } },
	},
	[METRICS_VISITS] = {
		.name = "assent_visits_total",
		.help = "Links opened and pressed, and codes typed; not_found: "
		    "no such token.",
		.type = METRIC_COUNTER,
		.label = { { "action", NULL,
		    &message__visit__action__descriptor },
		    { "outcome", NULL,
		    &message__visited__outcome__descriptor } },
	},
	[METRICS_MANAGE] = {
		.name = "assent_manage_visits_total",
		.help = "The same of links to one's own data.",
		.type = METRIC_COUNTER,
		.label = { { "action", NULL,
		    &message__manage__action__descriptor },
		    { "outcome", NULL,
		    &message__managed__outcome__descriptor } },
	},
	[METRICS_EVENTS] = {
		.name = "assent_events_total",
		.help = "Events added to the ledger.",
		.type = METRIC_COUNTER,
		.label = { { "event", NULL,
		    &record__event__kind__descriptor } },
	},
	[METRICS_LIMIT_HITS] = {
		.name = "assent_limit_hits_total",
		.help = "Posts turned away and mails held back or left out by "
		    "a limit.",
		.type = METRIC_COUNTER,
		.label = { { "limit", metrics_add_limit, NULL } },
	},
	[METRICS_TURN_OPERATIONS] = {
		.name = "assent_engine_turn_operations",
		.help = "Operations in a turn, all of them one commit.",
		.type = METRIC_HISTOGRAM, .bounds = SIZES,
	},
	[METRICS_TURN_TIME] = {
		.name = "assent_engine_turn_seconds",
		.help = "A whole turn, its commit too.",
		.type = METRIC_HISTOGRAM, .decimals = 6, .bounds = TIMES,
	},
	[METRICS_COMMIT_TIME] = {
		.name = "assent_engine_commit_seconds",
		.help = "Writing a turn to disk.",
		.type = METRIC_HISTOGRAM, .decimals = 6, .bounds = TIMES,
	},
	/* ---- mailer ---- */
	[METRICS_MAILS] = {
		.name = "assent_mails_total",
		.help = "Tries to send a mail; ours: our own fault.",
		.type = METRIC_COUNTER,
		.label = { { "kind", NULL, &record__outbox__kind__descriptor },
		    { "result", NULL,
		    &message__mail_result__outcome__descriptor } },
	},
	[METRICS_MAIL_TIME] = {
		.name = "assent_mail_delivery_seconds",
		.help = "From a mail in the mailer's hands to the server's "
		    "word.",
		.type = METRIC_HISTOGRAM, .decimals = 6, .bounds = MAIL_TIMES,
	},
	[METRICS_MAIL_AGE] = {
		.name = "assent_mail_age_seconds",
		.help = "How long mails that were sent had been queued.",
		.type = METRIC_HISTOGRAM, .decimals = 6, .bounds = MAIL_AGES,
	},
	/* ---- admin ---- */
	[METRICS_COMMANDS] = {
		.name = "assent_admin_commands_total",
		.help = "Commands on the admin socket.",
		.type = METRIC_COUNTER,
		.label = { { "command", metrics_add_command, NULL },
		    { "code", metrics_add_status, NULL } },
	},
	/* ---- each process ---- */
	[METRICS_CPU] = {
		.name = "assent_process_cpu_seconds_total",
		.help = "Processor time used, by those before a restart too.",
		.type = METRIC_COUNTER, .decimals = 6, .per_process = true,
	},
	[METRICS_MEMORY] = {
		.name = "assent_process_resident_memory_max_bytes",
		.help = "The most memory that it had at a time.",
		.type = METRIC_GAUGE, .per_process = true,
	},
};
