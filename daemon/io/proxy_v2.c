/* SPDX-License-Identifier: ISC */
/*
 * The block: a signature of 12 bytes, version and command, family and
 * transport, the length of the rest, then addresses and extensions (TLVs),
 * which say nothing that we would believe.
 */
#include "io/proxy_v2.h"

#include <string.h>

#include "base/bytes.h"

enum { SIGNATURE = 12, PREFIX = 16, COMMAND_AT = 12, FAMILY_AT = 13,
	LENGTH_AT = 14 };
enum { LOCAL = 0x20, PROXY = 0x21 };

/* By the high half of the family byte: bytes of one address, and of all. */
static const struct {
	size_t address, all;
} families[] = { { 0, 0 }, { 4, 12 }, { 16, 36 }, { 0, 216 } };

static const char signature[SIGNATURE + 1] =
    "\r\n\r\n\0\r\nQUIT\n";

/* As far as the bytes go. */
static bool
is_sound(struct slice data)
{
	const uint8_t *byte = (const uint8_t *)data.p;
	size_t n = data.len < SIGNATURE ? data.len : SIGNATURE;

	if (n > 0 && memcmp(data.p, signature, n) != 0)
		return false;
	if (data.len > COMMAND_AT && byte[COMMAND_AT] != LOCAL &&
	    byte[COMMAND_AT] != PROXY)
		return false;
	/* Unspecified, stream or datagram; the latter two of each family. */
	return data.len <= FAMILY_AT || (byte[FAMILY_AT] >> 4 <= 3 &&
	    (byte[FAMILY_AT] & 15) <= 2);
}

/* The addresses of a whole block; false when it is too short for them. */
static bool
read_addresses(struct slice rest, uint8_t family, struct ip *ret_source)
{
	size_t size = families[family >> 4].address;

	if (rest.len < families[family >> 4].all)
		return false;
	if (size > 0)
		ip_of_bytes(rest.p, size, ret_source);
	return true;
}

enum proxy_v2_result
proxy_v2_read(struct slice data, struct proxy_v2 *block, size_t *ret_length)
{
	const uint8_t *byte = (const uint8_t *)data.p;

	*block = (struct proxy_v2){ 0 };
	*ret_length = PREFIX;
	if (!is_sound(data))
		return PROXY_V2_MALFORMED;
	if (data.len < PREFIX)
		return PROXY_V2_MORE;
	*ret_length += (size_t)bytes_get_be(byte + LENGTH_AT, 2);
	if (*ret_length > PROXY_V2_MAX)
		return PROXY_V2_MALFORMED;
	if (data.len < *ret_length)
		return PROXY_V2_MORE;
	block->is_local = byte[COMMAND_AT] == LOCAL;
	/* Whatever a local one carries means nothing. */
	if (!block->is_local && !read_addresses(slice_sub(data, PREFIX,
	    *ret_length), byte[FAMILY_AT], &block->source))
		return PROXY_V2_MALFORMED;
	return PROXY_V2_DONE;
}
