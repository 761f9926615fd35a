/* SPDX-License-Identifier: ISC */
/*
 * Errors, as a page for people or as JSON for programs.  What programs are told
 * in a language is the same each time but for the field, so it is written down
 * once.
 */
#include <stdio.h>
#include <stdlib.h>

#include "app/web/web_page.h"
#include "app/web/web_request.h"
#include "base/buf.h"
#include "base/escape.h"
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

/*
 * {"error":{"code":…,"message":… as that list (NULL: none) has it; more members
 * may follow, and the two brackets do.
 */
static void
add_error_json(const struct web *web, const struct config_list *list,
    const char *lang, enum web_error error, struct buf *out)
{
	struct view *view = web_page_view(web, lang, list);
	struct buf message = { 0 };

	add_error_text(web_templates(web, list), errors[error].code, lang,
	    view, &message);
	buf_add_str(out, "{\"error\":{\"code\":");
	escape_json(out, slice_str(errors[error].code));
	buf_add_str(out, ",\"message\":");
	escape_json(out, buf_slice(&message));
	buf_fini(&message);
	view_free(view);
}

void
web_page_errors_init(struct web *web)
{
	const struct config_strings *languages = &web->languages;
	size_t count = languages->count * WEB_ERRORS;

	web->errors = mem_new(count, sizeof(web->errors[0]));
	for (size_t i = 0; i < count; i++) {
		struct buf text = { 0 };

		add_error_json(web, NULL, languages->item[i / WEB_ERRORS],
		    (enum web_error)(i % WEB_ERRORS), &text);
		web->errors[i] = buf_take(&text);
	}
}

void
web_page_errors_fini(struct web *web)
{
	for (size_t i = 0; i < web->languages.count * WEB_ERRORS; i++)
		free(web->errors[i]);
	free(web->errors);
}

/* What belongs to no list.  All languages are there, if there is any. */
static void
add_known_json(const struct web *web, const char *lang, enum web_error error,
    struct buf *out)
{
	for (size_t i = 0; i < web->languages.count; i++) {
		if (web->languages.item[i] == lang) {
			buf_add_str(out, web->errors[i * WEB_ERRORS + error]);
			return;
		}
	}
	add_error_json(web, NULL, lang, error, out);
}

static void
end_json(struct web *web, struct http_exchange *exchange, unsigned status,
    struct buf *text)
{
	buf_add_str(text, "}}\n");
	web_page_json_text(web, exchange, status, buf_slice(text));
	buf_fini(text);
}

void
web_page_fail_with(struct web *web, struct http_exchange *exchange,
    enum web_error error, const char *name, struct json *value)
{
	const char *lang = web_language(http_exchange_request(exchange),
	    &web->languages);
	struct buf text = { 0 };

	add_known_json(web, lang, error, &text);
	buf_add_char(&text, ',');
	escape_json(&text, slice_str(name));
	buf_add_char(&text, ':');
	json_write(value, &text);
	json_free(value);
	end_json(web, exchange, errors[error].status, &text);
}

/* An answer of any status to one request. */
struct failure {
	enum web_error error;
	unsigned status;
	const char *field;		/* NULL or "": none */
	const struct config_list *list;	/* whose words; NULL: of none */
	const char *lang;
};

static void
fail_json(struct web *web, struct http_exchange *exchange,
    const struct failure *f)
{
	struct buf text = { 0 };

	if (f->list == NULL)
		add_known_json(web, f->lang, f->error, &text);
	else
		add_error_json(web, f->list, f->lang, f->error, &text);
	if (f->field != NULL && f->field[0] != '\0') {
		buf_add_str(&text, ",\"field\":");
		escape_json(&text, slice_str(f->field));
	}
	end_json(web, exchange, f->status, &text);
}

static void
fail_page(struct web *web, struct http_exchange *exchange,
    const struct failure *f)
{
	const struct web_page page = { .status = f->status,
		.template = "error", .lang = f->lang, .list = f->list };
	const struct templates *templates = web_templates(web, f->list);
	struct view *view = web_page_view(web, f->lang, f->list);
	char *title = mem_printf("title_%u", f->status);
	struct buf text = { 0 };

	web_page_set_error(templates, view, f->lang, f->error);
	view_set_num(view, "status", f->status);
	add_error_text(templates, title, f->lang, view, &text);
	view_set_slice(view, "error_title", buf_slice(&text));
	free(title);
	buf_fini(&text);
	web_page_show(web, exchange, &page, view);
}

static void
fail(struct web *web, struct http_exchange *exchange, struct failure f)
{
	const struct http_request *request = http_exchange_request(exchange);

	f.lang = web_language(request, f.list != NULL ? &f.list->languages :
	    &web->languages);
	if (web_wants_json(request))
		fail_json(web, exchange, &f);
	else
		fail_page(web, exchange, &f);
}

void
web_page_fail(struct web *web, struct http_exchange *exchange,
    enum web_error error, const char *field)
{
	fail(web, exchange, (struct failure){ .error = error,
	    .status = errors[error].status, .field = field });
}

void
web_page_expired(struct web *web, struct http_exchange *exchange,
    const struct config_list *list)
{
	if (list == NULL && web->config->list_count == 1)
		list = &web->config->lists[0];
	fail(web, exchange, (struct failure){ .error = WEB_EXPIRED,
	    .status = errors[WEB_EXPIRED].status, .list = list });
}

void
web_page_fail_later(struct web *web, struct http_exchange *exchange,
    enum web_error error, unsigned seconds)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", seconds > 0 ? seconds : 1);
	http_answer_header(exchange, "Retry-After", slice_str(text));
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
		http_answer_header(exchange, "Retry-After", slice_str("1"));
	fail(web, exchange, (struct failure){ .error = error,
	    .status = status });
}
