/* SPDX-License-Identifier: ISC */
/*
 * PEM files are read here and not by OpenSSL, so that no buffer is left behind
 * with a key in it, and so that what is wrong can be told in plain words.
 */
#include "io/tls_identity.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/tls.h"

enum { PEM_MAX = 256 * 1024 };

struct pem {
	char *text;
	size_t size, len;
};

static void
pem_fini(struct pem *pem)
{
	mem_free_secret(pem->text, pem->size);
}

/* All of it, in memory that never moves; 0, or negative errno. */
static int
pem_read(const char *path, struct pem *pem)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	ssize_t n = 1;

	*pem = (struct pem){ .size = PEM_MAX };
	if (fd < 0)
		return -errno;
	pem->text = mem_new(1, pem->size);
	while (n != 0 && error == 0 && pem->len < pem->size) {
		n = read(fd, pem->text + pem->len, pem->size - pem->len);
		if (n > 0)
			pem->len += (size_t)n;
		else if (n < 0 && errno != EINTR)
			error = -errno;
	}
	close(fd);
	if (error == 0 && pem->len == pem->size)
		error = -EFBIG;
	if (error < 0)
		pem_fini(pem);
	return error;
}

/* A reader of that file; NULL after saying why not. */
static BIO *
open_pem(const char *path, struct pem *ret_pem, struct buf *error)
{
	int result = pem_read(path, ret_pem);
	BIO *bio;

	if (result < 0) {
		buf_printf(error, "cannot read %s: %s; want a file that "
		    "whoever starts assentd can read", path,
		    strerror(-result));
		return NULL;
	}
	bio = BIO_new_mem_buf(ret_pem->text, (int)ret_pem->len);
	if (bio == NULL)
		mem_die();
	return bio;
}

/* What OpenSSL has to say of it is no news to anybody. */
static void
forget_error(void)
{
	struct buf ignored = { 0 };

	tls_add_error(&ignored);
	buf_fini(&ignored);
}

/* Those that lead from the certificate to its issuer. */
static bool
add_chain(SSL_CTX *context, BIO *bio)
{
	X509 *next;

	while ((next = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		if (SSL_CTX_add0_chain_cert(context, next) != 1) {
			X509_free(next);
			return false;
		}
	}
	/* The end of the file is an error to OpenSSL. */
	forget_error();
	return true;
}

static X509 *
load_certificate(SSL_CTX *context, const char *path, struct buf *error)
{
	struct pem pem;
	BIO *bio = open_pem(path, &pem, error);
	X509 *certificate;

	if (bio == NULL)
		return NULL;
	certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (certificate == NULL) {
		forget_error();
		buf_printf(error, "there is no certificate in %s: want PEM, "
		    "which has a line -----BEGIN CERTIFICATE-----", path);
	} else if (SSL_CTX_use_certificate(context, certificate) != 1 ||
	    !add_chain(context, bio)) {
		buf_printf(error, "a certificate in %s can't be used: ",
		    path);
		tls_add_error(error);
		X509_free(certificate);
		certificate = NULL;
	}
	BIO_free(bio);
	pem_fini(&pem);
	return certificate;
}

/* Nobody is there to type it. */
static int
on_passphrase(char *text, int size, int writes, void *arg)
{
	bool *asked = arg;

	(void)text;
	(void)size;
	(void)writes;
	*asked = true;
	return -1;
}

static EVP_PKEY *
load_key(const char *path, struct buf *error)
{
	bool asked = false;
	struct pem pem;
	BIO *bio = open_pem(path, &pem, error);
	EVP_PKEY *key;

	if (bio == NULL)
		return NULL;
	key = PEM_read_bio_PrivateKey(bio, NULL, on_passphrase, &asked);
	forget_error();
	if (key == NULL && asked)
		buf_printf(error, "the key in %s has a passphrase: want one "
		    "without, in a file that only its owner can read", path);
	else if (key == NULL)
		buf_printf(error, "there is no private key in %s: want PEM, "
		    "which has a line -----BEGIN PRIVATE KEY-----", path);
	BIO_free(bio);
	pem_fini(&pem);
	return key;
}

static enum tls_fault
use_key(SSL_CTX *context, X509 *certificate, const char *key_path,
    const char *certificate_path, struct buf *error)
{
	EVP_PKEY *key = load_key(key_path, error);
	enum tls_fault fault = TLS_KEY;

	if (key == NULL)
		return TLS_KEY;
	if (X509_check_private_key(certificate, key) != 1) {
		forget_error();
		buf_printf(error, "the key in %s is not that of the first "
		    "certificate in %s: want the two that were made together",
		    key_path, certificate_path);
	} else if (SSL_CTX_use_PrivateKey(context, key) != 1) {
		buf_printf(error, "the key in %s can't be used: ", key_path);
		tls_add_error(error);
	} else {
		fault = TLS_FINE;
	}
	EVP_PKEY_free(key);
	return fault;
}

enum tls_fault
tls_identity_load(SSL_CTX *context, const char *certificate_path,
    const char *key_path, struct buf *error)
{
	X509 *certificate = load_certificate(context, certificate_path, error);
	enum tls_fault fault;

	if (certificate == NULL)
		return TLS_CERTIFICATE;
	fault = use_key(context, certificate, key_path, certificate_path,
	    error);
	X509_free(certificate);
	return fault;
}
