/* SPDX-License-Identifier: ISC */
/*
 * X-Forwarded-For, X-Forwarded-Proto and Forwarded, one line each: whoever
 * the client is said to be, it has an address that can be written and read,
 * and what stands before that line changes nothing unless it is a proxy's.
 */
#include "io/http_forwarded.h"

#include <string.h>

#include "fuzz.h"
#include "io/http_trust.h"

enum { LINES_MAX = 8 };

static const enum http_field fields[] = { HTTP_FIELD_X_FORWARDED_FOR,
	HTTP_FIELD_X_FORWARDED_PROTO, HTTP_FIELD_FORWARDED };

static void
check_client(const struct ip *client)
{
	char text[IP_TEXT_SIZE];
	struct ip again;

	if (client->len == 0)
		return;
	ip_write(client, text);
	MUST(ip_parse(slice_str(text), &again) == 0);
	MUST(again.len == client->len &&
	    memcmp(again.byte, client->byte, client->len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ip_network ours[2];
	const struct http_trust trust = { .proxies = ours, .proxy_count = 2 };
	struct http_header headers[LINES_MAX];
	struct slice rest = slice_of(data, size), line;
	struct http_forwarded result;
	size_t count = 0;

	MUST(ip_network_parse(slice_str("10.0.0.0/8"), &ours[0]) == 0);
	MUST(ip_network_parse(slice_str("2001:db8::/32"), &ours[1]) == 0);
	while (count < LINES_MAX && slice_split(&rest, '\n', &line)) {
		size_t which = line.len > 0 ? (unsigned char)line.p[0] : 0;

		headers[count++] = (struct http_header){
		    .field = fields[which % 3],
		    .value = slice_trim(slice_sub(line, 1, line.len)) };
	}
	http_forwarded_read(&trust, headers, count, &result);
	check_client(&result.client);
	MUST((http_forwarded_field(headers, count) != HTTP_FIELD_OTHER) ==
	    (count > 0));
	return 0;
}
