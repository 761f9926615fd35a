/* SPDX-License-Identifier: ISC */
/*
 * Questions to the engine and their answers.  Web keeps the credits: more
 * than WEB_ENGINE_CREDITS questions are never under way, so that a slow
 * engine is told to the visitor at once.
 */
#ifndef APP_WEB_ENGINE_H
#define APP_WEB_ENGINE_H

#include "app/web/web.h"
#include "core/message.pb-c.h"

struct event_base;

enum { WEB_ENGINE_CREDITS = 256 };

/*
 * The answer, of the body that was asked for; NULL: it can't be had now, or
 * didn't come within 20 seconds.
 * Borrowed for the call.
 */
typedef void (*web_answer)(struct web *, struct http_exchange *,
    const Message__Envelope *answer);

struct web_engine *web_engine_new(struct web *, struct event_base *);
void web_engine_free(struct web_engine *);
/* Another engine; takes the fd.  What the former owed will not come. */
void web_engine_connect(struct web_engine *, int fd);
/*
 * Asks, and calls on_answer once, maybe before it returns.  Sets the
 * question's serial; `wanted` is the kind of body that answers it.
 */
void web_engine_ask(struct web_engine *, Message__Envelope *question,
    Message__Envelope__BodyCase wanted, struct http_exchange *,
    web_answer on_answer);

#endif
