/* SPDX-License-Identifier: ISC */
/*
 * The encoding: a number and a type, and then what the type says.
 */
#include "base/packed.h"

enum { VARINT_MAX = 10, TYPE_BITS = 3, NUMBER_MAX = (1 << 29) - 1 };

static bool
take_varint(struct slice *rest, uint64_t *ret_value)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < rest->len && i < VARINT_MAX; i++) {
		uint8_t byte = (uint8_t)rest->p[i];

		value |= (uint64_t)(byte & 0x7f) << 7 * i;
		if (byte < 0x80) {
			rest->p += i + 1;
			rest->len -= i + 1;
			*ret_value = value;
			return true;
		}
	}
	return false;
}

static bool
take_bytes(struct slice *rest, uint64_t len, struct slice *ret_bytes)
{
	if (len > rest->len)
		return false;
	*ret_bytes = slice_of(rest->p, len);
	rest->p += len;
	rest->len -= len;
	return true;
}

/* Little-endian. */
static bool
take_fixed(struct slice *rest, size_t size, uint64_t *ret_value)
{
	struct slice bytes;

	if (!take_bytes(rest, size, &bytes))
		return false;
	*ret_value = 0;
	for (size_t i = size; i-- > 0;)
		*ret_value = *ret_value << 8 | (uint8_t)bytes.p[i];
	return true;
}

static bool
take_value(struct slice *rest, struct packed_field *f)
{
	uint64_t len;

	switch (f->type) {
	case PACKED_VARINT:
		return take_varint(rest, &f->value);
	case PACKED_FIXED64:
		return take_fixed(rest, 8, &f->value);
	case PACKED_BYTES:
		return take_varint(rest, &len) &&
		    take_bytes(rest, len, &f->bytes);
	case PACKED_FIXED32:
		return take_fixed(rest, 4, &f->value);
	}
	return false;
}

enum packed_result
packed_next(struct slice *rest, struct packed_field *ret_field)
{
	struct packed_field f = { 0 };
	uint64_t tag;

	if (rest->len == 0)
		return PACKED_END;
	if (!take_varint(rest, &tag) || tag >> TYPE_BITS == 0 ||
	    tag >> TYPE_BITS > NUMBER_MAX)
		return PACKED_BAD;
	f.number = (uint32_t)(tag >> TYPE_BITS);
	f.type = (enum packed_type)(tag & ((1 << TYPE_BITS) - 1));
	if (!take_value(rest, &f))
		return PACKED_BAD;
	*ret_field = f;
	return PACKED_FIELD;
}
