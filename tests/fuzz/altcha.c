/* SPDX-License-Identifier: ISC */
/*
 * What an ALTCHA widget posts, both as it comes and as the JSON in it: none
 * of it is good that we didn't sign.
 */
#include "app/web/web_altcha.h"

#include "base/buf.h"
#include "base/mem.h"
#include "fuzz.h"

enum { EARLY = 0, LATE = 2000000000 };

static void
add_base64(struct buf *out, struct slice bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.len; i += 3) {
		struct slice three = slice_sub(bytes, i, i + 3);
		unsigned n = 0;

		for (size_t k = 0; k < 3; k++)
			n = n << 8 | (k < three.len ?
			    (unsigned char)three.p[k] : 0);
		for (size_t k = 0; k < 4; k++)
			buf_add_char(out, k > three.len ? '=' :
			    digits[n >> (18 - 6 * k) & 63]);
	}
}

static void
check(struct slice payload)
{
	static const struct slice key = SLICE("0123456789abcdef");
	struct web_altcha a;

	if (web_altcha_read(payload, &a) < 0)
		return;
	MUST(a.challenge.list.len <= WEB_ALTCHA_LIST_MAX &&
	    a.challenge.level < CHALLENGE_LEVELS);
	MUST(challenge_check(key, &a.challenge, a.key_found, a.list,
	    a.challenge.level, EARLY) == CHALLENGE_FORGED);
	MUST(challenge_check(key, &a.challenge, a.key_found, a.list,
	    a.challenge.level, LATE) == CHALLENGE_FORGED);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf payload = { 0 };

	check(slice_of(data, size));
	add_base64(&payload, slice_of(data, size));
	check(buf_slice(&payload));
	buf_fini(&payload);
	return 0;
}
