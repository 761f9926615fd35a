/* SPDX-License-Identifier: ISC */
/*
 * A limit is what the config writes as "3/1d, 5/30d": at most COUNT within
 * TIME, several of them at once; none at all when it says "off".
 */
#ifndef CORE_LIMIT_H
#define CORE_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum { LIMIT_WINDOWS_MAX = 4 };

struct limit {
	size_t count;			/* 0: off */
	struct {
		uint32_t count;
		uint32_t seconds;
	} window[LIMIT_WINDOWS_MAX];
};

/* 0; or -1 when it isn't one, or a count or a time is 0. */
int limit_parse(struct slice text, struct limit *ret_limit);
bool limit_equal(const struct limit *, const struct limit *);

#endif
