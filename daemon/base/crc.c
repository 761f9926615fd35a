/* SPDX-License-Identifier: ISC */
/*
 * The face of zlib, for its CRC alone.
 */
#include "base/crc.h"

#include <zlib.h>

uint32_t
crc_of(struct slice data)
{
	return (uint32_t)crc32_z(0, (const unsigned char *)data.p, data.len);
}
