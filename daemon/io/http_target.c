/* SPDX-License-Identifier: ISC */
/*
 * Targets and hosts.  Only their form is looked at here.
 */
#include "io/http_target.h"

#include <stdint.h>

#include "base/num.h"
#include "io/http_chars.h"

static bool
path_is_valid(struct slice path)
{
	if (!slice_starts(path, "/") || !http_is_path_text(path))
		return false;
	for (size_t i = 0; i < path.len; i++) {
		if (path.p[i] == '%' && (path.len - i < 3 ||
		    http_hex_value(path.p[i + 1]) < 0 ||
		    http_hex_value(path.p[i + 2]) < 0))
			return false;
	}
	return true;
}

static bool
port_is_valid(struct slice port)
{
	uint64_t value;

	return port.len > 0 && port.len <= 5 &&
	    num_parse_range(port, 0, UINT16_MAX, &value) == 0;
}

/* What stands in the brackets of an IPv6 host; its meaning is not ours. */
static bool
ipv6_is_valid(struct slice address)
{
	if (address.len < 2 || slice_find(address, ':') < 0)
		return false;
	for (size_t i = 0; i < address.len; i++) {
		if (http_hex_value(address.p[i]) < 0 && address.p[i] != ':' &&
		    address.p[i] != '.')
			return false;
	}
	return true;
}

bool
http_host_is_valid(struct slice host)
{
	ptrdiff_t at = slice_rfind(host, ':');
	ptrdiff_t bracket = slice_rfind(host, ']');

	if (host.len > 255 + sizeof(":65535") - 1)
		return false;
	if (at > bracket) {
		if (!port_is_valid(slice_sub(host, (size_t)at + 1, host.len)))
			return false;
		host = slice_sub(host, 0, (size_t)at);
	}
	if (slice_starts(host, "["))
		return slice_ends(host, "]") &&
		    ipv6_is_valid(slice_sub(host, 1, host.len - 1));
	return host.len > 0 && http_is_host_text(host);
}

/*
 * absolute-form: takes scheme and authority off.  The authority is put into
 * *ret_authority, to be compared with Host.
 */
static bool
take_authority(struct slice *target, struct slice *ret_authority)
{
	static const struct slice schemes[] = { SLICE("http://"),
		SLICE("https://") };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = schemes[i].len, end;

		if (!slice_ieq(slice_sub(*target, 0, n), schemes[i]))
			continue;
		for (end = n; end < target->len; end++) {
			if (target->p[end] == '/' || target->p[end] == '?')
				break;
		}
		*ret_authority = slice_sub(*target, n, end);
		*target = slice_sub(*target, end, target->len);
		return true;
	}
	return false;
}

int
http_parse_target(struct slice target, enum http_method method,
    struct slice *ret_path, struct slice *ret_query,
    struct slice *ret_authority)
{
	static const struct slice root = SLICE("/");
	ptrdiff_t question;

	*ret_authority = *ret_query = slice_of(NULL, 0);
	*ret_path = target;
	if (method == HTTP_OPTIONS && slice_eq_str(target, "*"))
		return 0;
	if (!slice_starts(target, "/") &&
	    !take_authority(&target, ret_authority))
		return -1;
	question = slice_find(target, '?');
	*ret_path = target;
	if (question >= 0) {
		*ret_path = slice_sub(target, 0, (size_t)question);
		*ret_query = slice_sub(target, (size_t)question + 1,
		    target.len);
	}
	if (ret_path->len == 0 && ret_authority->p != NULL)
		*ret_path = root;
	return path_is_valid(*ret_path) && http_is_query_text(*ret_query) ?
	    0 : -1;
}
