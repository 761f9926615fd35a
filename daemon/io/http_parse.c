/* SPDX-License-Identifier: ISC */
/*
 * The request's head.  Everything that two parsers could read in two ways is
 * refused, because somebody in front of us may have read it the other way.
 */
#include "io/http_parse.h"

#include "base/num.h"
#include "io/http_chars.h"
#include "io/http_target.h"

/* A line feed came: the line it ends, or the whole head. */
static unsigned
scan_line(struct http_scan *scan, const struct http_limits *limits,
    bool *ret_end)
{
	bool empty = scan->seen - scan->line_start == 2;

	*ret_end = empty && scan->headers_start > 0;
	/* One empty line may stand before the request (RFC 9112 §2.2). */
	if (empty && scan->headers_start == 0 && scan->line_start > 0)
		return 400;
	scan->line_start = scan->seen;
	if (empty)
		return 0;
	if (scan->headers_start == 0)
		scan->headers_start = scan->seen;
	else if (++scan->headers > limits->header_count)
		return 431;
	return 0;
}

/* Goes on to where the text of the line ends, or what is there of it. */
static unsigned
scan_text(struct http_scan *scan, struct slice data,
    const struct http_limits *limits)
{
	size_t len = http_field_text_len(slice_sub(data, scan->seen,
	    data.len));

	if (len == 0)
		return 400;
	scan->seen += len;
	/* The CRLF of this line will count as well. */
	if (scan->headers_start == 0)
		return scan->seen - scan->line_start + 2 >
		    limits->request_line ? 414 : 0;
	return scan->seen - scan->headers_start + 2 > limits->header_bytes ?
	    431 : 0;
}

unsigned
http_scan_head(struct http_scan *scan, struct slice data,
    const struct http_limits *limits, size_t *ret_len)
{
	unsigned status = 0;
	bool end = false;

	*ret_len = 0;
	while (status == 0 && !end && scan->seen < data.len) {
		char c = data.p[scan->seen];

		if (scan->after_cr != (c == '\n'))
			return 400;
		scan->after_cr = c == '\r';
		scan->seen += c == '\r' || c == '\n';
		if (c == '\n')
			status = scan_line(scan, limits, &end);
		else if (c != '\r')
			status = scan_text(scan, data, limits);
	}
	if (end)
		*ret_len = scan->seen;
	return status;
}

static const struct {
	struct slice name;
	enum http_method method;
} methods[] = {
	{ SLICE("GET"), HTTP_GET },
	{ SLICE("POST"), HTTP_POST },
	{ SLICE("HEAD"), HTTP_HEAD },
	{ SLICE("OPTIONS"), HTTP_OPTIONS },
	{ SLICE("PUT"), HTTP_PUT },
	{ SLICE("DELETE"), HTTP_DELETE },
	{ SLICE("PATCH"), HTTP_PATCH },
};

/* Exact, for methods know upper from lower case. */
static enum http_method
method_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (slice_eq(name, methods[i].name))
			return methods[i].method;
	}
	return HTTP_OTHER;
}

static unsigned
parse_version(struct slice version, unsigned *ret_minor)
{
	static const char form[] = "HTTP/x.y";

	if (version.len != sizeof(form) - 1 ||
	    !slice_starts(version, "HTTP/") || version.p[6] != '.' ||
	    version.p[5] < '0' || version.p[5] > '9' ||
	    version.p[7] < '0' || version.p[7] > '9')
		return 400;
	if (version.p[5] != '1' || version.p[7] > '1')
		return 505;
	*ret_minor = (unsigned)(version.p[7] - '0');
	return 0;
}

static unsigned
parse_request_line(struct slice line, struct http_head *head,
    struct slice *ret_authority)
{
	struct slice method, target;
	unsigned status;

	/* Version first: another one's request line may look otherwise. */
	if (!slice_split(&line, ' ', &method) || !http_is_token(method) ||
	    !slice_split(&line, ' ', &target) || target.len == 0 ||
	    line.p == NULL)
		return 400;
	status = parse_version(line, &head->minor);
	if (status != 0)
		return status;
	/* Its target has a form of its own, which nobody here needs. */
	if (slice_eq_str(method, "CONNECT"))
		return 501;
	head->method = method_of(method);
	return http_parse_target(target, head->method, &head->path,
	    &head->query, ret_authority) < 0 ? 400 : 0;
}

