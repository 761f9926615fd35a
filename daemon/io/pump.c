/* SPDX-License-Identifier: ISC */
/*
 * Two bufferevents that pass their input to each other's output.
 */
#include "io/pump.h"

#include <sys/socket.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/mem.h"

/* More than HIGH waiting on one side: the other isn't read until LOW. */
enum { HIGH = 256 * 1024, LOW = 64 * 1024 };

struct pump {
	struct bufferevent *outer;	/* the connection; NULL: none */
	struct bufferevent *inner;	/* the process */
	bool outer_over;
	void (*on_end)(struct pump *, void *arg);
	void *arg;
};

static struct bufferevent *
other(const struct pump *p, const struct bufferevent *bev)
{
	return bev == p->outer ? p->inner : p->outer;
}

static size_t
backlog(struct bufferevent *bev)
{
	return evbuffer_get_length(bufferevent_get_output(bev));
}

static void
on_read(struct bufferevent *from, void *arg)
{
	struct pump *p = arg;
	struct bufferevent *to = other(p, from);

	if (to == NULL) {
		(void)evbuffer_drain(bufferevent_get_input(from), SIZE_MAX);
		return;
	}
	(void)bufferevent_write_buffer(to, bufferevent_get_input(from));
	if (backlog(to) > HIGH)
		(void)bufferevent_disable(from, EV_READ);
}

/* Once all that the connection said has reached the process. */
static void
pass_end(struct pump *p)
{
	if (p->outer_over && backlog(p->inner) == 0)
		(void)shutdown(bufferevent_getfd(p->inner), SHUT_WR);
}

static void
on_written(struct bufferevent *to, void *arg)
{
	struct pump *p = arg;
	struct bufferevent *from = other(p, to);

	if (from == p->outer && p->outer_over)
		pass_end(p);
	else if (from != NULL && backlog(to) <= LOW)
		(void)bufferevent_enable(from, EV_READ);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct pump *p = arg;

	if (!(what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)))
		return;
	(void)bufferevent_disable(bev, EV_READ | EV_WRITE);
	if (bev == p->inner) {
		p->on_end(p, p->arg);
		return;
	}
	p->outer_over = true;
	on_read(p->outer, p);
	(void)bufferevent_setwatermark(p->inner, EV_WRITE, 0, 0);
	pass_end(p);
}

static bool
start(struct pump *p, struct bufferevent *bev)
{
	bufferevent_setcb(bev, on_read, on_written, on_event, p);
	bufferevent_setwatermark(bev, EV_WRITE, LOW, 0);
	return bufferevent_enable(bev, EV_READ | EV_WRITE) == 0;
}

struct pump *
pump_new(struct event_base *base, struct bufferevent *connection, int fd,
    struct slice first, void (*on_end)(struct pump *, void *arg), void *arg)
{
	struct pump *p = MEM_NEW(struct pump);

	p->outer = connection;
	p->on_end = on_end;
	p->arg = arg;
	p->inner = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (p->inner == NULL)
		(void)close(fd);
	if (p->inner == NULL || !start(p, p->inner) ||
	    bufferevent_write(p->inner, first.p, first.len) != 0 ||
	    (p->outer != NULL && !start(p, p->outer))) {
		pump_free(p);
		return NULL;
	}
	if (p->outer != NULL)
		on_read(p->outer, p);
	return p;
}

void
pump_free(struct pump *p)
{
	if (p == NULL)
		return;
	if (p->outer != NULL)
		bufferevent_free(p->outer);
	if (p->inner != NULL)
		bufferevent_free(p->inner);
	free(p);
}
