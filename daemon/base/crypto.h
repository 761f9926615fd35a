/* SPDX-License-Identifier: ISC */
/*
 * Digests, MACs, AES-SIV and random bytes, on libcrypto.  A failure inside
 * the library is our bug or a broken machine: these die rather than go on
 * without cryptography.  Only crypto_siv_open can say no.
 */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct crypto_siv;
struct crypto_sum;

enum { CRYPTO_HASH_SIZE = 32, CRYPTO_SIV_KEY_SIZE = 64,
	CRYPTO_SIV_TAG_SIZE = 16 };

/*
 * From now on all memory that the library frees is cleared first, so that no
 * key stays behind in what is free; and where there is none, the process ends,
 * so that no good token seems a bad one.  Before anything else of it is used.
 */
void crypto_clear_freed(void);

/* SHA-256. */
void crypto_hash(struct slice data, uint8_t ret_hash[CRYPTO_HASH_SIZE]);
/* The same of data that comes in pieces; owned until its end frees it. */
struct crypto_sum *crypto_sum_new(void);
void crypto_sum_add(struct crypto_sum *, struct slice data);
void crypto_sum_end(struct crypto_sum *, uint8_t ret_hash[CRYPTO_HASH_SIZE]);
/* HMAC-SHA256. */
void crypto_hmac(struct slice key, struct slice data,
    uint8_t ret_mac[CRYPTO_HASH_SIZE]);
/* From the kernel's generator (getrandom). */
void crypto_random(void *ret_bytes, size_t len);
/* Constant time. */
bool crypto_equal(const void *a, const void *b, size_t len);

/* AES-256-SIV (RFC 5297), set up with a key, which it copies; owned. */
struct crypto_siv *crypto_siv_new(const uint8_t key[CRYPTO_SIV_KEY_SIZE]);
void crypto_siv_free(struct crypto_siv *);	/* clears its copy, too */
/*
 * Of one block of associated data and one text: writes tag ‖ ciphertext,
 * CRYPTO_SIV_TAG_SIZE + len bytes.
 */
void crypto_siv_seal(const struct crypto_siv *, struct slice associated,
    struct slice text, uint8_t *ret_sealed);
/* The other way; -1 when it isn't authentic. */
int crypto_siv_open(const struct crypto_siv *, struct slice associated,
    struct slice sealed, uint8_t *ret_text);

/* The library's version. */
const char *crypto_version(void);

#endif
