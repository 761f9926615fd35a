/* SPDX-License-Identifier: ISC */
/*
 * The copier, which is started for one copy of the database, on behalf of the
 * engine or an admin process.  It lives across a reload, and no longer than
 * who asked for it.
 */
#ifndef APP_PARENT_COPY_H
#define APP_PARENT_COPY_H

#include <stdbool.h>

struct member;
struct parent;

struct copy {
	struct member *asker;	/* NULL: is gone, or nobody asked */
	int fd;			/* for the copier that is due; -1: none is */
};

/* A member asks for a copy to that fd, which is taken. */
void parent_copy_want(struct parent *p, struct member *by, int fd);
bool parent_copy_is_due(const struct parent *p);
/* It was forked: the fd is its own from now on. */
void parent_copy_on_start(struct parent *p);
/* Returns at once when that death isn't about copying. */
void parent_copy_on_end(struct parent *p, const struct member *m,
    int wait_status);
/* There is to be no copy, neither one that is due nor one that is made. */
void parent_copy_abandon(struct parent *p);

#endif
