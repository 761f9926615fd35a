/* SPDX-License-Identifier: ISC */
/*
 * Reads just enough of HTTP: the status, Content-Length and "Connection:
 * close".
 */
#include "client.h"

#include <sys/socket.h>

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int
client_open(struct client *c, const struct sockaddr_in *to, SSL_CTX *ctx)
{
	int on = 1;

	c->state = CLIENT_IDLE;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return -1;
	(void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(c->fd, (const struct sockaddr *)to, sizeof(*to)) < 0 &&
	    errno != EINPROGRESS)
		return -1;
	if (ctx == NULL)
		return 0;
	c->ssl = SSL_new(ctx);
	if (c->ssl == NULL || SSL_set_fd(c->ssl, c->fd) != 1)
		return -1;
	SSL_set_connect_state(c->ssl);
	return 0;
}

void
client_close(struct client *c)
{
	SSL_free(c->ssl);
	c->ssl = NULL;
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* As write(2) and read(2); -1 with EAGAIN: later. */
static ssize_t
ssl_result(struct client *c, int n)
{
	int error;

	if (n > 0)
		return n;
	error = SSL_get_error(c->ssl, n);
	errno = error == SSL_ERROR_WANT_READ ||
	    error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
	return error == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

static ssize_t
put(struct client *c)
{
	if (c->ssl != NULL)
		return ssl_result(c, SSL_write(c->ssl, c->out + c->sent,
		    (int)(c->out_size - c->sent)));
	return send(c->fd, c->out + c->sent, c->out_size - c->sent,
	    MSG_NOSIGNAL);
}

static ssize_t
get(struct client *c, char *into, size_t room)
{
	if (c->ssl != NULL)
		return ssl_result(c, SSL_read(c->ssl, into, (int)room));
	return recv(c->fd, into, room, 0);
}

void
client_send(struct client *c, const char *request, size_t size)
{
	c->state = CLIENT_SENDING;
	c->out_size = size < sizeof(c->out) ? size : sizeof(c->out);
	memcpy(c->out, request, c->out_size);
	c->sent = 0;
	c->in_size = 0;
	c->left = 0;
	c->status = 0;
	c->closes = false;
	client_go(c);
}

static const char *
header(const char *head, const char *name)
{
	const char *at = strcasestr(head, name);

	return at != NULL ? at + strlen(name) : NULL;
}

/* Once the head is whole: what it says, and how much of the body is there. */
static void
take_head(struct client *c)
{
	char *end;
	const char *value;
	size_t head, body, length;

	c->in[c->in_size] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (end == NULL)
		return;
	head = (size_t)(end - c->in) + 4;
	end[2] = '\0';
	c->status = (int)strtol(c->in + sizeof("HTTP/1.1"), NULL, 10);
	value = header(c->in, "\r\nContent-Length:");
	length = value != NULL ? strtoul(value, NULL, 10) : 0;
	value = header(c->in, "\r\nConnection:");
	c->closes = value != NULL &&
	    strncasecmp(value + strspn(value, " "), "close", 5) == 0;
	body = c->in_size - head;
	c->left = length > body ? length - body : 0;
	c->in_size = 0;
}

static void
take(struct client *c, size_t size)
{
	if (c->status == 0) {
		c->in_size += size;
		take_head(c);
	} else {
		c->left -= size < c->left ? size : c->left;
	}
	if (c->status != 0 && c->left == 0)
		c->state = CLIENT_DONE;
}

static void
go_on_sending(struct client *c)
{
	ssize_t n = put(c);

	if (n > 0) {
		c->sent += (size_t)n;
		if (c->sent == c->out_size)
			c->state = CLIENT_READING;
	} else if (errno != EAGAIN && errno != ENOTCONN) {
		c->state = CLIENT_BROKEN;
	}
}

/* False: nothing is there. */
static bool
go_on_reading(struct client *c)
{
	ssize_t n = get(c, c->in + c->in_size, sizeof(c->in) - 1 - c->in_size);

	if (n > 0)
		take(c, (size_t)n);
	else if (n == 0 || errno != EAGAIN)
		c->state = CLIENT_BROKEN;
	return n > 0;
}

static void
look_if_closed(struct client *c)
{
	ssize_t n = get(c, c->in, sizeof(c->in));

	if (n == 0 || (n < 0 && errno != EAGAIN))
		client_close(c);
}

void
client_go(struct client *c)
{
	if (c->state == CLIENT_IDLE && c->fd >= 0)
		look_if_closed(c);
	if (c->state == CLIENT_SENDING)
		go_on_sending(c);
	while (c->state == CLIENT_READING && go_on_reading(c))
		;
}
