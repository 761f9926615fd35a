/* SPDX-License-Identifier: ISC */
/*
 * A restored database is older than what people wished since.  Where the one
 * whose place it takes can be read, whoever left, objected or was erased
 * meanwhile has done so here, too, and mail that went out isn't sent again,
 * before an engine starts on it.  Where there is none, only mails that ask to
 * confirm are left in the queue.
 */
#ifndef APP_CARRY_H
#define APP_CARRY_H

#include <stdint.h>

struct buf;
struct carry;
struct child;
struct engine;

/*
 * An engine that restores the config's database, and has nothing else to do:
 * with the former one, if there is one, in the folder `former` below it.  To
 * be told to stop once it is ready.
 */
int carry_main(struct child *);

/*
 * In three steps.  First: opens the former one; NULL: there is none.  NULL
 * after adding to `error` why it can't be read.
 */
struct carry *carry_open(const char *former, struct buf *error);
void carry_close(struct carry *);
/*
 * Then, in that folder, before the engine opens it: what is taken row by row,
 * suppressions, sealed proofs, their ends and the numbers of lists.  0; or -1
 * after adding to `error`.
 */
int carry_tables(struct carry *, const char *folder, uint64_t map_size,
    struct buf *error);
/*
 * Then, of an engine that has read its meta: all else, which ends by starting
 * it, or with its failure.
 */
void carry_begin(struct engine *);

#endif
