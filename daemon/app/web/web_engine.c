/* SPDX-License-Identifier: ISC */
/*
 * One slot for each question under way; its place is part of the serial, so
 * that an answer finds its question without a search, and an answer to a
 * question of the past finds none.
 */
#include "app/web/web_engine.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "app/metrics/metrics.h"
#include "app/wire.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/challenge.h"
#include "io/ipc.h"

/* An engine this slow hangs; and how often to look. */
enum { PATIENCE_MS = 20 * 1000, LOOK_SECONDS = 1 };

struct question {
	uint64_t serial;	/* 0: free */
	int64_t asked_at;	/* monotonic, milliseconds */
	Message__Envelope__BodyCase wanted;
	struct http_exchange *exchange;
	web_answer on_answer;
};

struct web_engine {
	struct web *web;
	struct event_base *base;
	struct ipc *ipc;	/* NULL: no engine */
	struct event *look;	/* runs while questions are under way */
	uint64_t rounds;
	size_t free_count;
	uint16_t free_slot[WEB_ENGINE_CREDITS];
	struct question question[WEB_ENGINE_CREDITS];
};

static void
answer(struct web_engine *engine, struct question *question,
    const Message__Envelope *envelope)
{
	struct question q = *question;

	*question = (struct question){ 0 };
	engine->free_slot[engine->free_count++] =
	    (uint16_t)(question - engine->question);
	if (envelope != NULL && envelope->body_case != q.wanted) {
		log_error("engine_wrong_answer",
		    log_num("body", envelope->body_case));
		envelope = NULL;
	}
	q.on_answer(engine->web, q.exchange, envelope);
}

static void
take_terms(struct web *web, const Message__Terms *terms)
{
	if (terms->form_key.len != sizeof(web->form_key) ||
	    terms->level >= CHALLENGE_LEVELS) {
		log_error("engine_nonsense", log_str("body", "terms"));
		return;
	}
	memcpy(web->form_key, terms->form_key.data, sizeof(web->form_key));
	web->has_terms = true;
	web->level = terms->level;
}

static void
on_frame(struct ipc *ipc, struct slice frame, void *arg)
{
	struct web_engine *engine = arg;
	Message__Envelope *envelope = wire_open(frame);
	struct question *question;

	(void)ipc;
	if (envelope == NULL) {
		log_error("engine_nonsense",
		    log_num("bytes", (int64_t)frame.len));
		return;
	}
	question = &engine->question[envelope->serial % WEB_ENGINE_CREDITS];
	if (envelope->body_case == MESSAGE__ENVELOPE__BODY_TERMS)
		take_terms(engine->web, envelope->terms);
	else if (envelope->serial != 0 && question->serial == envelope->serial)
		answer(engine, question, envelope);
	wire_free(envelope);
}

static void
count_unanswered(const struct web_engine *engine,
    enum metrics_unanswered reason)
{
	metrics_add(engine->web->metrics, METRICS_UNANSWERED,
	    METRICS_AT(reason), 1);
}

/* Nobody will answer any more. */
static void
hang_up(struct web_engine *engine)
{
	struct ipc *ipc = engine->ipc;

	engine->ipc = NULL;
	if (ipc != NULL)
		ipc_free(ipc);
	for (size_t i = 0; i < WEB_ENGINE_CREDITS; i++) {
		if (engine->question[i].serial == 0)
			continue;
		count_unanswered(engine, UNANSWERED_LOST);
		answer(engine, &engine->question[i], NULL);
	}
}

static void
on_close(struct ipc *ipc, void *arg)
{
	struct web_engine *engine = arg;

	wire_closed(engine->web->child, ipc);
	log_warn("engine_gone", log_num("questions",
	    (int64_t)(WEB_ENGINE_CREDITS - engine->free_count)));
	hang_up(engine);
}

static void
look_again_later(struct web_engine *engine)
{
	static const struct timeval later = { LOOK_SECONDS, 0 };

	if (engine->free_count < WEB_ENGINE_CREDITS &&
	    !event_pending(engine->look, EV_TIMEOUT, NULL))
		event_add(engine->look, &later);
}

/* Whoever has waited too long is told so; an answer may come, and is lost. */
static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	struct web_engine *engine = arg;
	int64_t oldest = clock_monotonic_ms() - PATIENCE_MS;

	(void)fd;
	(void)what;
	for (size_t i = 0; i < WEB_ENGINE_CREDITS; i++) {
		struct question *question = &engine->question[i];

		if (question->serial != 0 && question->asked_at <= oldest) {
			log_warn("engine_silent", log_num("waited_ms",
			    clock_monotonic_ms() - question->asked_at));
			count_unanswered(engine, UNANSWERED_SILENT);
			answer(engine, question, NULL);
		}
	}
	look_again_later(engine);
}

struct web_engine *
web_engine_new(struct web *web, struct event_base *base)
{
	struct web_engine *engine = MEM_NEW(struct web_engine);

	engine->web = web;
	engine->base = base;
	engine->look = event_new(base, -1, 0, on_look, engine);
	for (size_t i = 0; i < WEB_ENGINE_CREDITS; i++)
		engine->free_slot[engine->free_count++] =
		    (uint16_t)(WEB_ENGINE_CREDITS - 1 - i);
	return engine;
}

void
web_engine_free(struct web_engine *engine)
{
	hang_up(engine);
	event_free(engine->look);
	free(engine);
}

void
web_engine_connect(struct web_engine *engine, int fd)
{
	static const struct ipc_callbacks callbacks = {
		.on_frame = on_frame,
		.on_close = on_close,
	};

	hang_up(engine);
	engine->ipc = ipc_new(engine->base, fd, &callbacks, engine);
}

void
web_engine_ask(struct web_engine *engine, Message__Envelope *envelope,
    Message__Envelope__BodyCase wanted, struct http_exchange *exchange,
    web_answer on_answer)
{
	struct question *question;
	size_t slot;

	if (engine->ipc == NULL || engine->free_count == 0) {
		count_unanswered(engine, engine->ipc == NULL ?
		    UNANSWERED_AWAY : UNANSWERED_BUSY);
		on_answer(engine->web, exchange, NULL);
		return;
	}
	slot = engine->free_slot[--engine->free_count];
	question = &engine->question[slot];
	*question = (struct question){
		.serial = ++engine->rounds * WEB_ENGINE_CREDITS + slot,
		.asked_at = clock_monotonic_ms(),
		.wanted = wanted,
		.exchange = exchange,
		.on_answer = on_answer,
	};
	envelope->serial = question->serial;
	look_again_later(engine);
	if (wire_send(engine->ipc, envelope) < 0) {
		count_unanswered(engine, UNANSWERED_LOST);
		answer(engine, question, NULL);
	}
}
