/* SPDX-License-Identifier: ISC */
/*
 * The face of zlib, for its CRC alone.
 */
#include "base/crc.h"

#include <zlib.h>

uint32_t
crc_of(struct slice data)
{
	return crc_add(0, data);
}

uint32_t
crc_add(uint32_t crc, struct slice more)
{
	/* Of none at NULL zlib says how a new one begins. */
	return more.len == 0 ? crc : (uint32_t)crc32_z(crc,
	    (const unsigned char *)more.p, more.len);
}