/* field-name ":" OWS field-value OWS (RFC 9112 §5). */
static unsigned
parse_field(struct slice line, struct http_header *ret_header)
{
	ptrdiff_t colon = slice_find(line, ':');

	if (colon < 0)
		return 400;
	ret_header->name = slice_sub(line, 0, (size_t)colon);
	ret_header->field = http_field_of(ret_header->name);
	ret_header->value = slice_trim(slice_sub(line, (size_t)colon + 1,
	    line.len));
	/*
	 * A folded line starts with a blank, which is no token either.  The
	 * value has been looked at, as all bytes were, to find the head's end.
	 */
	return http_is_token(ret_header->name) ? 0 : 400;
}

static bool
take_line(struct slice *rest, struct slice *ret_line)
{
	if (!slice_split(rest, '\n', ret_line) || !slice_ends(*ret_line, "\r"))
		return false;
	ret_line->len--;
	return true;
}

/* Headers that decide something: twice is once too often. */
static bool
is_double(const struct http_head *head, enum http_field field)
{
	return http_field_is_single(field) && http_header_find(head->header,
	    head->header_count, field).p != NULL;
}

static unsigned
parse_fields(struct slice rest, struct http_head *head)
{
	struct slice line;

	while (take_line(&rest, &line) && line.len > 0) {
		struct http_header *next = &head->header[head->header_count];
		unsigned status = parse_field(line, next);

		if (status != 0)
			return status;
		if (is_double(head, next->field))
			return 400;
		head->header_count++;
	}
	return 0;
}

struct slice
http_header_find(const struct http_header *headers, size_t count,
    enum http_field field)
{
	for (size_t i = 0; i < count; i++) {
		if (headers[i].field == field)
			return headers[i].value;
	}
	return slice_of(NULL, 0);
}

static struct slice
find(const struct http_head *head, enum http_field field)
{
	return http_header_find(head->header, head->header_count, field);
}

static unsigned
check_host(const struct http_head *head, struct slice authority)
{
	struct slice host = find(head, HTTP_FIELD_HOST);

	if (host.p == NULL)
		return head->minor == 0 && authority.p == NULL ? 0 : 400;
	if (!http_host_is_valid(host))
		return 400;
	return authority.p == NULL || slice_ieq(authority, host) ? 0 : 400;
}

/* How long the body is (RFC 9112 §6), and that nobody could doubt it. */
static unsigned
check_framing(struct http_head *head)
{
	struct slice length = find(head, HTTP_FIELD_CONTENT_LENGTH);
	struct slice coding = find(head, HTTP_FIELD_TRANSFER_ENCODING);

	if (coding.p != NULL) {
		if (length.p != NULL || head->minor == 0 ||
		    !slice_ieq_str(coding, "chunked"))
			return 400;
		head->chunked = true;
	}
	if (length.p != NULL) {
		if (num_parse_u64(length, &head->length) < 0)
			return 400;
		head->has_length = true;
	}
	if ((head->method == HTTP_GET || head->method == HTTP_HEAD) &&
	    (head->chunked || head->length > 0))
		return 400;
	return 0;
}

/* "close" anywhere in Connection; what else is there is not for us. */
static bool
asks_to_close(const struct http_head *head)
{
	for (size_t i = 0; i < head->header_count; i++) {
		struct slice rest = head->header[i].value, option;

		if (head->header[i].field != HTTP_FIELD_CONNECTION)
			continue;
		while (slice_split(&rest, ',', &option)) {
			if (slice_ieq_str(slice_trim(option), "close"))
				return true;
		}
	}
	return false;
}

static unsigned
check_expect(struct http_head *head)
{
	struct slice expect = find(head, HTTP_FIELD_EXPECT);

	if (expect.p == NULL || head->minor == 0)
		return 0;
	if (!slice_ieq_str(expect, "100-continue"))
		return 417;
	head->expects_continue = true;
	return 0;
}

unsigned
http_parse_head(struct slice text, const struct http_limits *limits,
    struct http_head *head)
{
	struct slice line, authority = slice_of(NULL, 0);
	unsigned status;

	*head = (struct http_head){ .method = HTTP_OTHER,
	    .header = head->header };
	if (slice_starts(text, "\r\n"))
		text = slice_sub(text, 2, text.len);
	if (!take_line(&text, &line))
		return 400;
	status = parse_request_line(line, head, &authority);
	if (status == 0)
		status = parse_fields(text, head);
	if (status == 0)
		status = check_host(head, authority);
	if (status == 0)
		status = check_framing(head);
	if (status != 0)
		return status;
	head->close = head->minor == 0 || asks_to_close(head);
	status = check_expect(head);
	if (status == 0 && head->length > limits->body)
		status = 413;
	return status;
}
