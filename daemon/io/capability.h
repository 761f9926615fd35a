/* SPDX-License-Identifier: ISC */
/*
 * What of root's power a process has: capabilities(7).
 */
#ifndef IO_CAPABILITY_H
#define IO_CAPABILITY_H

#include <stdint.h>

#define CAPABILITY(number) (UINT64_C(1) << (number))

/*
 * Of the given set, what a process has or could ever get: whatever it becomes
 * or runs, more it can't have.  0 or negative errno: -EPERM in one that has no
 * right to (CAP_SETPCAP), and so seldom anything to lose.
 */
int capability_bound(uint64_t set);
/* What it has now is of that set, and not handed on.  0 or negative errno. */
int capability_limit(uint64_t set);

#endif
