/* SPDX-License-Identifier: ISC */
/*
 * Web origins.  A URL is taken apart by hand and strictly, because browsers
 * repair what others refuse ("https:evil", "/\evil", tabs in the middle), and
 * a redirect goes where the browser thinks it does.
 */
#include "core/origin.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/idn.h"
#include "base/num.h"

/* A host as written, and as somebody may write it: in four bytes a letter. */
enum { HOST_SIZE = 256, HOST_BYTES_MAX = 4 * HOST_SIZE };

static const struct scheme {
	const char *prefix;
	uint64_t port;
} schemes[] = {
	{ "https://", 443 },
	{ "http://", 80 },
};

/* The scheme that text begins with, which is taken off; NULL: none. */
static const struct scheme *
take_scheme(struct slice *text)
{
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i].prefix);

		if (text->len > n && slice_ieq_str(slice_sub(*text, 0, n),
		    schemes[i].prefix)) {
			*text = slice_sub(*text, n, text->len);
			return &schemes[i];
		}
	}
	return NULL;
}

/* "[…]" with what inet_pton takes inside, rewritten by inet_ntop. */
static int
write_ipv6(struct slice host, char ret_host[HOST_SIZE])
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr ip;

	if (host.len < 4 || host.len - 2 >= sizeof(text))
		return -1;
	memcpy(text, host.p + 1, host.len - 2);
	text[host.len - 2] = '\0';
	if (inet_pton(AF_INET6, text, &ip) != 1 ||
	    inet_ntop(AF_INET6, &ip, text, sizeof(text)) == NULL)
		return -1;
	(void)snprintf(ret_host, HOST_SIZE, "[%s]", text);
	return 0;
}

static bool
is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	    c == '-' || c == '.';
}

/* A name's labels, after mapping: none empty, none with - at an end. */
static bool
is_host_name(struct slice host)
{
	struct slice label;

	if (host.len == 0 || host.len >= HOST_SIZE)
		return false;
	for (size_t i = 0; i < host.len; i++) {
		if (!is_host_char(host.p[i]))
			return false;
	}
	while (slice_split(&host, '.', &label)) {
		if (label.len == 0 || label.len > 63 || label.p[0] == '-' ||
		    label.p[label.len - 1] == '-')
			return false;
	}
	return true;
}

static int
write_host(struct slice host, char ret_host[HOST_SIZE])
{
	char *alabels;
	int result = -1;

	/* Mapping a long one costs milliseconds, and nobody has one. */
	if (host.len > HOST_BYTES_MAX)
		return -1;
	if (host.len > 0 && host.p[0] == '[') {
		return host.p[host.len - 1] == ']' ?
		    write_ipv6(host, ret_host) : -1;
	}
	/* Its mapping would also take what is no part of a host. */
	for (size_t i = 0; i < host.len; i++) {
		if ((unsigned char)host.p[i] <= ' ')
			return -1;
	}
	alabels = idn_to_alabels(host);
	if (alabels != NULL && is_host_name(slice_str(alabels))) {
		(void)snprintf(ret_host, HOST_SIZE, "%s", alabels);
		result = 0;
	}
	free(alabels);
	return result;
}

/* Where the host ends and ":port" begins; an IPv6 address has colons. */
static size_t
host_length(struct slice authority)
{
	ptrdiff_t end = slice_find(authority, ']');
	ptrdiff_t colon;

	if (authority.len > 0 && authority.p[0] == '[' && end >= 0)
		return (size_t)end + 1;
	colon = slice_find(authority, ':');
	return colon >= 0 ? (size_t)colon : authority.len;
}

static int
write_origin(const struct scheme *scheme, struct slice authority,
    struct origin *ret_origin)
{
	size_t host_len = host_length(authority);
	struct slice port = slice_sub(authority, host_len, authority.len);
	char host[HOST_SIZE];
	uint64_t number = scheme->port;
	struct origin origin = { "" };

	if (port.len > 0 && (port.p[0] != ':' || num_parse_range(
	    slice_sub(port, 1, port.len), 1, 65535, &number) < 0))
		return -1;
	if (write_host(slice_sub(authority, 0, host_len), host) < 0)
		return -1;
	if (number == scheme->port)
		(void)snprintf(origin.text, sizeof(origin.text), "%s%s",
		    scheme->prefix, host);
	else
		(void)snprintf(origin.text, sizeof(origin.text), "%s%s:%u",
		    scheme->prefix, host, (unsigned)number);
	*ret_origin = origin;
	return 0;
}

int
origin_parse(struct slice text, struct origin *ret_origin)
{
	const struct scheme *scheme = take_scheme(&text);

	return scheme != NULL ? write_origin(scheme, text, ret_origin) : -1;
}

/* What RFC 3986 has in a URL; the rest would have to be %XX. */
static bool
is_url_char(char c)
{
	return c > ' ' && c < 0x7f && strchr("\"<>\\^`{|}", c) == NULL;
}

int
origin_of_url(struct slice url, struct origin *ret_origin)
{
	const struct scheme *scheme;
	size_t end = 0;

	if (url.len > ORIGIN_URL_MAX)
		return -1;
	for (size_t i = 0; i < url.len; i++) {
		if (!is_url_char(url.p[i]))
			return -1;
	}
	scheme = take_scheme(&url);
	if (scheme == NULL)
		return -1;
	while (end < url.len && strchr("/?#", url.p[end]) == NULL)
		end++;
	/* user@ and %XX in it fail as no host has them. */
	return write_origin(scheme, slice_sub(url, 0, end), ret_origin);
}

bool
origin_is_named(struct slice header, const struct config_strings *origins)
{
	for (size_t i = 0; i < origins->count; i++) {
		if (slice_eq_str(header, origins->item[i]))
			return strcmp(origins->item[i], "*") != 0;
	}
	return false;
}

bool
origin_is_listed(struct slice header, const struct config_strings *origins)
{
	struct origin origin;

	for (size_t i = 0; i < origins->count; i++) {
		if (strcmp(origins->item[i], "*") == 0)
			return origin_parse(header, &origin) == 0;
	}
	return origin_is_named(header, origins);
}

bool
origin_allows_url(struct slice url, const struct config_strings *origins)
{
	struct origin origin;

	return origin_of_url(url, &origin) == 0 &&
	    origin_is_named(slice_str(origin.text), origins);
}
