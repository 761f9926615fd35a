/* SPDX-License-Identifier: ISC */
/*
 * The face of libcrypto for what the domain needs.
 */
#include "base/crypto.h"

#include <sys/random.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <malloc.h>
#include <stdlib.h>

#include "base/mem.h"

enum { BLOCK_SIZE = 64 };	/* of SHA-256 */

static void
must(bool ok)
{
	if (!ok) {
		fputs("assent: libcrypto failed\n", stderr);
		abort();
	}
}

static const unsigned char *
bytes(struct slice s)
{
	return (const unsigned char *)(s.len > 0 ? s.p : "");
}

static void *
take(size_t size, const char *file, int line)
{
	void *p = malloc(size);

	(void)file;
	(void)line;
	if (p == NULL && size > 0)
		mem_die();
	return p;
}

static void
clear_and_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	if (p != NULL)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

/* Never in place: what realloc leaves behind when it moves isn't cleared. */
static void *
retake(void *p, size_t size, const char *file, int line)
{
	size_t had = p != NULL ? malloc_usable_size(p) : 0;
	void *moved = take(size, file, line);

	if (p != NULL && moved != NULL)
		memcpy(moved, p, had < size ? had : size);
	clear_and_free(p, file, line);
	return moved;
}

void
crypto_clear_freed(void)
{
	if (CRYPTO_set_mem_functions(take, retake, clear_and_free) != 1)
		abort();
}

/*
 * To look an algorithm up by its name costs more than to hash a short text
 * with it: each of the two is looked up once, for as long as the process lives.
 */
static const EVP_MD *
sha256(void)
{
	static EVP_MD *md;

	if (md == NULL)
		md = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(md != NULL);
	return md;
}

static const EVP_CIPHER *
aes_siv(void)
{
	static EVP_CIPHER *cipher;

	if (cipher == NULL)
		cipher = EVP_CIPHER_fetch(NULL, "AES-256-SIV", NULL);
	must(cipher != NULL);
	return cipher;
}

void
crypto_hash(struct slice data, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	must(EVP_Digest(bytes(data), data.len, ret_hash, NULL, sha256(),
	    NULL) == 1);
}

struct crypto_sum {
	EVP_MD_CTX *context;
};

struct crypto_sum *
crypto_sum_new(void)
{
	struct crypto_sum *sum = MEM_NEW(struct crypto_sum);

	sum->context = EVP_MD_CTX_new();
	must(sum->context != NULL &&
	    EVP_DigestInit_ex(sum->context, sha256(), NULL) == 1);
	return sum;
}

void
crypto_sum_add(struct crypto_sum *sum, struct slice data)
{
	must(EVP_DigestUpdate(sum->context, bytes(data), data.len) == 1);
}

void
crypto_sum_end(struct crypto_sum *sum, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	must(EVP_DigestFinal_ex(sum->context, ret_hash, NULL) == 1);
	EVP_MD_CTX_free(sum->context);
	free(sum);
}

/* One of the two digests of RFC 2104: of the key under a mask, then a text. */
static void
digest_keyed(EVP_MD_CTX *ctx, const uint8_t key[BLOCK_SIZE], uint8_t mask,
    struct slice text, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	uint8_t pad[BLOCK_SIZE];

	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] = key[i] ^ mask;
	must(EVP_DigestInit_ex(ctx, sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(ctx, pad, sizeof(pad)) == 1 &&
	    EVP_DigestUpdate(ctx, bytes(text), text.len) == 1 &&
	    EVP_DigestFinal_ex(ctx, ret_hash, NULL) == 1);
	explicit_bzero(pad, sizeof(pad));
}

/* The library's own HMAC looks three things up each time. */
void
crypto_hmac(struct slice key, struct slice data,
    uint8_t ret_mac[CRYPTO_HASH_SIZE])
{
	uint8_t block[BLOCK_SIZE] = { 0 }, inner[CRYPTO_HASH_SIZE];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	must(ctx != NULL);
	if (key.len > sizeof(block))
		crypto_hash(key, block);
	else
		memcpy(block, bytes(key), key.len);
	digest_keyed(ctx, block, 0x36, data, inner);
	digest_keyed(ctx, block, 0x5c, slice_of(inner, sizeof(inner)),
	    ret_mac);
	EVP_MD_CTX_free(ctx);
	explicit_bzero(block, sizeof(block));
}

void
crypto_random(void *ret_bytes, size_t len)
{
	uint8_t *p = ret_bytes;

	while (len > 0) {
		ssize_t n = getrandom(p, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		must(n > 0);
		p += n;
		len -= (size_t)n;
	}
}

bool
crypto_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

/* To set a key up costs more than to use it: each use is of a copy. */
struct crypto_siv {
	EVP_CIPHER_CTX *keyed;
};

struct crypto_siv *
crypto_siv_new(const uint8_t key[CRYPTO_SIV_KEY_SIZE])
{
	struct crypto_siv *siv = MEM_NEW(struct crypto_siv);

	siv->keyed = EVP_CIPHER_CTX_new();
	must(siv->keyed != NULL && EVP_CipherInit_ex(siv->keyed, aes_siv(),
	    NULL, key, NULL, true) == 1);
	return siv;
}

void
crypto_siv_free(struct crypto_siv *siv)
{
	if (siv == NULL)
		return;
	EVP_CIPHER_CTX_free(siv->keyed);
	free(siv);
}

/*
 * Runs the cipher in one direction with the tag at `tag`; SIV wants (to open)
 * the tag first, then the associated data, then the text.
 */
static bool
siv_run(const struct crypto_siv *siv, bool seal, struct slice associated,
    struct slice in, uint8_t *tag, uint8_t *ret_out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;
	bool ok;

	must(ctx != NULL && EVP_CIPHER_CTX_copy(ctx, siv->keyed) == 1);
	must(EVP_CipherInit_ex(ctx, NULL, NULL, NULL, NULL, seal) == 1);
	if (!seal)
		must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG,
		    CRYPTO_SIV_TAG_SIZE, tag) == 1);
	must(EVP_CipherUpdate(ctx, NULL, &n, bytes(associated),
	    (int)associated.len) == 1);
	ok = EVP_CipherUpdate(ctx, ret_out, &n, bytes(in), (int)in.len) == 1 &&
	    EVP_CipherFinal_ex(ctx, ret_out + in.len, &n) == 1;
	if (ok && seal)
		must(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG,
		    CRYPTO_SIV_TAG_SIZE, tag) == 1);
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

void
crypto_siv_seal(const struct crypto_siv *siv, struct slice associated,
    struct slice text, uint8_t *ret_sealed)
{
	must(siv_run(siv, true, associated, text, ret_sealed,
	    ret_sealed + CRYPTO_SIV_TAG_SIZE));
}

int
crypto_siv_open(const struct crypto_siv *siv, struct slice associated,
    struct slice sealed, uint8_t *ret_text)
{
	uint8_t tag[CRYPTO_SIV_TAG_SIZE];

	if (sealed.len <= CRYPTO_SIV_TAG_SIZE)
		return -1;
	memcpy(tag, sealed.p, sizeof(tag));
	return siv_run(siv, false, associated,
	    slice_sub(sealed, CRYPTO_SIV_TAG_SIZE, sealed.len), tag,
	    ret_text) ? 0 : -1;
}

const char *
crypto_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}
