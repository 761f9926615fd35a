/* SPDX-License-Identifier: ISC */
/*
 * One context for each certificate; all are set up alike, as Mozilla's
 * "intermediate" profile has it.
 */
#include "io/tls_server.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "io/tls.h"
#include "io/tls_identity.h"
#include "io/tls_tickets.h"

static const char ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

struct tls_server {
	struct tls_tickets *tickets;
	SSL_CTX **contexts;
	size_t count;
};

struct tls_server *
tls_server_new(struct tls_tickets *tickets)
{
	struct tls_server *server = MEM_NEW(struct tls_server);

	server->tickets = tickets;
	return server;
}

void
tls_server_free(struct tls_server *server)
{
	if (server == NULL)
		return;
	for (size_t i = 0; i < server->count; i++)
		SSL_CTX_free(server->contexts[i]);
	free(server->contexts);
	free(server);
}

static X509 *
certificate_of(const struct tls_server *server, size_t i)
{
	return SSL_CTX_get0_certificate(server->contexts[i]);
}

static bool
holds_name(const struct tls_server *server, size_t i, const char *name)
{
	return X509_check_host(certificate_of(server, i), name, strlen(name),
	    0, NULL) == 1;
}

/* The client asks for a name (SNI). */
static int
on_name(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	const struct tls_server *server = arg;

	(void)alert;
	for (size_t i = 0; name != NULL && i < server->count; i++) {
		if (!holds_name(server, i, name))
			continue;
		SSL_set_SSL_CTX(ssl, server->contexts[i]);
		return SSL_TLSEXT_ERR_OK;
	}
	return SSL_TLSEXT_ERR_NOACK;
}

/* Who speaks anything else than HTTP/1.1 had better not start (RFC 7301). */
static int
on_protocols(SSL *ssl, const unsigned char **ret_chosen,
    unsigned char *ret_len, const unsigned char *offered, unsigned len,
    void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, ret_len, ours, sizeof(ours) - 1,
	    offered, len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	/* It points into `ours`, or into what was offered: the same bytes. */
	*ret_chosen = ours + 1;
	return SSL_TLSEXT_ERR_OK;
}

/* Seals a ticket (1), opens one (1; 2: and gives a newer one), or can't (0). */
static int
on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seals)
{
	struct tls_tickets *tickets =
	    SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	const struct tls_ticket_key *key, *current;
	struct tls_ticket_key copy;
	OSSL_PARAM params[3];
	int good;

	tls_tickets_advance(tickets, clock_monotonic_ms());
	current = tls_tickets_current(tickets);
	key = seals ? current : tls_tickets_find(tickets, name);
	if (key == NULL)
		return 0;
	if (seals) {
		memcpy(name, key->name, sizeof(key->name));
		crypto_random(iv, EVP_MAX_IV_LENGTH);
	}
	copy = *key;	/* OpenSSL's parameters aren't const-correct */
	params[0] = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY,
	    copy.mac, sizeof(copy.mac));
	params[1] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
	    (char[]){ "SHA256" }, 0);
	params[2] = OSSL_PARAM_construct_end();
	good = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, copy.cipher,
	    iv, seals) == 1 && EVP_MAC_CTX_set_params(mac, params) == 1;
	explicit_bzero(&copy, sizeof(copy));
	if (!good)
		return -1;
	return key == current ? 1 : 2;
}

/* Dies when OpenSSL can't do what it could when it was built with us. */
static SSL_CTX *
make_context(struct tls_server *server)
{
	static const unsigned char id[] = "assent";
	char groups[] = "X25519:P-256:P-384";	/* a macro drops a const */
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL ||
	    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
	    SSL_CTX_set_cipher_list(context, ciphers) != 1 ||
	    SSL_CTX_set1_groups_list(context, groups) != 1 ||
	    SSL_CTX_set_session_id_context(context, id, sizeof(id) - 1) != 1)
		abort();
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION |
	    SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
	/* An idle connection holds no buffers; libevent's may move. */
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS |
	    SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_app_data(context, server->tickets);
	SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket);
	SSL_CTX_set_tlsext_servername_callback(context, on_name);
	SSL_CTX_set_tlsext_servername_arg(context, server);
	SSL_CTX_set_alpn_select_cb(context, on_protocols, NULL);
	return context;
}

enum tls_fault
tls_server_add(struct tls_server *server, const char *certificate,
    const char *key, struct buf *error)
{
	SSL_CTX *context = make_context(server);
	enum tls_fault fault = tls_identity_load(context, certificate, key,
	    error);

	if (fault != TLS_FINE) {
		SSL_CTX_free(context);
		return fault;
	}
	server->contexts = mem_resize(server->contexts, server->count + 1,
	    sizeof(SSL_CTX *));
	server->contexts[server->count++] = context;
	return TLS_FINE;
}

size_t
tls_server_count(const struct tls_server *server)
{
	return server->count;
}

static int64_t
wall_us(const ASN1_TIME *time)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm) * CLOCK_SECOND;
}

void
tls_server_validity(const struct tls_server *server, size_t i,
    int64_t *ret_from, int64_t *ret_until)
{
	const X509 *certificate = certificate_of(server, i);

	*ret_from = wall_us(X509_get0_notBefore(certificate));
	*ret_until = wall_us(X509_get0_notAfter(certificate));
}

bool
tls_server_has_name(const struct tls_server *server, const char *host)
{
	for (size_t i = 0; i < server->count; i++) {
		if (holds_name(server, i, host) ||
		    X509_check_ip_asc(certificate_of(server, i), host, 0) == 1)
			return true;
	}
	return false;
}

struct bufferevent *
tls_server_accept(struct tls_server *server, struct event_base *base, int fd)
{
	SSL *ssl = SSL_new(server->contexts[0]);
	struct bufferevent *bev = NULL;

	if (ssl != NULL)
		bev = bufferevent_openssl_socket_new(base, fd, ssl,
		    BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	if (bev == NULL)
		mem_die();
	bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}
