/* SPDX-License-Identifier: ISC */
/*
 * OpenSSL keeps a queue of errors for the whole process: whoever looks at one
 * takes all of it, so that nobody finds another's.
 */
#include "io/tls.h"

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/buf.h"

/* The reason alone: functions and libraries help nobody. */
static void
add_reason(unsigned long error, struct buf *out)
{
	const char *reason = ERR_reason_error_string(error);

	if (reason != NULL)
		buf_add_str(out, reason);
	else
		buf_printf(out, "OpenSSL error %lu", error);
}

void
tls_add_error(struct buf *out)
{
	unsigned long error = ERR_peek_last_error();

	if (error != 0)
		add_reason(error, out);
	else
		buf_add_str(out, "no reason given");
	ERR_clear_error();
}

void
tls_add_connection_error(struct bufferevent *bev, struct buf *out)
{
	unsigned long error = bufferevent_get_openssl_error(bev);

	/* libevent has the last one first, then SSL_get_error's number. */
	if (error <= SSL_ERROR_WANT_RETRY_VERIFY)
		buf_add_str(out, "it broke off");
	else
		add_reason(error, out);
}

void
tls_say_goodbye(struct bufferevent *bev)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	ERR_clear_error();
	if (ssl != NULL && SSL_is_init_finished(ssl))
		(void)SSL_shutdown(ssl);
	ERR_clear_error();
}
