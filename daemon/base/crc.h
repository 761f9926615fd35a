/* SPDX-License-Identifier: ISC */
/*
 * CRC-32 (ISO 3309): tells a damaged record from a whole one.
 */
#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stdint.h>

#include "base/slice.h"

uint32_t crc_of(struct slice data);
/* Of the data that has this CRC, and more behind it. */
uint32_t crc_add(uint32_t crc, struct slice more);

#endif
