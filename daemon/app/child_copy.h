/* SPDX-License-Identifier: ISC */
/*
 * A copy of the database as it is at one moment, made by a process of its own,
 * the copier, which the parent starts for it: LMDB makes one with a thread.
 */
#ifndef APP_CHILD_COPY_H
#define APP_CHILD_COPY_H

#include <stdbool.h>

struct child;

/* Busy: another is being made, or the parent stops. */
enum copy_end { COPY_DONE, COPY_FAILED, COPY_BUSY };

/*
 * A copy has ended; the engine hears of those that others asked for, too.  One
 * that failed may have written some of it.
 */
typedef void (*child_on_copied)(struct child *, enum copy_end, bool own,
    void *arg);

/*
 * Asks for one, to be written to that fd: a file, or a pipe whose writing end
 * blocks.  It stays the caller's.  One at a time: it is answered before the
 * next is asked for.
 */
void child_ask_copy(struct child *, int fd);

/*
 * There is to be no copy, whoever asked for it; its end is told all the same.
 * The engine's alone.
 */
void child_drop_copy(struct child *);

/* The copier's: where to. */
int child_copy_fd(const struct child *);
/*
 * The copier's, which has no loop: enters its sandbox, and ends when the
 * parent does.  0; or -1 after telling why not.
 */
int child_enter(struct child *);

#endif
