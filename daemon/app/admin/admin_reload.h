/* SPDX-License-Identifier: ISC */
/*
 * POST /reload, between its question to the parent and its answer.
 */
#ifndef APP_ADMIN_RELOAD_H
#define APP_ADMIN_RELOAD_H

struct admin;
struct child_load;

/* The parent told how reading the config went: who asked gets an answer. */
void admin_reload_done(struct admin *, const struct child_load *);

#endif
