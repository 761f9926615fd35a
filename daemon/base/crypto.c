/* SPDX-License-Identifier: ISC */
/*
 * The face of libcrypto for what the domain needs.
 */
#include "base/crypto.h"

#include <sys/random.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <malloc.h>
#include <stdlib.h>

#include "base/mem.h"

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

	if (had > 0)
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

void
crypto_hash(struct slice data, uint8_t ret_hash[CRYPTO_HASH_SIZE])
{
	must(EVP_Digest(bytes(data), data.len, ret_hash, NULL, EVP_sha256(),
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
	    EVP_DigestInit_ex(sum->context, EVP_sha256(), NULL) == 1);
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

void
crypto_hmac(struct slice key, struct slice data,
    uint8_t ret_mac[CRYPTO_HASH_SIZE])
{
	must(HMAC(EVP_sha256(), bytes(key), (int)key.len, bytes(data),
	    data.len, ret_mac, NULL) != NULL);
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

/*
 * Runs the cipher in one direction with the tag at `tag`; SIV wants the key
 * first, then (to open) the tag, then the associated data, then the text.
 */
static bool
siv_run(const uint8_t *key, bool seal, struct slice associated,
    struct slice in, uint8_t *tag, uint8_t *ret_out)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-SIV", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;
	bool ok;

	must(cipher != NULL && ctx != NULL);
	must(EVP_CipherInit_ex(ctx, cipher, NULL, key, NULL, seal) == 1);
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
	EVP_CIPHER_free(cipher);
	return ok;
}

void
crypto_siv_seal(const uint8_t key[CRYPTO_SIV_KEY_SIZE],
    struct slice associated, struct slice text, uint8_t *ret_sealed)
{
	must(siv_run(key, true, associated, text, ret_sealed,
	    ret_sealed + CRYPTO_SIV_TAG_SIZE));
}

int
crypto_siv_open(const uint8_t key[CRYPTO_SIV_KEY_SIZE],
    struct slice associated, struct slice sealed, uint8_t *ret_text)
{
	uint8_t tag[CRYPTO_SIV_TAG_SIZE];

	if (sealed.len <= CRYPTO_SIV_TAG_SIZE)
		return -1;
	memcpy(tag, sealed.p, sizeof(tag));
	return siv_run(key, false, associated,
	    slice_sub(sealed, CRYPTO_SIV_TAG_SIZE, sealed.len), tag,
	    ret_text) ? 0 : -1;
}

const char *
crypto_version(void)
{
	return OpenSSL_version(OPENSSL_VERSION_STRING);
}
