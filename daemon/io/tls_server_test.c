/* SPDX-License-Identifier: ISC */
/*
 * Handshakes with OpenSSL's own client, on a socket pair and a loop; and every
 * way in which the files can be wrong.  The files are in tests/fixtures/tls.
 */
#include "io/tls_server.h"

#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/ssl.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "io/tls.h"
#include "io/tls_tickets.h"

/* What a client asks for, and what comes of it. */
struct talk {
	int version;		/* the only one it speaks; 0: any */
	const char *name;	/* SNI */
	const char *protocol;	/* ALPN, with its length before it */
	SSL_SESSION *session;	/* to resume */

	bool connected;
	bool resumed;
	char common_name[32];
	char chosen[16];
	char why[128];		/* the server's words when it failed */
	SSL_SESSION *got;
};

struct ends {
	struct talk *talk;
	struct bufferevent *server;
	bool ended;
};

static const char *
fixture(const char *name)
{
	static char paths[4][512];
	static unsigned next;
	const char *folder = getenv("ASSENT_SRCDIR");
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/tests/fixtures/tls/%s",
	    folder != NULL ? folder : ".", name);
	return path;
}

static struct tls_server *
server_of(struct tls_tickets *tickets, const char *const *names)
{
	struct tls_server *server = tls_server_new(tickets);
	struct buf error = { 0 };

	for (; *names != NULL; names++) {
		char certificate[32], key[32];

		snprintf(certificate, sizeof(certificate), "%s.pem", *names);
		snprintf(key, sizeof(key), "%s.key", *names);
		if (tls_server_add(server, fixture(certificate),
		    fixture(key), &error) != TLS_FINE)
			fail_msg("%s", buf_str(&error));
	}
	return server;
}

static struct tls_server *
both(struct tls_tickets *tickets)
{
	static const char *const names[] = { "one", "two", NULL };

	return server_of(tickets, names);
}

static void
on_server_event(struct bufferevent *bev, short what, void *arg)
{
	struct ends *ends = arg;
	struct buf why = { 0 };

	if ((what & BEV_EVENT_CONNECTED) != 0) {
		/* TLS 1.3's tickets come with the first data at the latest. */
		bufferevent_write(bev, "hello", 5);
		return;
	}
	tls_add_connection_error(bev, &why);
	snprintf(ends->talk->why, sizeof(ends->talk->why), "%s",
	    buf_str(&why));
	buf_fini(&why);
	ends->ended = true;
}

static void
on_client_event(struct bufferevent *bev, short what, void *arg)
{
	struct ends *ends = arg;

	(void)bev;
	if ((what & BEV_EVENT_CONNECTED) == 0)
		ends->ended = true;
}

static void
note_peer(struct talk *talk, SSL *ssl)
{
	X509 *certificate = SSL_get1_peer_certificate(ssl);
	const unsigned char *chosen;
	unsigned len;

	talk->connected = true;
	talk->resumed = SSL_session_reused(ssl) == 1;
	if (certificate != NULL)
		X509_NAME_get_text_by_NID(X509_get_subject_name(certificate),
		    NID_commonName, talk->common_name,
		    sizeof(talk->common_name));
	X509_free(certificate);
	SSL_get0_alpn_selected(ssl, &chosen, &len);
	snprintf(talk->chosen, sizeof(talk->chosen), "%.*s", (int)len,
	    (const char *)chosen);
	talk->got = SSL_get1_session(ssl);
}

static void
on_client_read(struct bufferevent *bev, void *arg)
{
	struct ends *ends = arg;

	note_peer(ends->talk, bufferevent_openssl_get_ssl(bev));
	ends->ended = true;
}

static SSL *
client_ssl(const struct talk *talk, SSL_CTX *context)
{
	SSL *ssl = SSL_new(context);
	char name[64];

	assert_non_null(ssl);
	snprintf(name, sizeof(name), "%s",
	    talk->name != NULL ? talk->name : "");
	if (talk->version != 0) {
		/* Debian's configuration would refuse the old ones. */
		SSL_set_security_level(ssl, 0);
		SSL_set_min_proto_version(ssl, talk->version);
		SSL_set_max_proto_version(ssl, talk->version);
	}
	if (talk->name != NULL)
		/* SSL_set_tlsext_host_name without its cast. */
		SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME,
		    TLSEXT_NAMETYPE_host_name, name);
	if (talk->protocol != NULL)
		SSL_set_alpn_protos(ssl,
		    (const unsigned char *)talk->protocol,
		    (unsigned)strlen(talk->protocol));
	if (talk->session != NULL)
		SSL_set_session(ssl, talk->session);
	return ssl;
}

