/* SPDX-License-Identifier: ISC */
/*
 * Every answer that isn't a file leaves here.
 */
#include "app/web/web_page.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/web/web_request.h"
#include "base/buf.h"
#include "base/mem.h"
#include "core/view.h"
#include "io/json.h"

static const struct {
	unsigned status;
	const char *code;
} errors[WEB_ERRORS] = {
	[WEB_OK] = { 200, "" },
	[WEB_BAD_REQUEST] = { 400, "bad_request" },
	[WEB_MISSING_EMAIL] = { 400, "missing_email" },
	[WEB_INVALID_EMAIL] = { 400, "invalid_email" },
	[WEB_UNKNOWN_LIST] = { 400, "unknown_list" },
	[WEB_INVALID_FIELD] = { 400, "invalid_field" },
	[WEB_CONSENT_REQUIRED] = { 400, "consent_required" },
	[WEB_CHALLENGE_REQUIRED] = { 400, "challenge_required" },
	[WEB_INVALID_CHALLENGE] = { 400, "invalid_challenge" },
	[WEB_WRONG_CODE] = { 400, "wrong_code" },
	[WEB_ORIGIN_NOT_ALLOWED] = { 403, "origin_not_allowed" },
	[WEB_NOT_FOUND] = { 404, "not_found" },
	[WEB_METHOD_NOT_ALLOWED] = { 405, "method_not_allowed" },
	[WEB_EXPIRED] = { 410, "expired" },
	[WEB_TOO_LARGE] = { 413, "too_large" },
	[WEB_UNSUPPORTED_MEDIA_TYPE] = { 415, "unsupported_media_type" },
	[WEB_RATE_LIMITED] = { 429, "rate_limited" },
	[WEB_UNAVAILABLE] = { 503, "unavailable" },
};

const char *
web_error_code(enum web_error error)
{
	return errors[error].code;
}

unsigned
web_error_status(enum web_error error)
{
	return errors[error].status;
}

static void
add_header(struct http_exchange *exchange, const char *name,
    const char *value)
{
	http_answer_header(exchange, name, slice_str(value));
}

void
web_page_headers(struct web *web, struct http_exchange *exchange)
{
	add_header(exchange, "X-Content-Type-Options", "nosniff");
	add_header(exchange, "Cross-Origin-Opener-Policy", "same-origin");
	add_header(exchange, "X-Robots-Tag", "noindex");
	/* RFC 6797 §7.2: never over what is known to be plain. */
	if (web->https && http_exchange_request(exchange)->scheme !=
	    HTTP_SCHEME_HTTP)
		add_header(exchange, "Strict-Transport-Security",
		    "max-age=31536000");
}

/* What no cache may keep. */
static void
add_private_headers(struct web *web, struct http_exchange *exchange,
    const char *type)
{
	web_page_headers(web, exchange);
	add_header(exchange, "Content-Type", type);
	add_header(exchange, "Cache-Control", "no-store");
}

static void
add_policy(struct http_exchange *exchange, const struct web_page *page)
{
	struct buf policy = { 0 };
	struct origin target;

	buf_add_str(&policy, "default-src 'none'; style-src 'self'; ");
	if (page->has_script)
		buf_add_str(&policy, "script-src 'self'; ");
	buf_add_str(&policy, "form-action 'self'");
	if (page->leads_to != NULL &&
	    origin_of_url(slice_str(page->leads_to), &target) == 0)
		buf_printf(&policy, " %s", target.text);
	buf_add_str(&policy, "; base-uri 'none'; frame-ancestors");
	if (page->framed_by == NULL || page->framed_by->count == 0)
		buf_add_str(&policy, " 'none'");
	else
		for (size_t i = 0; i < page->framed_by->count; i++)
			buf_printf(&policy, " %s", page->framed_by->item[i]);
	http_answer_header(exchange, "Content-Security-Policy",
	    buf_slice(&policy));
	buf_fini(&policy);
	add_header(exchange, "Referrer-Policy",
	    page->is_form ? "same-origin" : "no-referrer");
}

