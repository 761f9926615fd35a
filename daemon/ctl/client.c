/* SPDX-License-Identifier: ISC */
/*
 * Keeps one connection for many questions.  The daemon closes one that idles:
 * so a question whose connection ends before a byte of answer is asked once
 * more, which is safe because all questions may be repeated.
 */
#include "ctl/client.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/mem.h"
#include "ctl/response.h"

enum { KEPT_MAX = 64 * 1024 * 1024 };

struct client {
	const char *path;
	int fd;			/* -1: not connected */
	struct response response;
	struct buf kept;
	bool (*on_body)(struct slice content, void *arg);
	void *arg;
	bool refused;		/* by on_body */
};

struct client *
client_new(const char *socket_path)
{
	struct client *client = MEM_NEW(struct client);

	client->path = socket_path;
	client->fd = -1;
	buf_init(&client->kept, KEPT_MAX);
	return client;
}

static void
disconnect(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

void
client_free(struct client *client)
{
	disconnect(client);
	response_fini(&client->response);
	buf_fini(&client->kept);
	free(client);
}

void
client_add_parameter(struct buf *form, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (form->len > 0)
		buf_add_char(form, '&');
	buf_printf(form, "%s=", name);
	escape_url(form, slice_str(value));
}

static int
fail(const struct client *client, const char *what)
{
	fprintf(stderr, "assentctl: %s: %s\n", client->path, what);
	return -1;
}

static const char *
reason(int error)
{
	if (error == ENOENT || error == ECONNREFUSED)
		return "there is no assentd listening here (is it running? "
		    "-s names another socket)";
	if (error == EACCES)
		return "no permission: want root, or the user or a member of "
		    "the group that the socket belongs to";
	return strerror(error);
}

static int
connect_to(struct client *client)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(client->path);

	if (len >= sizeof(address.sun_path))
		return fail(client, "the path is too long for a socket");
	memcpy(address.sun_path, client->path, len + 1);
	client->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0 || connect(client->fd,
	    (const struct sockaddr *)&address, sizeof(address)) != 0) {
		int error = errno;

		disconnect(client);
		return fail(client, reason(error));
	}
	return 0;
}

static int
send_all(struct client *client, struct slice data)
{
	while (data.len > 0) {
		ssize_t n = send(client->fd, data.p, data.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data = slice_sub(data, (size_t)n, data.len);
	}
	return 0;
}

static void
on_content(struct slice content, void *arg)
{
	struct client *client = arg;

	if (client->response.status == 200 && client->on_body != NULL)
		client->refused |= !client->on_body(content, client->arg);
	else
		buf_add_slice(&client->kept, content);
}

/* Until the response is whole: 0; 1 when there was none at all. */
static int
read_response(struct client *client)
{
	char data[65536];
	bool any = false;

	while (!client->response.done) {
		ssize_t n = recv(client->fd, data, sizeof(data), 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 && !any)
			return 1;
		if (n <= 0)
			return fail(client, "the answer broke off: it is not "
			    "complete");
		any = true;
		if (response_feed(&client->response,
		    slice_of(data, (size_t)n), on_content, client) != 0 ||
		    buf_failed(&client->kept))
			return fail(client, "this is not assentd's answer");
		if (client->refused)
			return -1;
	}
	return 0;
}

static int
ask(struct client *client, struct slice request)
{
	bool reused = client->fd >= 0;
	int ret;

	response_fini(&client->response);
	client->response = (struct response){ 0 };
	client->refused = false;
	buf_reset(&client->kept);
	if (!reused && connect_to(client) != 0)
		return -1;
	ret = send_all(client, request) != 0 ? 1 : read_response(client);
	if (ret != 0 || client->response.closes)
		disconnect(client);
	if (ret == 1)
		return reused ? ask(client, request) :
		    fail(client, "the connection was closed without an "
		    "answer");
	return ret == 0 ? (int)client->response.status : -1;
}

int
client_get(struct client *client, const char *path, struct slice form,
    bool (*on_body)(struct slice content, void *arg), void *arg)
{
	struct buf request = { 0 };
	int status;

	client->on_body = on_body;
	client->arg = arg;
	buf_printf(&request, "GET %s%s", path, form.len > 0 ? "?" : "");
	buf_add_slice(&request, form);
	buf_add_str(&request, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
	status = ask(client, buf_slice(&request));
	buf_fini(&request);
	return status;
}

int
client_post(struct client *client, const char *path, struct slice form)
{
	struct buf request = { 0 };
	int status;

	client->on_body = NULL;
	buf_printf(&request, "POST %s HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\n"
	    "Content-Length: %zu\r\n\r\n", path, form.len);
	buf_add_slice(&request, form);
	status = ask(client, buf_slice(&request));
	buf_fini(&request);
	return status;
}

struct slice
client_body(const struct client *client)
{
	return buf_slice(&client->kept);
}
