/* SPDX-License-Identifier: ISC */
/*
 * Bytes as numbers and as text.
 */
#include "base/bytes.h"

static const char hex_digits[] = "0123456789abcdef";
static const char base64url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
bytes_put_be(uint8_t *p, size_t size, uint64_t value)
{
	while (size-- > 0) {
		p[size] = (uint8_t)(value & 0xff);
		value >>= 8;
	}
}

uint64_t
bytes_get_be(const uint8_t *p, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | p[i];
	return value;
}

void
bytes_add_hex(struct buf *out, const void *p, size_t len)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < len; i++) {
		buf_add_char(out, hex_digits[b[i] >> 4]);
		buf_add_char(out, hex_digits[b[i] & 15]);
	}
}

static int
digit_of(const char *alphabet, char c)
{
	const char *at = c != '\0' ? strchr(alphabet, c) : NULL;

	return at != NULL ? (int)(at - alphabet) : -1;
}

int
bytes_from_hex(struct slice hex, uint8_t *ret_bytes, size_t size)
{
	if (hex.len != 2 * size)
		return -1;
	for (size_t i = 0; i < size; i++) {
		int high = digit_of(hex_digits, hex.p[2 * i]);
		int low = digit_of(hex_digits, hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return -1;
		ret_bytes[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

void
bytes_add_base64url(struct buf *out, const void *p, size_t len)
{
	const uint8_t *b = p;
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | b[i];
		for (have += 8; have >= 6; have -= 6)
			buf_add_char(out, base64url[bits >> (have - 6) & 63]);
	}
	if (have > 0)
		buf_add_char(out, base64url[bits << (6 - have) & 63]);
}

/* Without padding. */
static int
decode(const char *alphabet, struct slice text, uint8_t *ret_bytes,
    size_t size)
{
	uint32_t bits = 0;
	unsigned have = 0;
	size_t n = 0;

	if (text.len != (size * 8 + 5) / 6)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		int digit = digit_of(alphabet, text.p[i]);

		if (digit < 0)
			return -1;
		bits = bits << 6 | (uint32_t)digit;
		have += 6;
		if (have >= 8) {
			have -= 8;
			ret_bytes[n++] = (uint8_t)(bits >> have & 0xff);
		}
	}
	return (bits & ((1U << have) - 1)) == 0 ? 0 : -1;
}

int
bytes_from_base64url(struct slice text, uint8_t *ret_bytes, size_t size)
{
	return decode(base64url, text, ret_bytes, size);
}

int
bytes_from_base64(struct slice text, uint8_t *ret_bytes, size_t *ret_len)
{
	size_t padding = 0;

	while (padding < 2 && padding < text.len &&
	    text.p[text.len - 1 - padding] == '=')
		padding++;
	if (text.len % 4 != 0)
		return -1;
	*ret_len = text.len / 4 * 3 - padding;
	return decode(base64, slice_sub(text, 0, text.len - padding),
	    ret_bytes, *ret_len);
}
