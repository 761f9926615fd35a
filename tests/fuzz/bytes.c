/* SPDX-License-Identifier: ISC */
/*
 * Numbers and bytes as text: one spelling each.
 */
#include "base/bytes.h"

#include <inttypes.h>

#include "base/num.h"
#include "fuzz.h"

enum { BYTES_MAX = 64 };

static void
check_coded(struct slice text)
{
	uint8_t bytes[BYTES_MAX];
	struct buf again = { 0 };
	size_t len = text.len / 2;

	if (text.len > BYTES_MAX)
		return;
	if (bytes_from_hex(text, bytes, len) == 0) {
		bytes_add_hex(&again, bytes, len);
		MUST(slice_eq(buf_slice(&again), text));
	}
	buf_reset(&again);
	len = text.len * 3 / 4;
	if (bytes_from_base64url(text, bytes, len) == 0) {
		bytes_add_base64url(&again, bytes, len);
		MUST(slice_eq(buf_slice(&again), text));
	}
	if (bytes_from_base64(text, bytes, &len) == 0)
		MUST(len <= text.len / 4 * 3 && text.len % 4 == 0);
	buf_fini(&again);
}

static void
check_numbers(struct slice text)
{
	uint64_t value, more;

	if (num_parse_u64(text, &value) == 0) {
		MUST(num_parse_range(text, value, value, &more) == 0 &&
		    more == value);
		MUST(num_parse_duration(text, &more) < 0 || more == value);
		MUST(num_parse_size(text, &more) < 0 || more == value);
	}
	(void)num_parse_hex(text, &value);
	(void)num_parse_size(text, &value);
	(void)num_parse_duration(text, &value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_coded(slice_of(data, size));
	check_numbers(slice_of(data, size));
	return 0;
}
