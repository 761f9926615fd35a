/* SPDX-License-Identifier: ISC */
/*
 * Two rounds for each word of the text, four at its end.
 */
#include "base/siphash.h"

#include <endian.h>
#include <string.h>

enum { WORD = 8 };

static uint64_t
rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

/* The first bytes of one, little-endian, and zeros. */
static uint64_t
word_of(const void *bytes, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, bytes, len);
	return le64toh(word);
}

static void
mix(uint64_t v[4], unsigned rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[0] = rotate(v[0], 32);
		v[2] += v[3];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[2] = rotate(v[2], 32);
	}
}

static void
add(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	mix(v, 2);
	v[0] ^= word;
}

uint64_t
siphash(const uint8_t key[SIPHASH_KEY_SIZE], struct slice text)
{
	uint64_t low = word_of(key, WORD), high = word_of(key + WORD, WORD);
	uint64_t v[4] = {		/* "somepseudorandomlygeneratedbytes" */
		low ^ UINT64_C(0x736f6d6570736575),
		high ^ UINT64_C(0x646f72616e646f6d),
		low ^ UINT64_C(0x6c7967656e657261),
		high ^ UINT64_C(0x7465646279746573) };
	size_t at = 0;

	for (; text.len - at >= WORD; at += WORD)
		add(v, word_of(text.p + at, WORD));
	add(v, (uint64_t)text.len << 56 | (text.len > at ?
	    word_of(text.p + at, text.len - at) : 0));
	v[2] ^= 0xff;
	mix(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
