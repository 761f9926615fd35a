/* SPDX-License-Identifier: ISC */
/*
 * The head of a request is found at the same place however it comes, and what
 * is taken out of it is of it, and can be put on one line.
 */
#include "io/http_parse.h"

#include <stdlib.h>

#include "base/mem.h"
#include "fuzz.h"
#include "io/http_chars.h"
#include "io/http_target.h"

/* As it comes, `step` bytes more at a time. */
static unsigned
scan(struct slice data, size_t step, struct http_scan *s, size_t *ret_len)
{
	unsigned status = 0;
	size_t len = 0;

	*s = (struct http_scan){ 0 };
	do {
		len = data.len - len < step ? data.len : len + step;
		status = http_scan_head(s, slice_sub(data, 0, len),
		    &http_limits_default, ret_len);
	} while (status == 0 && *ret_len == 0 && len < data.len);
	return status;
}

static void
check_slice(struct slice part, struct slice whole)
{
	if (part.len > 0)
		MUST(part.p >= whole.p &&
		    part.p + part.len <= whole.p + whole.len);
}

static void
check_header(const struct http_header *header, struct slice text)
{
	check_slice(header->name, text);
	check_slice(header->value, text);
	MUST(http_is_token(header->name));
	MUST(header->field == http_field_of(header->name));
	MUST(http_is_field_text(header->value));
	MUST(slice_eq(slice_trim(header->value), header->value));
}

static void
check_head(const struct http_head *head, struct slice text)
{
	if (!slice_eq_str(head->path, "/"))	/* it may stand for none */
		check_slice(head->path, text);
	check_slice(head->query, text);
	MUST(slice_eq_str(head->path, "*") || head->path.len == 0 ||
	    http_is_path_text(head->path));
	MUST(head->query.len == 0 || http_is_query_text(head->query));
	MUST(head->minor <= 1);
	MUST(!(head->has_length && head->chunked));
	for (size_t i = 0; i < head->header_count; i++)
		check_header(&head->header[i], text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_of(data, size);
	struct http_head head = { 0 };
	struct http_scan s;
	size_t whole = 0, parts = 0;
	unsigned status = scan(all, all.len, &s, &whole);

	MUST(scan(all, 1, &s, &parts) == status && parts == whole);
	if (status != 0 || whole == 0)
		return 0;
	MUST(whole <= size);
	all = slice_sub(all, 0, whole);
	MUST(s.headers <= http_limits_default.header_count);
	head.header = mem_new(s.headers, sizeof(head.header[0]));
	status = http_parse_head(all, &http_limits_default, &head);
	MUST(status == 0 || (status >= 400 && status <= 505));
	if (status == 0) {
		check_head(&head, all);
		MUST(!head.has_length ||
		    head.length <= http_limits_default.body);
		MUST(head.minor == 0 || http_host_is_valid(http_header_find(
		    head.header, head.header_count, HTTP_FIELD_HOST)));
		MUST(head.header_count == s.headers);
	}
	free(head.header);
	return 0;
}