static void
talk_to(struct tls_server *server, struct talk *talk)
{
	struct event_base *base = event_base_new();
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	struct ends ends = { .talk = talk };
	struct bufferevent *client;
	int64_t end = clock_monotonic_ms() + 10000;
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fd), 0);
	ends.server = tls_server_accept(server, base, fd[0]);
	bufferevent_setcb(ends.server, NULL, NULL, on_server_event, &ends);
	bufferevent_enable(ends.server, EV_READ | EV_WRITE);
	client = bufferevent_openssl_socket_new(base, fd[1],
	    client_ssl(talk, context), BUFFEREVENT_SSL_CONNECTING,
	    BEV_OPT_CLOSE_ON_FREE);
	bufferevent_setcb(client, on_client_read, NULL, on_client_event,
	    &ends);
	bufferevent_enable(client, EV_READ | EV_WRITE);
	while (!ends.ended && clock_monotonic_ms() < end)
		event_base_loop(base, EVLOOP_ONCE);
	assert_true(ends.ended);
	/* The other side's end, too, so that both have their say. */
	for (int i = 0; i < 5 && !talk->connected; i++)
		event_base_loop(base, EVLOOP_NONBLOCK);
	if (talk->connected)
		tls_say_goodbye(client);
	bufferevent_free(client);
	bufferevent_free(ends.server);
	SSL_CTX_free(context);
	event_base_free(base);
}

static void
test_versions(void **state)
{
	static const struct {
		int version;
		bool good;
	} rows[] = { { 0, true }, { TLS1_3_VERSION, true },
		{ TLS1_2_VERSION, true }, { TLS1_1_VERSION, false },
		{ TLS1_VERSION, false } };
	struct tls_tickets *tickets = tls_tickets_new(0);
	struct tls_server *server = both(tickets);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct talk talk = { .version = rows[i].version };

		talk_to(server, &talk);
		assert_int_equal(talk.connected, rows[i].good);
		if (!rows[i].good)
			assert_string_equal(talk.why,
			    "unsupported protocol");
		SSL_SESSION_free(talk.got);
	}
	tls_server_free(server);
	tls_tickets_free(tickets);
}

static void
test_names(void **state)
{
	static const struct {
		const char *name, *certificate;
	} rows[] = {
		{ NULL, "one" }, { "one.example", "one" },
		{ "www.one.example", "one" }, { "two.example", "two" },
		{ "TWO.example", "two" }, { "www.two.example", "one" },
		{ "three.example", "one" },
	};
	struct tls_tickets *tickets = tls_tickets_new(0);
	struct tls_server *server = both(tickets);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int v = TLS1_2_VERSION; v <= TLS1_3_VERSION; v++) {
			struct talk talk = { .name = rows[i].name,
			    .version = v };

			talk_to(server, &talk);
			assert_string_equal(talk.common_name,
			    rows[i].certificate);
			SSL_SESSION_free(talk.got);
		}
	}
	assert_true(tls_server_has_name(server, "a.one.example"));
	assert_true(tls_server_has_name(server, "two.example"));
	assert_false(tls_server_has_name(server, "a.b.one.example"));
	assert_false(tls_server_has_name(server, "example"));
	tls_server_free(server);
	tls_tickets_free(tickets);
}

static void
test_protocols(void **state)
{
	struct tls_tickets *tickets = tls_tickets_new(0);
	struct tls_server *server = both(tickets);
	struct talk fine = { .protocol = "\x02h2\x08http/1.1" };
	struct talk odd = { .protocol = "\x02h2\x03xyz" };

	(void)state;
	talk_to(server, &fine);
	assert_string_equal(fine.chosen, "http/1.1");
	talk_to(server, &odd);
	assert_false(odd.connected);
	SSL_SESSION_free(fine.got);
	tls_server_free(server);
	tls_tickets_free(tickets);
}

