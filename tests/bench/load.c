/* SPDX-License-Identifier: ISC */
/*
 * A load on an HTTP server of this machine, and how it bears it.
 *
 *     load [-c CONNECTIONS] [-d SECONDS] [-e STATUS] [-l LINES] [-n REQUESTS]
 *         [-r RATE] [-s FIRST] [-Tx] PORT REQUEST
 *
 * REQUEST is a file: see request.h for it, LINES and FIRST.  Without -r each
 * connection sends its next request when it has its answer.  With it requests
 * are due at that rate, whatever the server does, and an answer's time counts
 * from when its request was due: one that had to wait for others is as late
 * as it looks to its sender.  -T: TLS 1.3; -x: a connection, and with TLS a
 * whole handshake, for each request.  It ends when as many requests were
 * answered, or the time is up and those under way are.
 */
#include <sys/epoll.h>
#include <sys/prctl.h>

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "hist.h"
#include "request.h"

#define SECOND UINT64_C(1000000000)
enum { EVENTS = 256, PATIENCE = 20 };

struct load {
	struct sockaddr_in to;
	SSL_CTX *ctx;
	struct request request;
	bool each_anew;
	int status;			/* that is expected; 0: any below 400 */
	uint64_t most, sent, answered, wrong, broken;
	uint64_t gap, next_due;		/* with a rate; ns */
	uint64_t begun, end;
	int epoll;
	struct client *client;
	size_t client_count;
	struct client **idle;
	size_t idle_count;
	struct hist times;
};

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void
connect_client(struct load *l, struct client *c)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLET,
		.data.ptr = c,
	};

	if (client_open(c, &l->to, l->ctx) < 0 ||
	    epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) < 0)
		die("connect");
}

static bool
may_send(const struct load *l, uint64_t time)
{
	return l->sent < l->most && time < l->end;
}

static void
send_next(struct load *l, struct client *c, uint64_t due)
{
	if (c->fd < 0)
		connect_client(l, c);
	request_next(&l->request);
	l->sent++;
	c->due = due;
	client_send(c, l->request.text, l->request.size);
}

static bool
is_right(const struct load *l, int status)
{
	return l->status != 0 ? status == l->status : status < 400;
}

static void
count(struct load *l, struct client *c, uint64_t time)
{
	if (c->state == CLIENT_BROKEN) {
		l->broken++;
	} else {
		l->answered++;
		if (!is_right(l, c->status))
			l->wrong++;
		hist_add(&l->times, time - c->due);
	}
	if (c->state == CLIENT_BROKEN || c->closes || l->each_anew)
		client_close(c);
	c->state = CLIENT_IDLE;
}

/* Waits for its turn; or, without a rate, it is its turn. */
static void
on_end(struct load *l, struct client *c)
{
	uint64_t time = now();

	count(l, c, time);
	if (l->gap == 0 && may_send(l, time))
		send_next(l, c, time);
	else
		l->idle[l->idle_count++] = c;
}

static void
on_event(struct load *l, struct client *c)
{
	client_go(c);
	/* An answer may be there at once. */
	while (c->state == CLIENT_DONE || c->state == CLIENT_BROKEN)
		on_end(l, c);
}

/* All that are due, as long as somebody can send them. */
static void
send_due(struct load *l)
{
	while (l->idle_count > 0 && l->next_due <= now() &&
	    may_send(l, l->next_due)) {
		struct client *c = l->idle[--l->idle_count];

		send_next(l, c, l->next_due);
		l->next_due += l->gap;
		on_event(l, c);
	}
}

/* Without a rate all begin at once. */
static void
send_first(struct load *l)
{
	while (l->idle_count > 0 && may_send(l, now())) {
		struct client *c = l->idle[--l->idle_count];

		send_next(l, c, now());
		on_event(l, c);
	}
}

static struct timespec
pause_of(const struct load *l)
{
	uint64_t time = now(), ns = SECOND / 10;

	if (l->gap > 0 && l->idle_count > 0)
		ns = l->next_due > time ? l->next_due - time : 0;
	return (struct timespec){ (time_t)(ns / SECOND), (long)(ns % SECOND) };
}

