/* SPDX-License-Identifier: ISC */
/*
 * A chain of secrets, of which only the last link is known.
 */
#include "io/tls_tickets.h"

#include <stdbool.h>
#include <string.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/mem.h"

enum { PERIOD_MS = 12 * 3600 * 1000, LOOK_SECONDS = 600 };

struct tls_tickets {
	int64_t period;
	uint8_t secret[CRYPTO_HASH_SIZE];	/* makes the next one */
	struct tls_ticket_key current, before;
	bool has_before;
	struct event *look;
};

_Static_assert((int)TLS_TICKET_KEY_SIZE == (int)CRYPTO_HASH_SIZE,
    "a MAC makes a key");

static void
derive(const uint8_t secret[CRYPTO_HASH_SIZE], const char *purpose,
    void *ret_bytes, size_t len)
{
	uint8_t mac[CRYPTO_HASH_SIZE];

	crypto_hmac(slice_of(secret, CRYPTO_HASH_SIZE), slice_str(purpose),
	    mac);
	memcpy(ret_bytes, mac, len);
	explicit_bzero(mac, sizeof(mac));
}

/* Makes keys of the secret, and the next secret in its place. */
static void
step(struct tls_tickets *t)
{
	struct tls_ticket_key *key = &t->current;

	derive(t->secret, "ticket name", key->name, sizeof(key->name));
	derive(t->secret, "ticket cipher", key->cipher, sizeof(key->cipher));
	derive(t->secret, "ticket mac", key->mac, sizeof(key->mac));
	derive(t->secret, "next secret", t->secret, sizeof(t->secret));
}

struct tls_tickets *
tls_tickets_new(int64_t now_ms)
{
	struct tls_tickets *t = MEM_NEW(struct tls_tickets);

	t->period = now_ms / PERIOD_MS;
	crypto_random(t->secret, sizeof(t->secret));
	step(t);
	return t;
}

struct tls_tickets *
tls_tickets_copy(const struct tls_tickets *other, int64_t now_ms)
{
	struct tls_tickets *t = MEM_NEW(struct tls_tickets);

	*t = *other;
	t->look = NULL;
	tls_tickets_advance(t, now_ms);
	return t;
}

void
tls_tickets_free(struct tls_tickets *t)
{
	if (t == NULL)
		return;
	tls_tickets_leave(t);
	mem_free_secret(t, sizeof(*t));
}

void
tls_tickets_advance(struct tls_tickets *t, int64_t now_ms)
{
	while (t->period < now_ms / PERIOD_MS) {
		t->before = t->current;
		t->has_before = true;
		t->period++;
		step(t);
	}
}

const struct tls_ticket_key *
tls_tickets_current(const struct tls_tickets *t)
{
	return &t->current;
}

const struct tls_ticket_key *
tls_tickets_find(const struct tls_tickets *t,
    const uint8_t name[TLS_TICKET_NAME_SIZE])
{
	if (memcmp(t->current.name, name, TLS_TICKET_NAME_SIZE) == 0)
		return &t->current;
	if (t->has_before &&
	    memcmp(t->before.name, name, TLS_TICKET_NAME_SIZE) == 0)
		return &t->before;
	return NULL;
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	tls_tickets_advance(arg, clock_monotonic_ms());
}

void
tls_tickets_keep(struct tls_tickets *t, struct event_base *base)
{
	static const struct timeval often = { .tv_sec = LOOK_SECONDS };

	tls_tickets_leave(t);
	t->look = event_new(base, -1, EV_PERSIST, on_look, t);
	event_add(t->look, &often);
}

void
tls_tickets_leave(struct tls_tickets *t)
{
	if (t->look != NULL)
		event_free(t->look);
	t->look = NULL;
}
