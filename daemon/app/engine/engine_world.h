/* SPDX-License-Identifier: ISC */
/*
 * The world around an engine, in one process with the test: its child's side,
 * web, mailer and admin are played here, and the clock is the test's (--wrap).
 */
#ifndef APP_ENGINE_WORLD_H
#define APP_ENGINE_WORLD_H

#include "app/child.h"
#include "app/engine/turn.h"
#include "core/config.h"
#include "core/message.pb-c.h"

#define DAY (86400 * CLOCK_SECOND)
#define NOON INT64_C(1800000000000000)	/* when a world begins */
#define ACCEPTED MESSAGE__SUBSCRIBED__OUTCOME__ACCEPTED
#define DONE MESSAGE__VISITED__OUTCOME__DONE

struct world_judge {	/* has the running test fail; doesn't return */
	void (*fail)(const char *what, const char *file, int line);
};

enum { WORLD_WEEKLY, WORLD_DAILY, WORLD_LISTS };	/* weekly welcomes */

/* The double of app/child.h: all that a test's state is. */
struct child {
	struct world_judge judge;
	struct event_base *base;
	struct config config;
	struct config_list lists[WORLD_LISTS];
	struct templates *templates;
	char folder[64], *agent;	/* of all who come; NULL: none */
	int secret_fd, status;
	const struct child_callbacks *callbacks;
	void *arg;			/* the engine */
	bool ready, ended, stop_early;	/* early: before it is ready */
	void (*script)(struct child *);
	struct ipc *web, *mailer;
	Message__Envelope *reply;	/* the last one to web or admin */
	Message__Envelope *mail;	/* the last one to the mailer */
	bool taken;			/* that mail was dealt with */
	unsigned credits;		/* given and not used yet */
	unsigned level;			/* of challenges, as the web was told */
	uint64_t serial;		/* of the last question */
	uint32_t generation;		/* of the config it took; 0: none */
	int copy_fd, copier;		/* wanted; one that hangs; 0: none */
};

struct world_visit {
	Message__Visit__Action action;
	const char *token, *code;	/* NULL: none */
	bool pressed, cookie;
};

struct world_mail {
	char confirm[64], notme[64], unsubscribe[64], code[16];
};

/* A fixture; its initial state is a struct world_judge. */
int world_setup(void **state);
int world_teardown(void **state);
/* Makes a secret file of that name, open for reading. */
int world_make_secret(struct child *, const char *name);
/* One life of the engine: runs the script once it is ready; its status. */
int world_live(struct child *, void (*script)(struct child *));
/* The wall clock, microseconds; so much time passes; it alone is turned. */
int64_t world_now(void);
void world_pass(int64_t us), world_jump(int64_t us);
/* Lets all happen that can now; `due`: as if the clock were looked at. */
void world_settle(struct child *);
void world_settle_due(struct child *);
/* Connects one more process, of index 0; owned. */
struct ipc *world_connect(struct child *, enum role);
/* Queues a copy of a question for the next turn, as asked by that role. */
void world_queue(struct child *, const struct op_class *, enum role,
    const Message__Envelope *question);
/* A post of jo@example.org for "daily"; borrowed until the next call. */
Message__Envelope *world_simple_post(struct child *);
Message__Subscribed__Outcome world_post(struct child *, Message__Envelope *);
/* Posts the form for one list, as a robot or not. */
Message__Subscribed__Outcome world_subscribe(struct child *,
    const char *address, const char *list, bool robot);
/* Opens a link or presses a button (that of a confirmation link); borrowed
 * until the next question. */
const Message__Visited *world_visit(struct child *, struct world_visit);
Message__Visited__Outcome world_press_confirm(struct child *, const char *);
/* The next mail or NULL; borrowed until the one after it. */
const Message__Mail *world_next_mail(struct child *);
/* Tells what became of that mail (and what the server said). */
void world_tell_result(struct child *, const Message__Mail *,
    Message__MailResult__Outcome);
void world_tell_reply(struct child *, const Message__Mail *,
    Message__MailResult__Outcome, const char *reply);
/* Takes the next mail, which has to be of that kind, as sent. */
struct world_mail world_take_mail(struct child *, const char *kind);
/* Sends a question on that connection; the answer is c->reply then. */
void world_ask(struct child *, struct ipc *as, Message__Envelope *question,
    Message__Envelope__BodyCase answer);

#endif
