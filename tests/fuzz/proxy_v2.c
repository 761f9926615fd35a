/* SPDX-License-Identifier: ISC */
/*
 * What a block of the PROXY protocol says depends neither on how much of it
 * came first nor on what comes behind it.
 */
#include "io/proxy_v2.h"

#include <string.h>

#include "fuzz.h"

static bool
is_same(const struct proxy_v2 *a, const struct proxy_v2 *b)
{
	return a->is_local == b->is_local && a->source.len == b->source.len &&
	    memcmp(a->source.byte, b->source.byte, a->source.len) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proxy_v2 whole = { 0 }, part;
	size_t length = 0, wanted = 0, len = 0;
	enum proxy_v2_result end, result;

	end = proxy_v2_read(slice_of(data, size), &whole, &length);
	do {
		part = (struct proxy_v2){ 0 };
		result = proxy_v2_read(slice_of(data, len), &part, &wanted);
		if (result == PROXY_V2_MORE) {
			MUST(wanted > len && wanted <= PROXY_V2_MAX);
			len = wanted;
		}
	} while (result == PROXY_V2_MORE && len < size);
	if (result == PROXY_V2_MORE)
		result = proxy_v2_read(slice_of(data, size), &part, &wanted);
	MUST(result == end);
	if (result != PROXY_V2_DONE)
		return 0;
	MUST(length == wanted && length <= size && is_same(&whole, &part));
	MUST(whole.source.len == 0 || whole.source.len == 4 ||
	    whole.source.len == 16);
	return 0;
}
