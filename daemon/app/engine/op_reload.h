/* SPDX-License-Identifier: ISC */
/*
 * Another config and its templates take the place of those there are, between
 * two turns: lists, texts, budgets and what is mailed follow.
 */
#ifndef APP_OP_RELOAD_H
#define APP_OP_RELOAD_H

#include <stdint.h>

struct engine;
struct settings;

/*
 * Reads what the parent kept of the files; takes the fd.  The parent is told
 * when they are taken, or that they can't be.  Until that generation's mailer
 * connects no mail is handed out: the one before it may not know the list.
 */
void op_reload_read(struct engine *, uint32_t generation, int fd);
/* The same with what was read; takes it. */
void op_reload_take(struct engine *, uint32_t generation,
    const struct settings *);
/* What it took, and what it was about to. */
void op_reload_free(struct engine *);

#endif