/* Another process's server takes a ticket, for as long as the key is known. */
static void
test_tickets(void **state)
{
	const int64_t period = 12 * 3600 * 1000;
	int64_t now = clock_monotonic_ms();

	(void)state;
	for (int v = TLS1_2_VERSION; v <= TLS1_3_VERSION; v++) {
		struct tls_tickets *tickets = tls_tickets_new(now);
		struct tls_server *a = both(tickets), *b = both(tickets);
		struct talk talk = { .version = v };
		SSL_SESSION *first;

		talk_to(a, &talk);
		assert_true(talk.connected && !talk.resumed);
		first = talk.got;
		for (int age = 0; age < 3; age++) {
			struct talk again = { .version = v,
			    .session = first };

			tls_tickets_advance(tickets, now + age * period);
			talk_to(b, &again);
			assert_true(again.connected);
			assert_int_equal(again.resumed, age < 2);
			SSL_SESSION_free(again.got);
		}
		SSL_SESSION_free(first);
		tls_server_free(a);
		tls_server_free(b);
		tls_tickets_free(tickets);
	}
}

static void
test_ticket_keys(void **state)
{
	struct tls_tickets *a = tls_tickets_new(0), *b = tls_tickets_new(0);
	struct tls_ticket_key first = *tls_tickets_current(a), second;

	(void)state;
	assert_memory_not_equal(&first, tls_tickets_current(b),
	    sizeof(first));
	assert_null(tls_tickets_find(b, first.name));
	tls_tickets_advance(a, 12 * 3600 * 1000 - 1);
	assert_memory_equal(&first, tls_tickets_current(a), sizeof(first));
	tls_tickets_advance(a, 12 * 3600 * 1000);
	second = *tls_tickets_current(a);
	assert_memory_not_equal(first.name, second.name, sizeof(first.name));
	assert_memory_not_equal(first.mac, second.mac, sizeof(first.mac));
	assert_memory_not_equal(first.cipher, second.cipher,
	    sizeof(first.cipher));
	assert_memory_equal(tls_tickets_find(a, first.name), &first,
	    sizeof(first));
	/* The clock is monotonic; who looks late changes nothing. */
	tls_tickets_advance(a, 0);
	assert_memory_equal(&second, tls_tickets_current(a), sizeof(second));
	tls_tickets_advance(a, 36 * 3600 * 1000);
	assert_null(tls_tickets_find(a, first.name));
	assert_null(tls_tickets_find(a, second.name));
	tls_tickets_free(a);
	tls_tickets_free(b);
}

static void
test_files(void **state)
{
	static const struct {
		const char *certificate, *key;
		enum tls_fault fault;
		const char *words;
	} rows[] = {
		{ "one.pem", "one.key", TLS_FINE, "" },
		{ "two.pem", "two.key", TLS_FINE, "" },
		{ "old.pem", "old.key", TLS_FINE, "" },
		{ "none.pem", "one.key", TLS_CERTIFICATE, "cannot read " },
		{ "one.pem", "none.key", TLS_KEY, "cannot read " },
		{ ".", "one.key", TLS_CERTIFICATE, "Is a directory" },
		{ "one.key", "one.key", TLS_CERTIFICATE, "no certificate" },
		{ "../../check", "one.key", TLS_CERTIFICATE,
		    "BEGIN CERTIFICATE" },
		{ "one.pem", "one.pem", TLS_KEY, "no private key" },
		{ "one.pem", "locked.key", TLS_KEY, "has a passphrase" },
		{ "one.pem", "two.key", TLS_KEY, "is not that of" },
		{ "one.pem", "old.key", TLS_KEY, "is not that of" },
	};
	struct tls_server *server = tls_server_new(NULL);
	size_t good = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf error = { 0 };

		assert_int_equal(tls_server_add(server,
		    fixture(rows[i].certificate), fixture(rows[i].key),
		    &error), rows[i].fault);
		if (strstr(buf_str(&error), rows[i].words) == NULL)
			fail_msg("%s", buf_str(&error));
		good += rows[i].fault == TLS_FINE;
		assert_int_equal(tls_server_count(server), good);
		buf_fini(&error);
	}
	tls_server_free(server);
}

static void
test_validity(void **state)
{
	static const char *const names[] = { "one", "old", NULL };
	struct tls_server *server = server_of(NULL, names);
	char text[CLOCK_RFC3339_SIZE];
	int64_t from, until;

	(void)state;
	tls_server_validity(server, 0, &from, &until);
	clock_rfc3339(from, text);
	assert_string_equal(text, "2020-01-01T00:00:00Z");
	clock_rfc3339(until, text);
	assert_string_equal(text, "2120-01-01T00:00:00Z");
	tls_server_validity(server, 1, &from, &until);
	clock_rfc3339(until, text);
	assert_string_equal(text, "2021-01-01T00:00:00Z");
	tls_server_free(server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_tickets),
		cmocka_unit_test(test_ticket_keys),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_validity),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
