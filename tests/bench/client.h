/* SPDX-License-Identifier: ISC */
/*
 * One connection of a load: sends a request, reads the answer, and says so.
 * It never blocks; whoever polls its fd (edge-triggered, both ways) calls
 * client_go().
 */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

enum client_state { CLIENT_IDLE, CLIENT_SENDING, CLIENT_READING,
	CLIENT_DONE,		/* the answer is whole */
	CLIENT_BROKEN };	/* the server closed before it was */

struct client {
	enum client_state state;
	int fd;			/* -1: not connected */
	SSL *ssl;		/* NULL: without TLS */
	uint64_t due;		/* when the request was to be sent, ns */
	char out[2048];
	size_t out_size, sent;
	char in[16384];
	size_t in_size;		/* of the head, or 0: it is done with */
	size_t left;		/* bytes of the body still to come */
	int status;		/* of the answer */
	bool closes;		/* the server will close behind it */
};

/* Begins to connect; 0, or -1 and errno.  ctx: NULL for no TLS. */
int client_open(struct client *, const struct sockaddr_in *, SSL_CTX *ctx);
void client_close(struct client *);
/* At most as much as fits into out, which it is copied to. */
void client_send(struct client *, const char *request, size_t size);
/* Does what can be done now; an idle one notices that the server closed. */
void client_go(struct client *);

#endif
