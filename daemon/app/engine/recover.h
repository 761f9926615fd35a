/* SPDX-License-Identifier: ISC */
/*
 * Starting is recovering: what the last process left undone is found in the
 * rows and taken up again, and budgets are counted anew.
 */
#ifndef APP_RECOVER_H
#define APP_RECOVER_H

struct config;
struct engine;

/* Once, when meta is read; ends with the engine ready or failed. */
void recover_start(struct engine *);
/*
 * The engine has another config than that: budgets whose limits changed are
 * counted anew.  Takes what reading the ledger's last windows takes.
 */
void recover_budgets(struct engine *, const struct config *before);

#endif
