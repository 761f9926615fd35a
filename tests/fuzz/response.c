/* SPDX-License-Identifier: ISC */
/*
 * What assentctl reads from the admin socket is the same in one piece and
 * byte by byte.
 */
#include "ctl/response.h"

#include "fuzz.h"

struct heard {
	int result;
	unsigned status;
	bool done;
	struct buf body;
};

static void
on_body(struct slice content, void *arg)
{
	struct heard *h = arg;

	buf_add_slice(&h->body, content);
}

static struct heard
hear(struct slice data, size_t step)
{
	struct response response = { 0 };
	struct heard h = { 0 };

	for (size_t i = 0; i < data.len && h.result == 0; i += step)
		h.result = response_feed(&response, slice_sub(data, i,
		    i + step), on_body, &h);
	h.status = response.status;
	h.done = response.done;
	MUST(!h.done || (h.status >= 200 && h.status <= 599));
	response_fini(&response);
	return h;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_of(data, size);
	struct heard whole = hear(all, size), parts = hear(all, 1);

	MUST(whole.result == parts.result);
	if (whole.result == 0)
		MUST(whole.status == parts.status &&
		    whole.done == parts.done && slice_eq(
		    buf_slice(&whole.body), buf_slice(&parts.body)));
	buf_fini(&whole.body);
	buf_fini(&parts.body);
	return 0;
}
