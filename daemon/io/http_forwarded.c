/* SPDX-License-Identifier: ISC */
/*
 * Two headers, one walk: from the last line to the first, and in each from
 * right to left.
 */
#include "io/http_forwarded.h"

#include "base/buf.h"
#include "base/num.h"
#include "io/http_media.h"
#include "io/http_parse.h"
#include "io/http_trust.h"

/* More than anybody has proxies in a row. */
enum { ELEMENTS_MAX = 32 };

enum step { STEP_PROXY, STEP_CLIENT, STEP_MALFORMED };

struct walk {
	const struct http_trust *trust;
	struct http_forwarded *result;
};

static enum http_scheme
scheme_of(struct slice text)
{
	if (slice_ieq_str(text, "https"))
		return HTTP_SCHEME_HTTPS;
	return slice_ieq_str(text, "http") ? HTTP_SCHEME_HTTP :
	    HTTP_SCHEME_UNTOLD;
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80". */
static int
parse_node(struct slice text, struct ip *ret_ip)
{
	struct slice host = text;
	ptrdiff_t end = slice_find(text, ']');
	ptrdiff_t colon = slice_find(text, ':');
	uint64_t number;

	if (slice_starts(text, "[")) {
		if (end < 0)
			return -1;
		host = slice_sub(text, 1, (size_t)end);
		if (slice_find(host, ':') < 0)
			return -1;
		colon = (size_t)end + 1 == text.len ? -1 : end + 1;
		if (colon > 0 && text.p[colon] != ':')
			return -1;
	} else if (colon >= 0 && colon != slice_rfind(text, ':')) {
		colon = -1;	/* a bare IPv6 address */
	} else if (colon >= 0) {
		host = slice_sub(text, 0, (size_t)colon);
	}
	if (colon >= 0 && num_parse_range(slice_sub(text, (size_t)colon + 1,
	    text.len), 0, UINT16_MAX, &number) < 0)
		return -1;
	return ip_parse(host, ret_ip);
}

/* One more hop; as long as it is a proxy of ours, the walk goes on. */
static enum step
take_node(struct walk *walk, struct slice text)
{
	struct ip ip;

	if (parse_node(text, &ip) < 0)
		return STEP_MALFORMED;
	walk->result->client = ip;
	return http_trust_has(walk->trust, &ip) ? STEP_PROXY : STEP_CLIENT;
}

static enum step
walk_x_for(struct walk *walk, struct slice line)
{
	enum step step = STEP_PROXY;
	bool more = true;

	while (more && step == STEP_PROXY) {
		ptrdiff_t comma = slice_rfind(line, ',');

		step = take_node(walk, slice_trim(slice_sub(line,
		    (size_t)(comma + 1), line.len)));
		more = comma >= 0;
		if (more)
			line = slice_sub(line, 0, (size_t)comma);
	}
	return step;
}

/* Takes the part before the next comma that stands outside quotes. */
static struct slice
next_element(struct slice *rest)
{
	struct slice line = *rest;
	bool quoted = false;

	for (size_t i = 0; i < line.len; i++) {
		if (quoted && line.p[i] == '\\')
			i++;
		else if (line.p[i] == '"')
			quoted = !quoted;
		else if (line.p[i] == ',' && !quoted) {
			*rest = slice_sub(line, i + 1, line.len);
			return slice_sub(line, 0, i);
		}
	}
	*rest = slice_of(NULL, 0);
	return line;
}

/* "for=192.0.2.1;proto=https"; `params` starts with the ';' of ours. */
static enum step
take_element(struct walk *walk, struct slice element)
{
	struct buf params = { 0 }, value = { 0 };
	enum step step = STEP_MALFORMED;

	buf_add_char(&params, ';');
	buf_add_slice(&params, element);
	walk->result->scheme = HTTP_SCHEME_UNTOLD;
	if (http_media_find(buf_slice(&params), "proto", &value) > 0)
		walk->result->scheme = scheme_of(buf_slice(&value));
	if (http_media_find(buf_slice(&params), "for", &value) > 0)
		step = take_node(walk, buf_slice(&value));
	buf_fini(&params);
	buf_fini(&value);
	return step;
}

/*
 * Quotes make sense from left to right only; a line in which a quote that
 * somebody planted swallows what a proxy added doesn't parse.
 */
static enum step
walk_forwarded(struct walk *walk, struct slice line)
{
	struct slice elements[ELEMENTS_MAX];
	enum step step = STEP_PROXY;
	size_t count = 0;

	do {
		if (count == ELEMENTS_MAX)
			return STEP_MALFORMED;
		elements[count++] = next_element(&line);
	} while (line.p != NULL);
	while (count > 0 && step == STEP_PROXY)
		step = take_element(walk, elements[--count]);
	return step;
}

/* All lines of that field; false when there is none. */
static bool
walk_lines(struct walk *walk, const struct http_header *headers,
    size_t count, enum http_field field,
    enum step (*walk_line)(struct walk *, struct slice))
{
	enum step step = STEP_PROXY;
	bool found = false;

	while (count-- > 0 && step == STEP_PROXY) {
		if (headers[count].field != field)
			continue;
		found = true;
		step = walk_line(walk, headers[count].value);
	}
	if (step == STEP_MALFORMED)
		*walk->result = (struct http_forwarded){ 0 };
	return found;
}

/* The one word of all such headers; two of them tell nothing. */
static enum http_scheme
read_x_proto(const struct http_header *headers, size_t count)
{
	struct slice word = slice_of(NULL, 0);
	unsigned found = 0;

	for (size_t i = 0; i < count; i++) {
		if (headers[i].field == HTTP_FIELD_X_FORWARDED_PROTO) {
			word = headers[i].value;
			found++;
		}
	}
	return found == 1 ? scheme_of(word) : HTTP_SCHEME_UNTOLD;
}

void
http_forwarded_read(const struct http_trust *trust,
    const struct http_header *headers, size_t count,
    struct http_forwarded *ret_forwarded)
{
	struct walk walk = { trust, ret_forwarded };
	enum http_scheme scheme = read_x_proto(headers, count);

	*ret_forwarded = (struct http_forwarded){ 0 };
	if (!walk_lines(&walk, headers, count, HTTP_FIELD_X_FORWARDED_FOR,
	    walk_x_for))
		(void)walk_lines(&walk, headers, count,
		    HTTP_FIELD_FORWARDED, walk_forwarded);
	if (scheme != HTTP_SCHEME_UNTOLD)
		ret_forwarded->scheme = scheme;
}

enum http_field
http_forwarded_field(const struct http_header *headers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum http_field field = headers[i].field;

		if (field == HTTP_FIELD_X_FORWARDED_FOR ||
		    field == HTTP_FIELD_X_FORWARDED_PROTO ||
		    field == HTTP_FIELD_FORWARDED)
			return field;
	}
	return HTTP_FIELD_OTHER;
}
