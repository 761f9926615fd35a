/* SPDX-License-Identifier: ISC */
/*
 * A certificate and its key out of their files.  For tls_server alone.
 */
#ifndef IO_TLS_IDENTITY_H
#define IO_TLS_IDENTITY_H

#include <openssl/ssl.h>

#include "io/tls_server.h"

/* As tls_server_add, into a context. */
enum tls_fault tls_identity_load(SSL_CTX *, const char *certificate,
    const char *key, struct buf *error);

#endif
