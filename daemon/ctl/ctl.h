/* SPDX-License-Identifier: ISC */
/*
 * assentctl, from the inside: each command is a file of its own and a row of
 * the table in ctl/main.c.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "ctl/client.h"

enum { CTL_DONE = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

enum ctl_option { CTL_LIST = 1 << 0, CTL_STATE = 1 << 1, CTL_SINCE = 1 << 2,
	CTL_FORMAT = 1 << 3, CTL_REASON = 1 << 4, CTL_ALL = 1 << 5,
	CTL_SUPPRESS = 1 << 6, CTL_PROOF = 1 << 7, CTL_FORCE = 1 << 8,
	CTL_LANG = 1 << 9, CTL_PART = 1 << 10 };

/* What was asked for on the command line. */
struct ctl {
	const char *socket;
	bool json, all, suppress, proof, force;
	unsigned given;			/* of enum ctl_option */
	const char *list, *state, *since, *format, *reason, *lang, *part;
					/* NULL: not given */
	char *const *args;		/* behind the command's name */
	size_t arg_count;
	struct client *client;
};

struct ctl_command {
	const char *name;
	const char *usage;		/* its arguments */
	const char *what;		/* in a few words */
	unsigned options;		/* it takes, of enum ctl_option */
	size_t min_args, max_args;
	/* Returns the exit status. */
	int (*run)(struct ctl *);
};

/* "assentctl: …" on stderr; returns CTL_FAILED. */
int ctl_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/*
 * The same, with what the daemon gave as the reason of an answer other than
 * 200; says nothing for -1.
 */
int ctl_refused(const struct ctl *, int status);
/* The same with what it is about in front, unless that is NULL. */
int ctl_refused_for(const struct ctl *, int status, const char *what);

/* The commands. */
int ctl_status(struct ctl *);
int ctl_show(struct ctl *);
int ctl_list(struct ctl *);
int ctl_export(struct ctl *);
int ctl_unsubscribe(struct ctl *);
int ctl_resend(struct ctl *);
int ctl_confirm(struct ctl *);
int ctl_erase(struct ctl *);
int ctl_suppress(struct ctl *);
int ctl_unsuppress(struct ctl *);
int ctl_queue(struct ctl *);
int ctl_preview(struct ctl *);

#endif
