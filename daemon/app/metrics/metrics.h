/* SPDX-License-Identifier: ISC */
/*
 * What the processes count, each for itself, in memory that the admin process
 * reads: no message, no wakeup, a few additions.  Counts outlive whoever made
 * them.  Each number is a row of the table in app/metrics/metrics_table.c.
 */
#ifndef APP_METRICS_H
#define APP_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/child.h"

struct buf;
struct metrics;
struct metrics_row;

enum metrics_id {
	METRICS_HTTP_REQUESTS,	/* route, method, status */
	METRICS_HTTP_TIME,	/* route, method */
	METRICS_SUBSCRIBES,	/* enum web_error */
	METRICS_FIELDS_IGNORED,
	METRICS_UNANSWERED,	/* enum metrics_unanswered */
	METRICS_REQUESTS,	/* enum metrics_request */
	METRICS_VISITS,		/* action and outcome of message.proto */
	METRICS_MANAGE,		/* the same */
	METRICS_EVENTS,		/* kind of a Record.Event */
	METRICS_LIMIT_HITS,	/* enum metrics_limit */
	METRICS_TURN_OPERATIONS,
	METRICS_TURN_TIME,
	METRICS_COMMIT_TIME,
	METRICS_MAILS,		/* kind of an Outbox, outcome of a MailResult */
	METRICS_MAIL_TIME,
	METRICS_MAIL_AGE,
	METRICS_COMMANDS,	/* of admin's table, status */
	METRICS_CPU,
	METRICS_MEMORY,
	METRICS_IDS
};

/* Why web got no answer from the engine. */
enum metrics_unanswered { UNANSWERED_AWAY, UNANSWERED_BUSY, UNANSWERED_SILENT,
	UNANSWERED_LOST };
/* What became of a request that was accepted. */
enum metrics_request { REQUEST_MAILED, REQUEST_ALREADY, REQUEST_MANAGE,
	REQUEST_HONEYPOT, REQUEST_OVER_BUDGET, REQUEST_NOTHING };
/* The limit that was reached. */
enum metrics_limit { LIMIT_PER_NETWORK, LIMIT_PER_ADDRESS, LIMIT_INTERVAL,
	LIMIT_PER_DOMAIN, LIMIT_TOTAL };

/* Which of its series: a number for each label; too large: the last one. */
struct metrics_at {
	unsigned label[3];
};
#define METRICS_AT(...) ((struct metrics_at){ { __VA_ARGS__ } })

/* Before the first fork.  Borrows the rows, METRICS_IDS of them; NULL with
 * errno.  Owned. */
struct metrics *metrics_new(const struct metrics_row *rows, unsigned webs);
/* NULL is fine, here and in all that follow: nothing is counted. */
void metrics_free(struct metrics *);
/*
 * This process is that one: it counts there and can touch nobody else's; admin
 * can read them all.  0, or negative errno.
 */
int metrics_keep(struct metrics *, enum role, unsigned index);

void metrics_add(struct metrics *, enum metrics_id, struct metrics_at,
    uint64_t n);
void metrics_set(struct metrics *, enum metrics_id, struct metrics_at,
    uint64_t n);
/* One value of a histogram. */
void metrics_observe(struct metrics *, enum metrics_id, struct metrics_at,
    uint64_t value);

/* The sums, as Prometheus wants them. */
void metrics_write(const struct metrics *, struct buf *);

#endif
