/* SPDX-License-Identifier: ISC */
/*
 * One context for all connections.  Nothing is resumed: a handshake each is
 * nothing beside what follows.
 */
#include "io/tls_client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/mem.h"
#include "io/tls.h"

struct tls_client {
	SSL_CTX *context;
};

static bool
trust(SSL_CTX *context, const char *ca_file, struct buf *error)
{
	if (ca_file[0] == '\0')
		return SSL_CTX_set_default_verify_paths(context) == 1;
	if (access(ca_file, R_OK) < 0) {
		buf_printf(error, "%s: %s", ca_file, strerror(errno));
		return false;
	}
	ERR_clear_error();
	if (SSL_CTX_load_verify_file(context, ca_file) == 1)
		return true;
	buf_printf(error, "%s: no certificates in it: ", ca_file);
	tls_add_error(error);
	return false;
}

struct tls_client *
tls_client_new(const char *ca_file, struct buf *error)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct tls_client *c;

	if (context == NULL ||
	    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
		abort();
	if (!trust(context, ca_file, error)) {
		SSL_CTX_free(context);
		return NULL;
	}
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	c = MEM_NEW(struct tls_client);
	c->context = context;
	return c;
}

void
tls_client_free(struct tls_client *c)
{
	if (c == NULL)
		return;
	SSL_CTX_free(c->context);
	free(c);
}

const char *
tls_client_trusted_folder(void)
{
	const char *other = secure_getenv(X509_get_default_cert_dir_env());

	return other != NULL ? other : X509_get_default_cert_dir();
}

/* Whose certificate it must be; a name is also told to the server (SNI). */
static bool
expect(SSL *ssl, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	char *copy;	/* a macro of OpenSSL's drops a const */
	bool good;

	if (X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1)
		return true;
	ERR_clear_error();
	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	copy = mem_strdup(name);
	good = X509_VERIFY_PARAM_set1_host(param, name, 0) == 1 &&
	    SSL_set_tlsext_host_name(ssl, copy) == 1;
	free(copy);
	return good;
}

struct bufferevent *
tls_client_start(struct tls_client *c, struct event_base *base, int fd,
    const char *name)
{
	SSL *ssl = SSL_new(c->context);
	struct bufferevent *bev = NULL;

	if (ssl != NULL && expect(ssl, name))
		bev = bufferevent_openssl_socket_new(base, fd, ssl,
		    BUFFEREVENT_SSL_CONNECTING,
		    BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	ERR_clear_error();
	if (bev != NULL)
		return bev;
	SSL_free(ssl);
	(void)close(fd);
	return NULL;
}

/* The last of the queue that isn't one of libevent's own small numbers. */
static unsigned long
last_error(struct bufferevent *bev)
{
	unsigned long error, last = 0;

	while ((error = bufferevent_get_openssl_error(bev)) != 0) {
		if (last == 0 || ERR_GET_LIB(last) == 0)
			last = error;
	}
	return last;
}

bool
tls_client_add_failure(struct bufferevent *bev, struct buf *out)
{
	long verdict = SSL_get_verify_result(
	    bufferevent_openssl_get_ssl(bev));
	unsigned long error = last_error(bev);
	const char *reason = ERR_reason_error_string(error);

	ERR_clear_error();
	if (verdict != X509_V_OK) {
		buf_printf(out, "the server's certificate is no good: %s",
		    X509_verify_cert_error_string(verdict));
		return true;
	}
	if (error == 0 || ERR_GET_LIB(error) == 0 ||
	    ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		buf_add_str(out, "the server ended it while TLS began");
		return false;
	}
	buf_printf(out, "TLS doesn't come about: %s", reason != NULL ?
	    reason : "no reason given");
	return true;
}
