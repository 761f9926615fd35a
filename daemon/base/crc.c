/* SPDX-License-Identifier: ISC */
/*
 * The face of libdeflate, for its CRC alone: a start reads a month's rows, and
 * has each of them checked.  It uses what processors have for that.
 */
#include "base/crc.h"

#include <libdeflate.h>

uint32_t
crc_of(struct slice data)
{
	return crc_add(0, data);
}

uint32_t
crc_add(uint32_t crc, struct slice more)
{
	/* Of none at NULL it says how a new one begins. */
	return more.len == 0 ? crc : libdeflate_crc32(crc, more.p, more.len);
}