const struct templates *
web_templates(const struct web *web, const struct config_list *list)
{
	return templates_of_list(web->templates,
	    list != NULL ? list->name : NULL);
}

static void
set_asset_url(const struct templates *templates, struct view *view,
    const char *member, const char *name)
{
	const struct asset *asset = templates_asset(templates,
	    slice_str(name));
	char *url;

	if (asset == NULL)
		return;
	url = mem_printf("/assets/%s", asset->url_name);
	view_set_str(view, member, url);
	free(url);
}

struct view *
web_page_view(const struct web *web, const char *lang,
    const struct config_list *list)
{
	const struct templates *templates = web_templates(web, list);
	struct view *view = view_new(), *part;

	view_set_str(view, "lang", lang);
	view_set_str(view, "base_url", web->config->base_url);
	set_asset_url(templates, view, "style_url", "style.css");
	set_asset_url(templates, view, "script_url", "confirm.js");
	set_asset_url(templates, view, "solver_url", "challenge.js");
	templates_set_controller(web->config, view);
	if (list != NULL) {
		part = view_set_object(view, "list");
		view_set_str(part, "name", list->name);
		view_set_str(part, "title", list->title);
	}
	return view;
}

void
web_page_show(struct web *web, struct http_exchange *exchange,
    const struct web_page *page, struct view *view)
{
	struct buf html = { 0 };
	char *name = mem_printf("page/%s.html", page->template);

	add_private_headers(web, exchange, "text/html; charset=utf-8");
	add_policy(exchange, page);
	if (templates_render(web_templates(web, page->list), name, page->lang,
	    view, &html) < 0)
		http_answer(exchange, 500, slice_of(NULL, 0));
	else
		http_answer(exchange, page->status, buf_slice(&html));
	buf_fini(&html);
	free(name);
	view_free(view);
}

static void
add_json_headers(struct web *web, struct http_exchange *exchange)
{
	add_private_headers(web, exchange, "application/json");
	add_header(exchange, "Referrer-Policy", "no-referrer");
}

void
web_page_json_text(struct web *web, struct http_exchange *exchange,
    struct slice text)
{
	add_json_headers(web, exchange);
	http_answer(exchange, 200, text);
}

void
web_page_json_of(struct web *web, struct http_exchange *exchange,
    unsigned status, struct json *json)
{
	struct buf text = { 0 };

	add_json_headers(web, exchange);
	json_write(json, &text);
	buf_add_char(&text, '\n');
	http_answer(exchange, status, buf_slice(&text));
	buf_fini(&text);
	json_free(json);
}

void
web_page_json(struct web *web, struct http_exchange *exchange,
    unsigned status, const char *word)
{
	struct json *json = json_new_object();

	json_put_text(json, "status", slice_str(word));
	web_page_json_of(web, exchange, status, json);
}

void
web_page_download(struct web *web, struct http_exchange *exchange,
    struct json *json, const char *name)
{
	char *how = mem_printf("attachment; filename=\"%s\"", name);

	add_header(exchange, "Content-Disposition", how);
	free(how);
	web_page_json_of(web, exchange, 200, json);
}

void
web_page_redirect(struct web *web, struct http_exchange *exchange,
    const char *url)
{
	add_private_headers(web, exchange, "text/html; charset=utf-8");
	add_header(exchange, "Referrer-Policy", "no-referrer");
	add_header(exchange, "Location", url);
	http_answer(exchange, 303, slice_of(NULL, 0));
}

static void
add_error_text(const struct templates *templates, const char *code,
    const char *lang, struct view *view, struct buf *out)
{
	char *key = mem_printf("error_%s", code);

	templates_text(templates, key, lang, view, out);
	free(key);
}

