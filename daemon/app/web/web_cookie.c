/* SPDX-License-Identifier: ISC */
/*
 * Cookies (RFC 6265): the one we know, out of all that come.
 */
#include "app/web/web_cookie.h"

#include <inttypes.h>

#include "base/bytes.h"
#include "base/mem.h"

enum { COOKIE_SIZE = 16 };

#define COOKIE_NAME "assent_signup"

char *
web_cookie_new(const struct web *web, const struct config_list *list,
    uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	uint8_t random[COOKIE_SIZE];
	struct buf value = { 0 };
	char *header;

	crypto_random(random, sizeof(random));
	bytes_add_base64url(&value, random, sizeof(random));
	crypto_hash(buf_slice(&value), ret_hash);
	header = mem_printf(COOKIE_NAME "=%s; HttpOnly; SameSite=Lax; "
	    "Path=/confirm; Max-Age=%" PRIu64 "%s", buf_str(&value),
	    list->confirm_within, web->https ? "; Secure" : "");
	explicit_bzero(value.p, value.len);
	buf_fini(&value);
	return header;
}

static int
read_header(struct slice header, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	uint8_t random[COOKIE_SIZE];
	struct slice pair;

	while (slice_split(&header, ';', &pair)) {
		pair = slice_trim(pair);
		if (!slice_starts(pair, COOKIE_NAME "="))
			continue;
		pair = slice_sub(pair, sizeof(COOKIE_NAME "=") - 1, pair.len);
		if (bytes_from_base64url(pair, random, sizeof(random)) < 0)
			continue;
		crypto_hash(pair, ret_hash);
		return 0;
	}
	return -1;
}

int
web_cookie_read(const struct web *web, const struct http_request *request,
    uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	if (!web->config->signup_cookie)
		return -1;
	for (size_t i = 0; i < request->header_count; i++) {
		if (request->headers[i].field == HTTP_FIELD_COOKIE &&
		    read_header(request->headers[i].value, ret_hash) == 0)
			return 0;
	}
	return -1;
}
