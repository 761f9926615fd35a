/* SPDX-License-Identifier: ISC */
/*
 * The public listener's process: what its parts share.  It holds no database
 * and no key but the one of forms; whatever must be known or changed is asked
 * of the engine.
 */
#ifndef APP_WEB_H
#define APP_WEB_H

#include "app/templates/templates.h"
#include "base/crypto.h"
#include "core/config.h"
#include "core/origin.h"
#include "io/http.h"

struct budget;
struct child;
struct metrics;
struct web_after_known;
struct web_engine;

struct web {
	const struct config *config;
	const struct templates *templates;
	struct web_engine *engine;
	struct child *child;
	struct metrics *metrics;	/* NULL: nothing is counted */
	struct origin own;		/* base_url's */
	bool https;			/* base_url is https */
	struct config_strings languages;	/* of all lists, borrowed */
	char **errors;			/* of each: web_page_error.c */
	/* Of each list's: web_after.c. */
	struct web_after_known **known;
	/* The engine's word on form tokens and challenges, once it spoke. */
	bool has_terms;
	uint8_t form_key[CRYPTO_HASH_SIZE];
	unsigned level;			/* of a challenge nobody named */
	struct budget *challenges;	/* fetched, by network */
	uint64_t seed;			/* of its keys */
};

/* Does any of a request's own parts: each ends in an answer, now or later. */
typedef void (*web_handler)(struct web *, struct http_exchange *,
    struct slice name);

void web_subscribe_show(struct web *, struct http_exchange *, struct slice);
void web_subscribe_post(struct web *, struct http_exchange *, struct slice);
void web_subscribe_options(struct web *, struct http_exchange *,
    struct slice);
/* Lets a listed page's script read an answer to what was no form. */
void web_subscribe_allow(const struct web *, struct http_exchange *,
    struct slice);
void web_pending_show(struct web *, struct http_exchange *, struct slice);

void web_confirm_show(struct web *, struct http_exchange *, struct slice);
void web_confirm_post(struct web *, struct http_exchange *, struct slice);
void web_code_post(struct web *, struct http_exchange *, struct slice);
void web_unsubscribe_show(struct web *, struct http_exchange *, struct slice);
void web_unsubscribe_post(struct web *, struct http_exchange *, struct slice);
void web_notme_show(struct web *, struct http_exchange *, struct slice);
void web_notme_post(struct web *, struct http_exchange *, struct slice);

void web_manage_ask_page(struct web *, struct http_exchange *, struct slice);
void web_manage_ask_post(struct web *, struct http_exchange *, struct slice);
void web_manage_sent_page(struct web *, struct http_exchange *,
    struct slice);
void web_manage_show_page(struct web *, struct http_exchange *,
    struct slice);
void web_manage_post(struct web *, struct http_exchange *, struct slice);

void web_challenge_get(struct web *, struct http_exchange *, struct slice);

void web_asset_show(struct web *, struct http_exchange *, struct slice);
void web_health_show(struct web *, struct http_exchange *, struct slice);
void web_ready_show(struct web *, struct http_exchange *, struct slice);

/* Finds the handler of a request, or says 404 or 405. */
void web_route(struct web *, struct http_exchange *);
/* Answers what the server refused (http_error_page). */
void web_route_malformed(struct http_exchange *, unsigned status, void *web);
/* Counts what was answered (http_observer). */
void web_route_count(const struct http_request *, unsigned mark,
    unsigned status, int64_t took_us, void *web);
/* "other", then each route's path; each method; NULL behind the last. */
const char *web_route_label(size_t i);
const char *web_method_label(size_t i);

#endif
