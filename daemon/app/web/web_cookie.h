/* SPDX-License-Identifier: ISC */
/*
 * The signup cookie: 128 random bits that tell the browser which filled in a
 * form when the mail's link is opened.  Only its hash goes to the engine.
 */
#ifndef APP_WEB_COOKIE_H
#define APP_WEB_COOKIE_H

#include "app/web/web.h"
#include "base/crypto.h"

/*
 * A new one, for the list's time: the Set-Cookie value, owned, and the hash
 * of it.
 */
char *web_cookie_new(const struct web *, const struct config_list *,
    uint8_t ret_hash[CRYPTO_HASH_SIZE]);
/* The hash of the one that came; 0, or -1 when none did. */
int web_cookie_read(const struct web *, const struct http_request *,
    uint8_t ret_hash[CRYPTO_HASH_SIZE]);

#endif
