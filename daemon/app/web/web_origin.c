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
origin_to_us(const struct web *web, const struct web_origin_facts *facts)
{
	/* The browser's own word; no page can make it say so. */
	if (slice_eq_str(facts->fetch_site, "same-origin") ||
	    slice_eq_str(facts->origin, web->own.text))
		return WEB_ORIGIN_OWN;
	return facts->origin.p == NULL ||
	    slice_eq_str(facts->origin, "null") ? WEB_ORIGIN_UNKNOWN :
	    WEB_ORIGIN_FOREIGN;
}

static enum web_origin
origin_to_any(const struct web *web, struct slice origin)
{
	enum web_origin result = WEB_ORIGIN_FOREIGN;

	for (size_t i = 0; i < web->config->list_count; i++) {
		enum web_origin one = origin_to_list(origin,
		    &web->config->lists[i]);

		if (one < result)
			result = one;
	}
	return result;
}

enum web_origin
web_origin_judge(const struct web *web, const struct web_origin_facts *facts,
    const struct config_list *const *lists, size_t count)
{
	enum web_origin result = origin_to_us(web, facts);

	if (result != WEB_ORIGIN_FOREIGN)
		return result;
	if (count == 0)
		return origin_to_any(web, facts->origin);
	result = WEB_ORIGIN_LISTED;
	for (size_t i = 0; i < count; i++) {
		enum web_origin one = origin_to_list(facts->origin,
		    lists[i]);

		if (one > result)
			result = one;
	}
	return result;
}

enum web_origin
web_origin_of(const struct web *web, const struct http_request *request,
    const struct config_list *const *lists, size_t count)
{
	const struct web_origin_facts facts = {
		.origin = http_request_header(request, HTTP_FIELD_ORIGIN),
		.fetch_site = http_request_header(request,
		    HTTP_FIELD_FETCH_SITE),
	};

	return web_origin_judge(web, &facts, lists, count);
}

enum web_origin
web_origin_of_any(const struct web *web, const struct http_request *request)
{
	return web_origin_of(web, request, NULL, 0);
}

void
web_origin_allow(struct http_exchange *exchange, enum web_origin origin)
{
	http_answer_lines(exchange, "Vary: Origin\r\n");
	if (origin != WEB_ORIGIN_LISTED && origin != WEB_ORIGIN_ANY)
		return;
	http_answer_header(exchange, "Access-Control-Allow-Origin",
	    http_request_header(http_exchange_request(exchange),
	    HTTP_FIELD_ORIGIN));
	/* Whoever is let in by "*" is nobody we know: no cookies there. */
	if (origin == WEB_ORIGIN_LISTED)
		http_answer_lines(exchange,
		    "Access-Control-Allow-Credentials: true\r\n");
}
