/* SPDX-License-Identifier: ISC */
/*
 * Which path does what.  A path has one form only: it is compared as it
 * came, so that no other way of writing it gets past a check.
 */
#include "app/metrics/metrics.h"
#include "app/web/web.h"
#include "app/web/web_page.h"
#include "base/log.h"
#include "io/http_observe.h"

enum { METHODS_MAX = HTTP_OTHER };
enum { MARK_OTHER };		/* else a route's place in the table, from 1 */

static const struct route {
	const char *path;	/* with a slash at the end: a name follows */
	web_handler handler[METHODS_MAX];
} routes[] = {
	{ "/subscribe", {
		[HTTP_POST] = web_subscribe_post,
		[HTTP_OPTIONS] = web_subscribe_options } },
	{ "/subscribe/", {
		[HTTP_GET] = web_subscribe_show,
		[HTTP_POST] = web_subscribe_post,
		[HTTP_OPTIONS] = web_subscribe_options } },
	{ "/pending/", { [HTTP_GET] = web_pending_show } },
	{ "/confirm", { [HTTP_POST] = web_code_post } },
	{ "/confirm/", {
		[HTTP_GET] = web_confirm_show,
		[HTTP_POST] = web_confirm_post } },
	{ "/unsubscribe/", {
		[HTTP_GET] = web_unsubscribe_show,
		[HTTP_POST] = web_unsubscribe_post } },
	{ "/notme/", {
		[HTTP_GET] = web_notme_show,
		[HTTP_POST] = web_notme_post } },
	{ "/manage", {
		[HTTP_GET] = web_manage_ask_page,
		[HTTP_POST] = web_manage_ask_post } },
	{ "/manage/sent", { [HTTP_GET] = web_manage_sent_page } },
	{ "/manage/", {
		[HTTP_GET] = web_manage_show_page,
		[HTTP_POST] = web_manage_post } },
	{ "/challenge", { [HTTP_GET] = web_challenge_get } },
	{ "/assets/", { [HTTP_GET] = web_asset_show } },
	{ "/healthz", { [HTTP_GET] = web_health_show } },
	{ "/readyz", { [HTTP_GET] = web_ready_show } },
};

static const char *const method_names[] = {
	[HTTP_GET] = "GET",
	[HTTP_HEAD] = "HEAD",
	[HTTP_POST] = "POST",
	[HTTP_OPTIONS] = "OPTIONS",
	[HTTP_PUT] = "PUT",
	[HTTP_DELETE] = "DELETE",
	[HTTP_PATCH] = "PATCH",
	[HTTP_OTHER] = "other",
};
_Static_assert(sizeof(method_names) / sizeof(method_names[0]) ==
    METHODS_MAX + 1, "each method has a name");

/* As Allow has them: whoever may GET may HEAD. */
static const char *
allowed_name(size_t method)
{
	return method == HTTP_GET ? "GET, HEAD" : method_names[method];
}

static const struct route *
find_route(struct slice path, struct slice *ret_name)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		struct slice fixed = slice_str(routes[i].path);

		*ret_name = slice_of("", 0);
		if (!slice_ends(fixed, "/")) {
			if (slice_eq(path, fixed))
				return &routes[i];
		} else if (path.len > fixed.len &&
		    slice_starts(path, routes[i].path)) {
			*ret_name = slice_sub(path, fixed.len, path.len);
			return &routes[i];
		}
	}
	return NULL;
}

static unsigned
mark_of(const struct route *route)
{
	return route != NULL ? (unsigned)(route - routes) + 1 : MARK_OTHER;
}

const char *
web_route_label(size_t i)
{
	if (i == MARK_OTHER)
		return "other";
	return i <= sizeof(routes) / sizeof(routes[0]) ? routes[i - 1].path :
	    NULL;
}

const char *
web_method_label(size_t i)
{
	return i <= METHODS_MAX ? method_names[i] : NULL;
}

static unsigned
place_of_status(unsigned status)
{
	unsigned i = 0;

	while (http_status_at(i) != status && http_status_at(i) != 0)
		i++;
	return i;
}

void
web_route_count(const struct http_request *request, unsigned mark,
    unsigned status, int64_t took_us, void *arg)
{
	const struct web *web = arg;

	metrics_add(web->metrics, METRICS_HTTP_REQUESTS,
	    METRICS_AT(mark, request->method, place_of_status(status)), 1);
	metrics_observe(web->metrics, METRICS_HTTP_TIME,
	    METRICS_AT(mark, request->method), (uint64_t)took_us);
}

static void
refuse_method(struct web *web, struct http_exchange *exchange,
    const struct route *route)
{
	struct buf allow = { 0 };

	for (size_t i = 0; i < METHODS_MAX; i++) {
		if (route->handler[i] != NULL)
			buf_printf(&allow, "%s%s", allow.len > 0 ? ", " : "",
			    allowed_name(i));
	}
	http_answer_header(exchange, "Allow", buf_slice(&allow));
	buf_fini(&allow);
	web_page_fail(web, exchange, WEB_METHOD_NOT_ALLOWED, NULL);
}

void
web_route_malformed(struct http_exchange *exchange, unsigned status,
    void *arg)
{
	const struct http_request *request = http_exchange_request(exchange);
	struct web *web = arg;
	struct slice name;
	const struct route *route = find_route(request->path, &name);

	http_exchange_mark(exchange, mark_of(route));
	log_debug("request_refused",
	    log_num("request", (int64_t)request->serial),
	    log_str("client", request->client), log_num("status", status));
	/* The head was in order: whose script sent it is known. */
	if ((status == 413 || status == 408) && route != NULL &&
	    route->handler[HTTP_POST] == web_subscribe_post) {
		if (status == 413)
			web_subscribe_count(web, WEB_TOO_LARGE);
		web_subscribe_allow(web, exchange, name);
	}
	web_page_malformed(web, exchange, status);
}

void
web_route(struct web *web, struct http_exchange *exchange)
{
	const struct http_request *request = http_exchange_request(exchange);
	enum http_method method = request->method == HTTP_HEAD ? HTTP_GET :
	    request->method;
	struct slice name;
	const struct route *route = find_route(request->path, &name);

	http_exchange_mark(exchange, mark_of(route));
	/* Never the name: it may be a token. */
	log_debug("request", log_num("request", (int64_t)request->serial),
	    log_str("client", request->client),
	    log_str("method", method_names[request->method]),
	    log_str("path", route != NULL ? route->path : "unknown"));
	if (route == NULL)
		web_page_fail(web, exchange, WEB_NOT_FOUND, NULL);
	else if (method == HTTP_OTHER || route->handler[method] == NULL)
		refuse_method(web, exchange, route);
	else
		route->handler[method](web, exchange, name);
}
