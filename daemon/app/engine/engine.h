/* SPDX-License-Identifier: ISC */
/*
 * The engine process, from the inside: what its files share.  It alone has the
 * database and the keys, answers questions (core/message.proto), and works in
 * turns (app/engine/turn.h).
 */
#ifndef APP_ENGINE_H
#define APP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/child.h"
#include "app/engine/budgets.h"
#include "app/engine/engine_list.h"
#include "app/engine/engine_peer.h"
#include "app/engine/outbox.h"
#include "app/engine/secret_file.h"
#include "app/settings.h"
#include "core/config.h"
#include "core/message.pb-c.h"
#include "core/price.h"
#include "core/steady.h"

struct carry;
struct compact;
struct metrics;
struct op;
struct reload;
struct replay;
struct watch;

/* The format of the database; how full it may get by posts and mails. */
enum { ENGINE_SCHEMA = 1, ENGINE_POSTS_PERCENT = 90,
	ENGINE_MAILS_PERCENT = 95 };

/* What turns count up, written with them. */
struct engine_progress {
	uint64_t next_request, next_contact, next_outbox, next_event;
	uint64_t worked;	/* requests below it were worked on */
	uint64_t waiting;	/* requests whose mail is queued or out */
	int64_t seen;		/* the wall clock, as last written down */
	bool changed;
};

struct engine_stats {
	uint64_t turns, subscribes, robots, over_budget, mailed;
	/* Proofs asked for and shown; replayed: no longer good. */
	uint64_t challenged, solved, waited, replayed;
	int64_t started_at;
};

struct engine {
	struct child *child;
	const struct config *config;
	const struct templates *templates;
	struct settings own;		/* both, if a reload brought them */
	struct reload *reload;		/* NULL: none is under way */
	uint32_t generation;		/* of the config */
	struct metrics *metrics;	/* NULL: nothing is counted */
	struct store *store;
	struct secret *secret;

	struct engine_list *lists;
	size_t list_count;
	struct { uint64_t confirmed, unsubscribed; } *counts;	/* per list */
	bool counts_changed;
	struct engine_progress progress;
	struct engine_stats stats;
	struct steady steady;		/* the wall clock's, see wall.h */
	struct mail_texts *mail_texts;
	struct budgets budgets;
	struct replay *proofs;		/* used ones */
	struct watch *watch;		/* for attacks */
	struct carry *carry;		/* NULL: nothing is restored */
	struct compact *compact;
	enum price_mood mood;		/* what the webs were told */
	struct peer peers[ENGINE_PEERS_MAX];
	size_t peer_count;
	uint32_t connections;		/* ever made */
	struct outbox outbox;
	struct held *held;
	struct op *first, **tail;	/* what waits for a turn */
	struct event *turn_event, *due_event, *tidy_event, *sync_event,
	    *settle_event;
	bool turning, started, stopping, failed;
};

/* The whole life of one; borrows what it is to carry over first, or NULL. */
int engine_run(struct child *, struct carry *);
/* Has a turn run soon: something is queued, or due. */
void engine_wake(struct engine *);
/* Looks when something will be due, and sets the timer. */
void engine_schedule(struct engine *);
/* Says why the database is of no use, on stderr, and ends with status 1. */
void engine_fail(struct engine *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
