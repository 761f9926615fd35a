/* SPDX-License-Identifier: ISC */
/*
 * The admin process, from the inside: one call is one request on the admin
 * socket, from its arrival to its answer.  Each command is a row that says
 * all about it, in the file that runs it; app/admin/admin.c lists those files.
 */
#ifndef APP_ADMIN_H
#define APP_ADMIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "app/child.h"
#include "base/buf.h"
#include "base/slice.h"
#include "core/message.pb-c.h"
#include "io/http.h"
#include "io/http_form.h"

struct json;
struct admin_call;

/* Gets the engine's answer, borrowed; NULL when the engine is gone. */
typedef void (*admin_on_answer)(struct admin_call *,
    const Message__Envelope *answer);

/* Each file's rows end with one without a path. */
struct admin_command {
	enum http_method method;
	const char *path;
	bool changes;			/* for writers */
	const char *parameters;		/* that it takes, with blanks */
	void (*run)(struct admin_call *);
	const void *arg;		/* the file's own */
};

struct admin {
	struct child *child;
	const struct config *config;
	const struct templates *templates;
	struct http_server *server;
	struct http_server *port;	/* for metrics alone */
	int serving;			/* servers not drained yet */
	struct ipc *engine;		/* NULL: gone */
	uint64_t serial;		/* of the last question */
	LIST_HEAD(, admin_call) asking, reloading;
	uint32_t reloads;		/* that were asked for */
	struct backup *backup;		/* NULL: none is under way */
	struct child_load load;
	char *load_why;			/* the load's; NULL: none is known */
	struct child_report *reports;	/* one for each process seen */
	size_t report_count;
	struct buf sandbox;		/* what there is of one */
};

struct admin_call {
	LIST_ENTRY(admin_call) link;	/* while it waits for an answer */
	struct admin *admin;
	struct http_exchange *exchange;	/* owns the call */
	const struct admin_command *command;
	struct http_form *form;		/* the query, or the body */
	uint64_t serial;		/* of what it waits for; 0: nothing */
	int64_t asked_at;		/* monotonic ms */
	int64_t patience_ms;		/* 0: as long as others have */
	Message__Envelope__BodyCase wanted;
	admin_on_answer on_answer;
	void *data;			/* the command's own; freed with it */
	char none[1];			/* a parameter that isn't there */
};

/* "GET", "POST", "other". */
const char *admin_method_name(enum http_method);
/* Belongs to the exchange, and ends with it. */
struct admin_call *admin_call_new(struct admin *, struct http_exchange *);
/* A parameter, borrowed from the call; "" when it wasn't given. */
char *admin_call_get(struct admin_call *, const char *name);

/*
 * Sends a question (its serial is set here); on_answer gets the answer, of
 * that kind, or NULL, maybe at once; within patience_ms, if the call has any.
 */
void admin_call_ask(struct admin_call *, Message__Envelope *question,
    Message__Envelope__BodyCase wanted, admin_on_answer on_answer);

/* The question is over, with that answer; may end the call. */
void admin_call_settle(struct admin_call *, const Message__Envelope *answer);

/* Each of these ends the call.  Takes the value. */
void admin_call_answer(struct admin_call *, unsigned status, struct json *);
/* {"error":{"code":…,"message":…}}. */
void admin_call_refuse(struct admin_call *, unsigned status, const char *code,
    const char *message);
/* 503: the engine is gone. */
void admin_call_unavailable(struct admin_call *);
/* For those who end the exchange themselves: writes the log line. */
void admin_call_log(struct admin_call *, unsigned status);

#endif
