/* SPDX-License-Identifier: ISC */
/*
 * What the metrics say of a mail that was tried.
 */
#ifndef APP_MAIL_COUNT_H
#define APP_MAIL_COUNT_H

#include <stdint.h>

#include "core/message.pb-c.h"

struct metrics;

struct mail_times {
	int64_t queued_at;	/* wall, microseconds */
	int64_t begun_at;	/* monotonic, microseconds */
};

/* A try that begins now. */
struct mail_times mail_times_now(int64_t queued_at);
/* It has ended like that. */
void mail_count(struct metrics *, const char *kind, const struct mail_times *,
    Message__MailResult__Outcome);

#endif
