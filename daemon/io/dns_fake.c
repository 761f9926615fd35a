/* SPDX-License-Identifier: ISC */
/*
 * Each answer is its question, and a few records behind it (RFC 1035 §4.1).
 */
#include "io/dns_fake.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ares.h>

enum { HEAD_LEN = 12, PACKET_MAX = 1024, TYPE_AND_CLASS = 4 };
enum { TIMEOUT_MS = 50, TRIES = 2 };

/* Each begins with a pointer to the question's name; a class, a TTL. */
#define RECORD(type, ...) 0xc0, HEAD_LEN, 0, type, 0, 1, 0, 0, 0, 9, __VA_ARGS__
static const uint8_t
    a[] = { RECORD(ns_t_a, 0, 4, 192, 0, 2, 7) },
    aaaa[] = { RECORD(ns_t_aaaa, 0, 16, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 0, 7) },
    mx[] = { RECORD(ns_t_mx, 0, 7, 0, 5, 2, 'm', 'x', 0xc0, HEAD_LEN) },
    dot[] = { RECORD(ns_t_mx, 0, 3, 0, 0, 0) };

struct record {
	int type;
	const uint8_t *bytes;
	size_t len;
};
#define OF(type, bytes) { type, bytes, sizeof(bytes) }

static const struct zone {
	const char *label;
	bool silent;
	int rcode;
	struct record records[4];
} zones[] = {
	{ "both", .records = { OF(ns_t_a, a), OF(ns_t_aaaa, aaaa) } },
	{ "four", .records = { OF(ns_t_a, a) } },
	{ "six", .records = { OF(ns_t_aaaa, aaaa) } },
	{ "mx", .records = { OF(ns_t_mx, mx) } },
	{ "null", .records = { OF(ns_t_mx, dot), OF(ns_t_a, a) } },
	{ "dots", .records = { OF(ns_t_mx, dot), OF(ns_t_mx, mx) } },
	{ "empty", .silent = false },
	{ "fails", .rcode = ns_r_servfail },
	{ "silent", .silent = true },
	{ "none", .rcode = ns_r_nxdomain },
};

int __real_ares_init_options(ares_channel *, struct ares_options *, int);
int __wrap_ares_init_options(ares_channel *, struct ares_options *, int);

/* By the linker, since c-ares's versions differ in a const. */
int
__wrap_ares_init_options(ares_channel *ret_channel,
    struct ares_options *options, int mask)
{
	options->timeout = TIMEOUT_MS;
	options->tries = TRIES;
	return __real_ares_init_options(ret_channel, options,
	    mask | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
}

static const struct zone *
find_zone(const uint8_t *question)
{
	const char *label = (const char *)question + 1;

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		size_t len = strlen(zones[i].label);

		if (question[0] == len &&
		    memcmp(label, zones[i].label, len) == 0)
			return &zones[i];
	}
	return &zones[sizeof(zones) / sizeof(zones[0]) - 1];
}

/* Up to its end. */
static size_t
question_end(const uint8_t *q)
{
	size_t at = HEAD_LEN;

	while (q[at] != 0)
		at += q[at] + 1U;
	return at + 1 + TYPE_AND_CLASS;
}

/* Makes an answer of the question; how long it is, 0 for none. */
static size_t
answer(uint8_t *q)
{
	const struct zone *zone = find_zone(q + HEAD_LEN);
	size_t len = question_end(q);
	int type = q[len - 3];

	if (zone->silent)
		return 0;
	q[2] = 0x81;
	q[3] = (uint8_t)(0x80 | zone->rcode);
	q[10] = q[11] = 0;	/* no EDNS */
	for (const struct record *r = zone->records; r->type != 0; r++) {
		if (r->type != type)
			continue;
		memcpy(q + len, r->bytes, r->len);
		len += r->len;
		q[7]++;
	}
	return len;
}

static void
serve(int fd, int told)
{
	uint8_t q[PACKET_MAX];
	struct sockaddr_in from;

	for (;;) {
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(fd, q, PACKET_MAX / 2, 0,
		    (struct sockaddr *)&from, &size);
		size_t out;

		if (n < HEAD_LEN + 1 + TYPE_AND_CLASS)
			continue;
		(void)!write(told, "", 1);
		out = answer(q);
		if (out > 0)
			(void)sendto(fd, q, out, 0, (struct sockaddr *)&from,
			    size);
	}
}

struct dns_fake
dns_fake_start(void)
{
	struct dns_fake fake = { .pid = 0 };
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(in);

	if (bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) < 0 ||
	    pipe2(fake.questions, O_NONBLOCK) < 0)
		abort();
	(void)snprintf(fake.resolver, sizeof(fake.resolver), "127.0.0.1:%u",
	    (unsigned)ntohs(in.sin_port));
	fake.pid = fork();
	if (fake.pid == 0)
		serve(fd, fake.questions[1]);
	(void)close(fd);
	return fake;
}

void
dns_fake_stop(struct dns_fake *fake)
{
	(void)kill(fake->pid, SIGKILL);
	(void)waitpid(fake->pid, NULL, 0);
	(void)close(fake->questions[0]);
	(void)close(fake->questions[1]);
}

unsigned
dns_fake_questions(struct dns_fake *fake)
{
	char bytes[PACKET_MAX];
	ssize_t n = read(fake->questions[0], bytes, sizeof(bytes));

	return n > 0 ? (unsigned)n : 0;
}