static bool
is_over(const struct load *l)
{
	bool sends = may_send(l, l->gap > 0 ? l->next_due : now());

	return (!sends && l->idle_count == l->client_count) ||
	    now() > l->end + PATIENCE * SECOND;
}

static void
run(struct load *l)
{
	struct epoll_event events[EVENTS];

	l->begun = l->next_due = now();
	l->end += l->begun;
	if (l->gap == 0)
		send_first(l);
	while (!is_over(l)) {
		struct timespec pause = pause_of(l);
		int n = epoll_pwait2(l->epoll, events, EVENTS, &pause, NULL);

		if (n < 0 && errno != EINTR)
			die("epoll");
		for (int i = 0; i < n; i++)
			on_event(l, events[i].data.ptr);
		if (l->gap > 0)
			send_due(l);
	}
}

static void
report(const struct load *l)
{
	double seconds = (double)(now() - l->begun) / (double)SECOND;

	printf("{\"requests\": %" PRIu64 ", \"seconds\": %.3f, "
	    "\"rate\": %.1f, \"wrong\": %" PRIu64 ", "
	    "\"broken\": %" PRIu64 ", \"unanswered\": %" PRIu64 ", ",
	    l->answered, seconds, (double)l->answered / seconds, l->wrong,
	    l->broken, l->sent - l->answered - l->broken);
	hist_print(&l->times);
	printf("}\n");
}

static void
prepare(struct load *l)
{
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->client = calloc(l->client_count, sizeof(*l->client));
	l->idle = calloc(l->client_count, sizeof(struct client *));
	if (l->epoll < 0 || l->client == NULL || l->idle == NULL)
		die("load");
	for (size_t i = 0; i < l->client_count; i++) {
		l->client[i].fd = -1;
		l->idle[l->idle_count++] = &l->client[i];
	}
	(void)prctl(PR_SET_TIMERSLACK, 1);
}

static SSL_CTX *
make_ctx(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL ||
	    SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) != 1)
		die("TLS");
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	return ctx;
}

static int
usage(void)
{
	fprintf(stderr, "usage: load [-c CONNECTIONS] [-d SECONDS] "
	    "[-e STATUS] [-l LINES] [-n REQUESTS] [-r RATE] [-s FIRST] [-Tx] "
	    "PORT REQUEST\n");
	return 2;
}

struct options {
	const char *lines;
	uint64_t first;
};

static bool
read_options(struct load *l, int argc, char **argv, struct options *o)
{
	int c;

	while ((c = getopt(argc, argv, "c:d:e:l:n:r:s:Tx")) != -1) {
		double number = optarg != NULL ? strtod(optarg, NULL) : 1;

		if (c != 'l' && c != 's' && number <= 0)
			return false;
		switch (c) {
		case 'c':
			l->client_count = (size_t)number;
			break;
		case 'd':
			l->end = (uint64_t)(number * (double)SECOND);
			break;
		case 'e':
			l->status = (int)number;
			break;
		case 'l':
			o->lines = optarg;
			break;
		case 'n':
			l->most = (uint64_t)number;
			break;
		case 'r':
			l->gap = (uint64_t)((double)SECOND / number);
			break;
		case 's':
			o->first = (uint64_t)number;
			break;
		case 'T':
			l->ctx = make_ctx();
			break;
		case 'x':
			l->each_anew = true;
			break;
		default:
			return false;
		}
	}
	return argc - optind == 2;
}

int
main(int argc, char **argv)
{
	static struct load l = { .client_count = 1, .most = UINT64_MAX,
		.end = 10 * SECOND };
	struct options o = { 0 };

	if (!read_options(&l, argc, argv, &o))
		return usage();
	l.to.sin_family = AF_INET;
	l.to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	l.to.sin_port = htons((uint16_t)strtoul(argv[optind], NULL, 10));
	if (!request_load(&l.request, argv[optind + 1], o.lines, o.first))
		return 1;
	if (l.most > request_limit(&l.request))
		l.most = request_limit(&l.request);
	prepare(&l);
	run(&l);
	report(&l);
	return 0;
}
