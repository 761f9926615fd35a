/* SPDX-License-Identifier: ISC */
/*
 * The world around the public listener, in one process with the test: its
 * engine says what the test wants, and its client is one request long.  The
 * lists are "weekly" (the default) and "open".
 */
#ifndef APP_WEB_WORLD_H
#define APP_WEB_WORLD_H

#include <sys/un.h>

#include <stdbool.h>

#include "app/web/web.h"
#include "core/message.pb-c.h"

#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"
#define HTML "Accept: text/html,*/*;q=0.8\r\n"
#define JSON "Accept: application/json\r\n"
#define OURS "Origin: https://news.example.org\r\n"
#define LISTED "Origin: https://www.example.org\r\n"
/* Well-formed, by any kind: the engine is ours. */
#define WORLD_TOKEN "EAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct world_judge {	/* has the running test fail; doesn't return */
	void (*fail)(const char *what, const char *file, int line);
};

/* All that a test's state is. */
struct web_world {
	struct world_judge judge;
	struct event_base *base;
	struct config *config;
	struct templates *templates;
	struct web web;
	struct http_server *server;
	struct sockaddr_un address;
	int listener;
	struct ipc *engine;		/* its end; NULL: it hung up */
	Message__Envelope *asked;	/* the last question */
	unsigned questions;
	bool silent;			/* doesn't answer */
	/* What it says. */
	Message__Subscribed__Outcome subscribed;
	unsigned level, wait;		/* of CHALLENGED */
	Message__Visited__Outcome outcome;
	Message__Visited__State state;
	const char *list;		/* "": of none */
	bool cookie_holds;
};

/* A fixture; its initial state is a struct world_judge. */
int world_setup(void **state);
int world_teardown(void **state);
/* Connects an engine in place of one that is gone; it tells its terms. */
void world_connect_engine(struct web_world *);
/* Runs until that many questions were asked since the beginning. */
void world_await(struct web_world *, unsigned questions);
/* Sends a request on a connection of its own; `headers` are whole lines, no
 * body is NULL. */
int world_say(struct web_world *, const char *method, const char *path,
    const char *headers, const char *body);
/* Runs until that connection ends; returns the whole answer, owned. */
char *world_hear(struct web_world *, int fd);
/* Both. */
char *world_request(struct web_world *, const char *method, const char *path,
    const char *headers, const char *body);
/* The answer has to be of that status and to have that part. */
void world_expect(struct web_world *, const char *answer, unsigned status,
    const char *part);
/* A request, and what its answer has to be. */
void world_expect_request(struct web_world *, const char *method,
    const char *path, const char *headers, const char *body, unsigned status,
    const char *part);
/* "/confirm/" with the token behind it; owned. */
char *world_path(const char *route);

#endif
