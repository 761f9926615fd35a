/* SPDX-License-Identifier: ISC */
/*
 * A hash table of counts; it never holds more rows than there are
 * connections.
 */
#include "io/http_peers.h"

#include <sys/socket.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/crc.h"
#include "base/mem.h"

enum { BUCKETS = 1024 };

struct row {
	struct row *next;
	uint8_t key[8];
	unsigned count;
};

struct http_peers {
	struct row *bucket[BUCKETS];
};

void
http_peer_of_ip(const struct ip *ip, struct http_peer *peer)
{
	*peer = (struct http_peer){ .ip = *ip,
	    .counted = !ip_is_loopback(ip) };
	ip_write(ip, peer->text);
	if (ip->len == 4) {
		/* No /64 starts with ::ffff, so that the keys can't meet. */
		peer->key[2] = peer->key[3] = 0xff;
		memcpy(peer->key + 4, ip->byte, 4);
	} else {
		memcpy(peer->key, ip->byte, sizeof(peer->key));
	}
}

void
http_peer_of(const struct sockaddr *address, struct http_peer *peer)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct ip ip;

	*peer = (struct http_peer){ .text = "unix" };
	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		ip_of_bytes(&v4.sin_addr, sizeof(v4.sin_addr), &ip);
	} else if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		ip_of_bytes(&v6.sin6_addr, sizeof(v6.sin6_addr), &ip);
	} else {
		return;
	}
	http_peer_of_ip(&ip, peer);
}

struct http_peers *
http_peers_new(void)
{
	return MEM_NEW(struct http_peers);
}

void
http_peers_free(struct http_peers *peers)
{
	for (size_t i = 0; i < BUCKETS; i++) {
		while (peers->bucket[i] != NULL) {
			struct row *row = peers->bucket[i];

			peers->bucket[i] = row->next;
			free(row);
		}
	}
	free(peers);
}

/* Where the row of that key hangs, or would hang. */
static struct row **
find(struct http_peers *peers, const uint8_t key[8])
{
	struct row **at = &peers->bucket[crc_of(slice_of(key, 8)) % BUCKETS];

	while (*at != NULL && memcmp((*at)->key, key, 8) != 0)
		at = &(*at)->next;
	return at;
}

bool
http_peers_take(struct http_peers *peers, const struct http_peer *peer,
    unsigned max)
{
	struct row **at;

	if (!peer->counted)
		return true;
	at = find(peers, peer->key);
	if (*at == NULL) {
		*at = MEM_NEW(struct row);
		memcpy((*at)->key, peer->key, sizeof((*at)->key));
	}
	if ((*at)->count >= max)
		return false;
	(*at)->count++;
	return true;
}

void
http_peers_drop(struct http_peers *peers, const struct http_peer *peer)
{
	struct row **at, *row;

	if (!peer->counted)
		return;
	at = find(peers, peer->key);
	row = *at;
	if (row == NULL || --row->count > 0)
		return;
	*at = row->next;
	free(row);
}
