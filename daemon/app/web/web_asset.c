/* SPDX-License-Identifier: ISC */
/*
 * Files of the templates' assets folder, and how the daemon does.
 */
#include "app/web/web_engine.h"
#include "app/web/web_page.h"

void
web_asset_show(struct web *web, struct http_exchange *exchange,
    struct slice name)
{
	const struct asset *asset = templates_asset(web->templates, name);
	bool hashed;

	if (asset == NULL) {
		web_page_fail(web, exchange, WEB_NOT_FOUND, NULL);
		return;
	}
	web_page_headers(web, exchange);
	http_answer_header(exchange, "Content-Type", slice_str(asset->type));
	/* Our pages know the hash, which changes when the file does; by their
	 * plain names websites have our scripts. */
	hashed = slice_eq_str(name, asset->url_name);
	http_answer_header(exchange, "Cache-Control", slice_str(hashed ?
	    "public, max-age=31536000, immutable" : "public, max-age=3600"));
	http_answer_header(exchange, "Cross-Origin-Resource-Policy",
	    slice_str(hashed ? "same-origin" : "cross-origin"));
	http_answer(exchange, 200, asset->content);
}

static void
answer_text(struct web *web, struct http_exchange *exchange, bool good)
{
	web_page_headers(web, exchange);
	http_answer_header(exchange, "Content-Type",
	    slice_str("text/plain; charset=utf-8"));
	http_answer_header(exchange, "Cache-Control", slice_str("no-store"));
	http_answer(exchange, good ? 200 : 503,
	    slice_str(good ? "ok\n" : "not ready\n"));
}

void
web_health_show(struct web *web, struct http_exchange *exchange,
    struct slice none)
{
	(void)none;
	answer_text(web, exchange, true);
}

static void
on_pong(struct web *web, struct http_exchange *exchange,
    const Message__Envelope *envelope)
{
	answer_text(web, exchange, envelope != NULL && envelope->pong->ready);
}

void
web_ready_show(struct web *web, struct http_exchange *exchange,
    struct slice none)
{
	Message__Envelope envelope = MESSAGE__ENVELOPE__INIT;
	Message__Ping ping = MESSAGE__PING__INIT;

	(void)none;
	envelope.body_case = MESSAGE__ENVELOPE__BODY_PING;
	envelope.ping = &ping;
	web_engine_ask(web->engine, &envelope, MESSAGE__ENVELOPE__BODY_PONG,
	    exchange, on_pong);
}
