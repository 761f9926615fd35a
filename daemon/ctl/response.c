/* SPDX-License-Identifier: ISC */
/*
 * Reads responses.  A body has a length or is chunked; one that lasts as long
 * as the connection would hide that it was cut off, so it is refused.
 */
#include "ctl/response.h"

#include <sys/param.h>

#include "base/num.h"

enum { HEAD_MAX = 16 * 1024 };

void
response_fini(struct response *response)
{
	buf_fini(&response->head);
	buf_fini(&response->content);
}

/* "HTTP/1.1 200 OK". */
static int
parse_status(struct response *response, struct slice line)
{
	uint64_t status;

	if (!slice_starts(line, "HTTP/1.1 ") || line.len < 12 ||
	    (line.len > 12 && line.p[12] != ' ') ||
	    num_parse_range(slice_sub(line, 9, 12), 200, 599, &status) != 0)
		return -1;
	response->status = (unsigned)status;
	return 0;
}

static int
parse_header(struct response *response, struct slice line, bool *has_length)
{
	ptrdiff_t colon = slice_find(line, ':');
	struct slice name, value;

	if (colon <= 0)
		return -1;
	name = slice_sub(line, 0, (size_t)colon);
	value = slice_trim(slice_sub(line, (size_t)colon + 1, line.len));
	if (slice_ieq_str(name, "Content-Length")) {
		if (*has_length || num_parse_u64(value, &response->left) != 0)
			return -1;
		*has_length = true;
	} else if (slice_ieq_str(name, "Transfer-Encoding")) {
		if (response->chunked || !slice_ieq_str(value, "chunked"))
			return -1;
		response->chunked = true;
	} else if (slice_ieq_str(name, "Connection")) {
		response->closes = slice_ieq_str(value, "close");
	}
	return 0;
}

/* The whole head, up to its empty line. */
static int
parse_head(struct response *response)
{
	struct slice rest = buf_slice(&response->head), line;
	bool has_length = false, first = true;

	while (slice_split(&rest, '\n', &line)) {
		if (!slice_ends(line, "\r"))
			return -1;
		line.len--;
		if (line.len == 0)
			break;
		if ((first ? parse_status(response, line) :
		    parse_header(response, line, &has_length)) != 0)
			return -1;
		first = false;
	}
	if (first || has_length == response->chunked)
		return -1;
	response->done = has_length && response->left == 0;
	return 0;
}

/* Bytes of `data` that belong to the head; -1 when it gets too long. */
static ptrdiff_t
feed_head(struct response *response, struct slice data)
{
	for (size_t i = 0; i < data.len; i++) {
		buf_add_char(&response->head, data.p[i]);
		if (response->head.len > HEAD_MAX)
			return -1;
		if (slice_ends(buf_slice(&response->head), "\r\n\r\n"))
			return parse_head(response) != 0 ? -1 :
			    (ptrdiff_t)i + 1;
	}
	return (ptrdiff_t)data.len;
}

static ptrdiff_t
feed_chunks(struct response *response, struct slice data,
    void (*on_body)(struct slice content, void *arg), void *arg)
{
	enum http_chunk_result result;
	size_t used;

	buf_reset(&response->content);
	result = http_chunk_feed(&response->chunk, data, SIZE_MAX,
	    &response->content, &used);
	if (result != HTTP_CHUNK_MORE && result != HTTP_CHUNK_DONE)
		return -1;
	if (response->content.len > 0)
		on_body(buf_slice(&response->content), arg);
	response->done = result == HTTP_CHUNK_DONE;
	return (ptrdiff_t)used;
}

static ptrdiff_t
feed_length(struct response *response, struct slice data,
    void (*on_body)(struct slice content, void *arg), void *arg)
{
	size_t used = (size_t)MIN(response->left, data.len);

	on_body(slice_sub(data, 0, used), arg);
	response->left -= used;
	response->done = response->left == 0;
	return (ptrdiff_t)used;
}

int
response_feed(struct response *response, struct slice data,
    void (*on_body)(struct slice content, void *arg), void *arg)
{
	while (data.len > 0) {
		ptrdiff_t used;

		if (response->done)
			return -1;
		if (response->status == 0)
			used = feed_head(response, data);
		else if (response->chunked)
			used = feed_chunks(response, data, on_body, arg);
		else
			used = feed_length(response, data, on_body, arg);
		if (used < 0)
			return -1;
		data = slice_sub(data, (size_t)used, data.len);
	}
	return 0;
}
