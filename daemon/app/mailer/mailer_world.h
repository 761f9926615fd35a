/* SPDX-License-Identifier: ISC */
/*
 * What the mailer's tests share: they are its child.c, its engine and its DNS.
 */
#ifndef APP_MAILER_WORLD_H
#define APP_MAILER_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/config.h"
#include "core/message.pb-c.h"
#include "io/dns_mail.h"

struct child;
struct child_callbacks;
struct event_base;
struct fake_smtp;
struct ipc;
struct templates;

/* The mailer's credits of one engine. */
enum { WORLD_WINDOW = 128, WORLD_RESULTS_MAX = 16 };

struct child {
	struct event_base *base;
	struct config config;
	struct config_list list;
	struct templates *templates;
	const struct child_callbacks *callbacks;
	void *arg;			/* the mailer's */
	void (*body)(struct child *);	/* the test */
	struct ipc *engine;		/* the engine's end */
	Message__MailResult *results[WORLD_RESULTS_MAX];
	unsigned result_count;
	uint32_t credits;
	bool ready, over;
};

/* Has the running test fail; doesn't return. */
typedef void world_judge(const char *what, const char *file, int line);

/*
 * Runs a mailer, and in its place in the loop the test: by a maildir, or the
 * server if there is one; `asks_dns` about each mail's domain.
 */
void world_run(void (*body)(struct child *), const struct fake_smtp *,
    bool asks_dns, world_judge *);
/* One round of the loop. */
void world_turn(struct child *);
/* A new engine, which knows of no results or credits. */
void world_connect(struct child *);
/* As that engine. */
void world_send_mail(struct child *, uint64_t sequence, const char *kind);
void world_recall_mail(struct child *, uint64_t sequence);
/* Until there are as many, and no more. */
void world_wait(struct child *, unsigned results, uint32_t credits);
void world_check(const Message__MailResult *, uint64_t sequence,
    Message__MailResult__Outcome);
/* To the question that waits; there must be one. */
void world_answer_dns(enum dns_mail);
/* Files in the maildir's new/, all of which are removed. */
unsigned world_take_files(const struct child *);
/* An empty one. */
void world_remove_maildir(const struct child *);

#endif
