/* SPDX-License-Identifier: ISC */
/*
 * Origins are compared whole, as browsers write them.
 */
#include "app/web/web_origin.h"

static const char *const names[] = {
	[WEB_ORIGIN_OWN] = "own",
	[WEB_ORIGIN_LISTED] = "listed",
	[WEB_ORIGIN_ANY] = "any",
	[WEB_ORIGIN_UNKNOWN] = "unknown",
	[WEB_ORIGIN_FOREIGN] = "foreign",
};

const char *
web_origin_name(enum web_origin origin)
{
	return names[origin];
}

static enum web_origin
origin_to_list(struct slice origin, const struct config_list *list)
{
	if (origin_is_named(origin, &list->origins))
		return WEB_ORIGIN_LISTED;
	return origin_is_listed(origin, &list->origins) ? WEB_ORIGIN_ANY :
	    WEB_ORIGIN_FOREIGN;
}

/* What can be told without a list; FOREIGN: nothing. */
static enum web_origin
origin_to_us(const struct web *web, const struct http_request *request,
    struct slice origin)
{
	/* The browser's own word; no page can make it say so. */
	if (slice_eq_str(http_request_header(request, "Sec-Fetch-Site"),
	    "same-origin") || slice_eq_str(origin, web->own.text))
		return WEB_ORIGIN_OWN;
	return origin.p == NULL || slice_eq_str(origin, "null") ?
	    WEB_ORIGIN_UNKNOWN : WEB_ORIGIN_FOREIGN;
}

enum web_origin
web_origin_of(const struct web *web, const struct http_request *request,
    const struct config_list *const *lists, size_t count)
{
	struct slice origin = http_request_header(request, "Origin");
	enum web_origin result = origin_to_us(web, request, origin);

	if (result != WEB_ORIGIN_FOREIGN)
		return result;
	result = WEB_ORIGIN_LISTED;
	for (size_t i = 0; i < count; i++) {
		enum web_origin one = origin_to_list(origin, lists[i]);

		if (one > result)
			result = one;
	}
	return result;
}

enum web_origin
web_origin_of_any(const struct web *web, const struct http_request *request)
{
	struct slice origin = http_request_header(request, "Origin");
	enum web_origin result = origin_to_us(web, request, origin);

	if (result != WEB_ORIGIN_FOREIGN)
		return result;
	for (size_t i = 0; i < web->config->list_count; i++) {
		enum web_origin one = origin_to_list(origin,
		    &web->config->lists[i]);

		if (one < result)
			result = one;
	}
	return result;
}

void
web_origin_allow(struct http_exchange *exchange, enum web_origin origin)
{
	http_answer_header(exchange, "Vary", slice_str("Origin"));
	if (origin != WEB_ORIGIN_LISTED && origin != WEB_ORIGIN_ANY)
		return;
	http_answer_header(exchange, "Access-Control-Allow-Origin",
	    http_request_header(http_exchange_request(exchange), "Origin"));
	/* Whoever is let in by "*" is nobody we know: no cookies there. */
	if (origin == WEB_ORIGIN_LISTED)
		http_answer_header(exchange,
		    "Access-Control-Allow-Credentials", slice_str("true"));
}
