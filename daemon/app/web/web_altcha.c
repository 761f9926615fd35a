/* SPDX-License-Identifier: ISC */
/*
 * Payloads.  Whatever of a challenge was signed is read member by member, and
 * there may be no other: so there is nothing of it that nobody has checked.
 */
#include "app/web/web_altcha.h"

#include <stddef.h>
#include <string.h>

#include "base/bytes.h"
#include "io/json.h"

/* All members of the parameters. */
static const struct hex_member {
	const char *name;
	size_t at, size;
} hex_members[] = {
	{ "keyPrefix", offsetof(struct challenge, prefix),
	    CHALLENGE_PREFIX_SIZE },
	{ "keySignature", offsetof(struct challenge, key_signature),
	    CHALLENGE_MAC_SIZE },
	{ "nonce", offsetof(struct challenge, nonce), CHALLENGE_NONCE_SIZE },
	{ "salt", offsetof(struct challenge, salt), CHALLENGE_NONCE_SIZE },
};
static const struct {
	const char *name;
	int64_t value;
} fixed_members[] = {
	{ "cost", CHALLENGE_COST },
	{ "keyLength", CHALLENGE_KEY_SIZE },
};
enum { HEX_MEMBERS = sizeof(hex_members) / sizeof(hex_members[0]),
	FIXED_MEMBERS = sizeof(fixed_members) / sizeof(fixed_members[0]),
	/* and algorithm, data, expiresAt */
	PARAMETERS = HEX_MEMBERS + FIXED_MEMBERS + 3 };

static bool
read_hex(const struct json *object, const char *name, uint8_t *ret_bytes,
    size_t size)
{
	return bytes_from_hex(json_text(json_get(object, name)), ret_bytes,
	    size) == 0;
}

static bool
read_whole(const struct json *object, const char *name, int64_t *ret_number)
{
	const struct json *value = json_get(object, name);

	*ret_number = json_number(value);
	return json_is_whole(value);
}

static bool
read_data(const struct json *data, struct web_altcha *a)
{
	struct slice list = json_text(json_get(data, "list"));
	int64_t level;

	if (json_member_count(data) != 2 || list.p == NULL ||
	    list.len > WEB_ALTCHA_LIST_MAX ||
	    !read_whole(data, "level", &level) || level < 0 ||
	    level >= CHALLENGE_LEVELS)
		return false;
	memcpy(a->list, list.p, list.len);
	a->list[list.len] = '\0';
	a->challenge.list = slice_of(a->list, list.len);
	a->challenge.level = (unsigned)level;
	return true;
}

static bool
read_parameters(const struct json *parameters, struct web_altcha *a)
{
	if (json_member_count(parameters) != PARAMETERS ||
	    !slice_eq_str(json_text(json_get(parameters, "algorithm")),
	    challenge_algorithm) ||
	    !read_whole(parameters, "expiresAt", &a->challenge.expires_at) ||
	    !read_data(json_get(parameters, "data"), a))
		return false;
	for (size_t i = 0; i < FIXED_MEMBERS; i++) {
		int64_t value;

		if (!read_whole(parameters, fixed_members[i].name, &value) ||
		    value != fixed_members[i].value)
			return false;
	}
	for (size_t i = 0; i < HEX_MEMBERS; i++) {
		const struct hex_member *m = &hex_members[i];

		if (!read_hex(parameters, m->name,
		    (uint8_t *)&a->challenge + m->at, m->size))
			return false;
	}
	return true;
}

/* What the solver says beside the key (the time that it took, say) is nothing
 * to us; not even the counter, as nobody has the key without it. */
static bool
read_all(const struct json *payload, struct web_altcha *a)
{
	const struct json *challenge = json_get(payload, "challenge");
	const struct json *solution = json_get(payload, "solution");
	int64_t counter;

	return json_member_count(challenge) == 2 &&
	    read_hex(challenge, "signature", a->challenge.signature,
	    sizeof(a->challenge.signature)) &&
	    read_parameters(json_get(challenge, "parameters"), a) &&
	    read_whole(solution, "counter", &counter) &&
	    read_hex(solution, "derivedKey", a->key_found,
	    sizeof(a->key_found));
}

int
web_altcha_read(struct slice payload, struct web_altcha *ret_altcha)
{
	uint8_t text[WEB_ALTCHA_MAX / 4 * 3];
	struct json *json;
	size_t len;
	bool good;

	if (payload.len > WEB_ALTCHA_MAX ||
	    bytes_from_base64(payload, text, &len) < 0)
		return -1;
	*ret_altcha = (struct web_altcha){ 0 };
	json = json_read(slice_of(text, len));
	good = json != NULL && read_all(json, ret_altcha);
	json_free(json);
	return good ? 0 : -1;
}
