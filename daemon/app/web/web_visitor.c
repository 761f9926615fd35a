/* SPDX-License-Identifier: ISC */
/*
 * A page is read as far as ours are written: one hidden field a line.
 */
#include "app/web/web_visitor.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "core/challenge.h"
#include "io/json.h"

/* The characters that HTML escapes. */
static const struct {
	const char *name;
	char c;
} entities[] = {
	{ "&quot;", '"' }, { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
	{ "&#39;", '\'' },
};

/* What stands from there to the quotation mark; owned. */
static char *
unescape(const char *p)
{
	struct buf out = { 0 };

	while (*p != '"' && *p != '\0') {
		size_t len = 1;
		char c = *p;

		for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]);
		    i++) {
			if (strncmp(p, entities[i].name,
			    strlen(entities[i].name)) == 0) {
				len = strlen(entities[i].name);
				c = entities[i].c;
			}
		}
		buf_add_char(&out, c);
		p += len;
	}
	return buf_take(&out);
}

static void
add_encoded(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c))
			buf_add_char(out, *text);
		else
			buf_printf(out, "%%%02X", c);
	}
}

char *
visitor_form(const char *page)
{
	static const char input[] = "<input type=\"hidden\" name=\"";
	struct buf out = { 0 };

	while ((page = strstr(page, input)) != NULL) {
		char *name = unescape(page + strlen(input));
		char *value = visitor_attribute(page, "value");

		if (strcmp(name, "altcha") != 0) {
			buf_printf(&out, "%s%s=", out.len > 0 ? "&" : "",
			    name);
			add_encoded(&out, value != NULL ? value : "");
		}
		free(value);
		free(name);
		page++;
	}
	return buf_take(&out);
}

char *
visitor_attribute(const char *page, const char *name)
{
	char *start = mem_printf(" %s=\"", name);
	const char *at = strstr(page, start);
	char *value = at != NULL ? unescape(at + strlen(start)) : NULL;

	free(start);
	return value;
}

char *
visitor_base64(const char *text)
{
	struct buf out = { 0 };

	bytes_add_base64url(&out, text, strlen(text));
	for (size_t i = 0; i < out.len; i++) {
		if (out.p[i] == '-')
			out.p[i] = '+';
		else if (out.p[i] == '_')
			out.p[i] = '/';
	}
	while (out.len % 4 != 0)
		buf_add_char(&out, '=');
	return buf_take(&out);
}

static void
get_hex(const struct json *object, const char *name, uint8_t *ret_bytes,
    size_t size)
{
	if (bytes_from_hex(json_text(json_get(object, name)), ret_bytes,
	    size) < 0)
		abort();
}

/* The counter; and the whole hash. */
static uint32_t
find(const struct json *parameters, uint8_t ret_key[CHALLENGE_KEY_SIZE])
{
	uint8_t data[2 * CHALLENGE_NONCE_SIZE + 4];
	uint8_t prefix[CHALLENGE_PREFIX_SIZE];
	uint32_t counter = 0;

	get_hex(parameters, "salt", data, CHALLENGE_NONCE_SIZE);
	get_hex(parameters, "nonce", data + CHALLENGE_NONCE_SIZE,
	    CHALLENGE_NONCE_SIZE);
	get_hex(parameters, "keyPrefix", prefix, sizeof(prefix));
	do {
		bytes_put_be(data + 2 * CHALLENGE_NONCE_SIZE, 4, counter++);
		crypto_hash(slice_of(data, sizeof(data)), ret_key);
	} while (memcmp(ret_key, prefix, sizeof(prefix)) != 0);
	return counter - 1;
}

char *
visitor_solve(const char *challenge)
{
	struct json *json = json_read(slice_str(challenge));
	uint8_t key[CHALLENGE_KEY_SIZE];
	struct buf text = { 0 };
	uint32_t counter = find(json_get(json, "parameters"), key);
	char *payload;

	buf_printf(&text, "{\"challenge\":%s,\"solution\":{\"counter\":%u,"
	    "\"derivedKey\":\"", challenge, (unsigned)counter);
	bytes_add_hex(&text, key, sizeof(key));
	buf_add_str(&text, "\",\"time\":12.3}}");
	payload = visitor_base64(buf_str(&text));
	buf_fini(&text);
	json_free(json);
	return payload;
}

char *
visitor_solution(const char *page)
{
	char *challenge = visitor_attribute(page, "data-challenge");
	char *payload = visitor_solve(challenge);
	struct buf pair = { 0 };

	buf_add_str(&pair, "&altcha=");
	add_encoded(&pair, payload);
	free(payload);
	free(challenge);
	return buf_take(&pair);
}
