/* SPDX-License-Identifier: ISC */
/*
 * Version 2 of the PROXY protocol: a binary block with which a proxy of TCP
 * connections tells, before anything else, who is at its other end.  Version
 * 1, the one in text, is refused.  Pure.
 */
#ifndef IO_PROXY_V2_H
#define IO_PROXY_V2_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ip.h"
#include "base/slice.h"

enum { PROXY_V2_MAX = 4096 };	/* bytes: certificates may be in it */

struct proxy_v2 {
	bool is_local;		/* the proxy itself speaks: a health check */
	struct ip source;	/* empty: it has none, or it isn't an IP's */
};

enum proxy_v2_result { PROXY_V2_MORE, PROXY_V2_DONE, PROXY_V2_MALFORMED };

/*
 * Looks at the bytes that came so far.  *ret_length is how many of them the
 * block has: with PROXY_V2_MORE at least so many must be there, so that who
 * reads no more than that never reads past the block.
 */
enum proxy_v2_result proxy_v2_read(struct slice data,
    struct proxy_v2 *ret_block, size_t *ret_length);

#endif
