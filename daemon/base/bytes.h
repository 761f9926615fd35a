/* SPDX-License-Identifier: ISC */
/*
 * Numbers as big-endian bytes, so that keys sort as numbers do, and bytes as
 * text: hex, base64url (RFC 4648 §5, without padding), and others' base64.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/* The low `size` bytes of value, 1..8. */
void bytes_put_be(uint8_t *p, size_t size, uint64_t value);
uint64_t bytes_get_be(const uint8_t *p, size_t size);

void bytes_add_hex(struct buf *out, const void *p, size_t len);
/* Exactly 2 × size lower-case hex digits; -1 else. */
int bytes_from_hex(struct slice hex, uint8_t *ret_bytes, size_t size);

void bytes_add_base64url(struct buf *out, const void *p, size_t len);
/*
 * Exactly `size` bytes in canonical form: right length, right alphabet, no
 * padding, unused bits zero; -1 else.
 */
int bytes_from_base64url(struct slice text, uint8_t *ret_bytes, size_t size);
/*
 * Any number of bytes in canonical base64 (RFC 4648 §4), padded; -1 when it is
 * none.  There must be room for 3/4 of the text's length.
 */
int bytes_from_base64(struct slice text, uint8_t *ret_bytes, size_t *ret_len);

#endif
