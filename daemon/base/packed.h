/* SPDX-License-Identifier: ISC */
/*
 * A packed message of Protocol Buffers, gone through field by field and not
 * unpacked: for whoever wants little of many.  It knows no schema.
 */
#ifndef BASE_PACKED_H
#define BASE_PACKED_H

#include <stdint.h>

#include "base/slice.h"

/* How a field's value is written. */
enum packed_type { PACKED_VARINT, PACKED_FIXED64, PACKED_BYTES,
	PACKED_FIXED32 = 5 };

struct packed_field {
	uint32_t number;
	enum packed_type type;
	uint64_t value;		/* a number's; of a signed one, its bits */
	struct slice bytes;	/* a string's or an inner message's */
};

enum packed_result { PACKED_FIELD, PACKED_END, PACKED_BAD };

/* Takes the first field off *rest; its bytes are borrowed from there. */
enum packed_result packed_next(struct slice *rest,
    struct packed_field *ret_field);

#endif
