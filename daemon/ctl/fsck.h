/* SPDX-License-Identifier: ISC */
/*
 * Looking over a database, for those commands that do.
 */
#ifndef CTL_FSCK_H
#define CTL_FSCK_H

#include "app/engine/fsck.h"
#include "ctl/ctl.h"

/* Exit statuses; CTL_DONE: nothing was found. */
enum { CTL_FSCK_FOUND = 1, CTL_FSCK_CANNOT = 2 };

/* Prints each finding and the totals, in a child; returns the exit status. */
int ctl_fsck_look(const struct ctl *, const struct fsck_target *);

#endif
