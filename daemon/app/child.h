/* SPDX-License-Identifier: ISC */
/*
 * What every child process has in common: its event loop, the control channel
 * from the parent, log name, signals.  A child is forked, not executed, so
 * that config and templates, read and checked by the parent, are simply there.
 *
 * The parent gives a child its connections to the others through the control
 * channel (SCM_RIGHTS), at start and anew whenever the other one was
 * restarted.  A child ends when the control channel does.
 */
#ifndef APP_CHILD_H
#define APP_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "app/child_copy.h"
#include "app/child_report.h"

struct certificates;
struct config;
struct metrics;
struct templates;
struct event_base;

struct child_callbacks {
	/*
	 * A new connection (fd, taken by the callee) to the process of that
	 * role and index; the former one, if any, is to be dropped.
	 */
	void (*on_peer)(struct child *, enum role peer, unsigned index,
	    int fd, void *arg);
	/* Stop accepting, finish what was accepted, then child_exit. */
	void (*on_stop)(struct child *, void *arg);
	/*
	 * The same at leisure: another generation has taken over.  on_stop
	 * may come after it.  Not called in the engine.
	 */
	void (*on_leave)(struct child *, void *arg);
	/* The state of one process changed.  May be NULL. */
	void (*on_report)(struct child *, const struct child_report *,
	    void *arg);
	/* A reload ended, or this child has just begun.  May be NULL. */
	void (*on_load)(struct child *, const struct child_load *, void *arg);
	/*
	 * What the parent kept of the files (io/files) that are the config
	 * from now on; taken.  The engine's alone: the others are started
	 * anew.
	 */
	void (*on_settings)(struct child *, uint32_t generation, int fd,
	    void *arg);
	/* app/child_copy.h tells.  May be NULL. */
	child_on_copied on_copied;
};

struct event_base *child_base(struct child *);
const struct config *child_config(const struct child *);
const struct templates *child_templates(const struct child *);
unsigned child_index(const struct child *);
/* Counts the configs that were loaded. */
uint32_t child_generation(const struct child *);
/* Listening sockets that this child was given, bound by the parent. */
int child_listener_count(const struct child *);
int child_listener_fd(const struct child *, int i);
/* Where this child counts; NULL: nowhere. */
struct metrics *child_metrics(const struct child *);
/* Keys and all in web, elsewhere but the dates; NULL: none. */
struct certificates *child_certificates(const struct child *);
/* The engine's: an open, read-only fd of the secret file. */
int child_secret_fd(const struct child *);
/* The mailer's: the same of the mail server's password; -1: no login. */
int child_password_fd(const struct child *);

/*
 * Enters the process's sandbox, then runs the loop until child_exit; returns
 * the exit status.  What the sandbox doesn't allow is to be open by now.
 */
int child_run(struct child *, const struct child_callbacks *, void *arg);
/* Tells the parent that this child does its work now. */
void child_ready(struct child *);
/* The engine goes by that config now, or can't. */
void child_took_settings(struct child *, uint32_t generation, bool taken);
/* Asks the parent to load the config anew. */
void child_ask_reload(struct child *);
/* Ends the loop with that status after the current callback. */
void child_exit(struct child *, int status);

/*
 * The mains, one for each role: set up, child_run, clean up, return the exit
 * status.  A start that can't succeed (another's secret, a locked database)
 * says so in one line on stderr and returns 1 before child_ready: then the
 * parent, if it is still starting too, ends with 1.
 */
int engine_main(struct child *);
int mailer_main(struct child *);
int admin_main(struct child *);
int copier_main(struct child *);
int web_main(struct child *);

#endif
