/* SPDX-License-Identifier: ISC */
/*
 * assentctl, from the inside: each command is a row that says all about it, in
 * the file that runs it; ctl/main.c lists those files.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "ctl/client.h"

enum { CTL_DONE = 0, CTL_FAILED = 1, CTL_USAGE = 2 };
enum { CTL_OPTIONS_MAX = 32 };

/* What was asked for on the command line. */
struct ctl {
	const struct ctl_command *command;
	const char *socket;
	bool json;
	const char *value[CTL_OPTIONS_MAX];	/* see ctl_option */
	char *const *args;			/* behind the command's name */
	size_t arg_count;
	struct client *client;
};

/* Each file's rows end with one without a name. */
struct ctl_command {
	const char *name;
	const char *usage;		/* its arguments; NULL: none */
	const char *what;		/* in a few words */
	const char *options;		/* it takes, with blanks; or NULL */
	const char *needs;		/* of them; or NULL */
	size_t min_args, max_args;
	/* Returns the exit status. */
	int (*run)(const struct ctl *);
	/* Of an order (ctl/order.c): what is said of the address after it;
	 * and when it was like that before. */
	const char *done, *nothing;
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

/*
 * The value of an option that the command takes, "1" of one that has none;
 * NULL when it wasn't given.
 */
const char *ctl_option(const struct ctl *, const char *name);
/* Those given, each as a parameter of its own name. */
void ctl_add_options(const struct ctl *, struct buf *form);
/* The daemon's answer as it came, to stdout; returns CTL_DONE. */
int ctl_print_answer(const struct ctl *);

#endif