void
web_page_set_error(const struct templates *templates, struct view *view,
    const char *lang, enum web_error error)
{
	struct buf text = { 0 };

	add_error_text(templates, web_error_code(error), lang, view, &text);
	view_set_slice(view, "error_text", buf_slice(&text));
	buf_fini(&text);
}

/* {"error":{"code":…,"message":…}}, and `error` in it. */
static struct json *
error_json(const char *code, struct slice message, struct json **ret_error)
{
	struct json *json = json_new_object();
	struct json *error = json_new_object();

	json_put_text(error, "code", slice_str(code));
	json_put_text(error, "message", message);
	json_put(json, "error", error);
	*ret_error = error;
	return json;
}

void
web_page_fail_with(struct web *web, struct http_exchange *exchange,
    enum web_error error, const char *name, struct json *value)
{
	const char *lang = web_language(http_exchange_request(exchange),
	    &web->languages);
	struct view *view = view_new();
	struct json *json, *object;
	struct buf text = { 0 };

	add_error_text(web->templates, errors[error].code, lang, view, &text);
	json = error_json(errors[error].code, buf_slice(&text), &object);
	json_put(object, name, value);
	web_page_json_of(web, exchange, errors[error].status, json);
	buf_fini(&text);
	view_free(view);
}

/* A status of any kind: the words are those of the code. */
static void
fail(struct web *web, struct http_exchange *exchange, unsigned status,
    const char *code, const char *field, const struct config_list *list)
{
	const struct http_request *request = http_exchange_request(exchange);
	const struct web_page page = { .status = status, .template = "error",
		.lang = web_language(request, list != NULL ?
		    &list->languages : &web->languages), .list = list };
	const struct templates *templates = web_templates(web, list);
	struct view *view = web_page_view(web, page.lang, list);
	struct buf text = { 0 };

	add_error_text(templates, code, page.lang, view, &text);
	if (web_wants_json(request)) {
		struct json *error;
		struct json *json = error_json(code, buf_slice(&text),
		    &error);

		if (field != NULL && field[0] != '\0')
			json_put_text(error, "field", slice_str(field));
		web_page_json_of(web, exchange, status, json);
		view_free(view);
	} else {
		char *title = mem_printf("title_%u", status);

		view_set_num(view, "status", status);
		view_set_slice(view, "error_text", buf_slice(&text));
		buf_reset(&text);
		add_error_text(templates, title, page.lang, view, &text);
		view_set_slice(view, "error_title", buf_slice(&text));
		free(title);
		web_page_show(web, exchange, &page, view);
	}
	buf_fini(&text);
}

void
web_page_fail(struct web *web, struct http_exchange *exchange,
    enum web_error error, const char *field)
{
	fail(web, exchange, errors[error].status, errors[error].code, field,
	    NULL);
}

void
web_page_expired(struct web *web, struct http_exchange *exchange,
    const struct config_list *list)
{
	if (list == NULL && web->config->list_count == 1)
		list = &web->config->lists[0];
	fail(web, exchange, errors[WEB_EXPIRED].status,
	    errors[WEB_EXPIRED].code, NULL, list);
}

void
web_page_fail_later(struct web *web, struct http_exchange *exchange,
    enum web_error error, unsigned seconds)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", seconds > 0 ? seconds : 1);
	add_header(exchange, "Retry-After", text);
	web_page_fail(web, exchange, error, NULL);
}

void
web_page_malformed(struct web *web, struct http_exchange *exchange,
    unsigned status)
{
	static const struct {
		unsigned status;
		enum web_error error;
	} codes[] = { { 413, WEB_TOO_LARGE }, { 429, WEB_RATE_LIMITED } };
	enum web_error error = WEB_BAD_REQUEST;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].status == status)
			error = codes[i].error;
	}
	if (status == 429)
		add_header(exchange, "Retry-After", "1");
	fail(web, exchange, status, errors[error].code, NULL, NULL);
}
