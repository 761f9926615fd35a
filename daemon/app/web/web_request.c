/* SPDX-License-Identifier: ISC */
/*
 * Reading requests.  What is read here is still a stranger's word: bounded,
 * cleaned, and shown to nobody else.
 */
#include "app/web/web_request.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "core/lang.h"

enum { EVIDENCE_MAX = 512, URL_MAX = 2048 };

/* How well one media range of an Accept header fits a type. */
struct fit {
	int quality;	/* 0..1000 */
	int closeness;	/* 3 the type itself, 2 its kind, 1 any, 0 none */
};

/* "q=0.5" (RFC 9110 §12.4.2) in thousandths; 1000 when malformed. */
static int
read_quality(struct slice text)
{
	int value = 0, digit = 100;

	if (text.len == 0 || (text.p[0] != '0' && text.p[0] != '1'))
		return 1000;
	if (text.p[0] == '1' || text.len < 2 || text.p[1] != '.')
		return text.p[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < text.len && digit > 0; i++, digit /= 10) {
		if (text.p[i] < '0' || text.p[i] > '9')
			break;
		value += (text.p[i] - '0') * digit;
	}
	return value;
}

static void
fit_range(struct slice range, const char *kind, const char *type,
    struct fit *best)
{
	struct fit fit = { .quality = 1000 };
	struct slice rest = range, media = { 0 }, param;

	slice_split(&rest, ';', &media);
	media = slice_trim(media);
	if (slice_ieq_str(media, type))
		fit.closeness = 3;
	else if (slice_ieq_str(media, kind))
		fit.closeness = 2;
	else if (slice_eq_str(media, "*/*"))
		fit.closeness = 1;
	while (slice_split(&rest, ';', &param)) {
		param = slice_trim(param);
		if (slice_ieq_str(slice_sub(param, 0, 2), "q="))
			fit.quality = read_quality(slice_sub(param, 2,
			    param.len));
	}
	if (fit.closeness > best->closeness)
		*best = fit;
}

static struct fit
fit_of(struct slice accept, const char *kind, const char *type)
{
	struct fit best = { 0 };
	struct slice range;

	while (slice_split(&accept, ',', &range))
		fit_range(range, kind, type, &best);
	return best;
}

bool
web_wants_json(const struct http_request *request)
{
	struct slice accept = http_request_header(request, HTTP_FIELD_ACCEPT);
	struct slice type = http_request_header(request,
	    HTTP_FIELD_CONTENT_TYPE);
	struct fit json = fit_of(accept, "application/*", "application/json");
	struct fit html = fit_of(accept, "text/*", "text/html");

	if (slice_ieq_str(slice_trim(slice_sub(type, 0,
	    sizeof("application/json") - 1)), "application/json"))
		return true;
	if (json.quality != html.quality)
		return json.quality > html.quality;
	if (json.closeness != html.closeness)
		return json.closeness > html.closeness;
	/* A script that takes anything can do more with JSON. */
	return slice_eq_str(http_request_header(request,
	    HTTP_FIELD_FETCH_MODE), "cors");
}

const char *
web_language(const struct http_request *request,
    const struct config_strings *offered)
{
	int at = lang_negotiate(http_request_header(request,
	    HTTP_FIELD_ACCEPT_LANGUAGE), offered->item, offered->count);

	if (offered->count == 0)
		return "en";
	return offered->item[at >= 0 ? at : 0];
}

struct http_form *
web_parse_form(const struct http_request *request, enum web_error *ret_error)
{
	static const enum web_error errors[] = {
		[HTTP_FORM_OK] = WEB_OK,
		[HTTP_FORM_UNSUPPORTED_TYPE] = WEB_UNSUPPORTED_MEDIA_TYPE,
		[HTTP_FORM_MALFORMED] = WEB_BAD_REQUEST,
		[HTTP_FORM_TOO_MANY] = WEB_TOO_LARGE,
	};
	struct slice coding = http_request_header(request,
	    HTTP_FIELD_CONTENT_ENCODING);
	enum http_form_error error = HTTP_FORM_UNSUPPORTED_TYPE;
	struct http_form *form = NULL;

	if (coding.p == NULL || slice_ieq_str(coding, "identity"))
		error = request->body.len == 0 ?
		    http_form_parse_query(slice_of("", 0), &form) :
		    http_form_parse(http_request_header(request,
		    HTTP_FIELD_CONTENT_TYPE), request->body, &form);
	*ret_error = errors[error];
	return form;
}

/* Does a name come twice, and not with the same value? */
static bool
is_ambiguous(const struct http_form *form)
{
	for (size_t i = 1; i < form->count; i++) {
		const struct http_pair *pair = &form->pair[i];

		for (size_t k = 0; k < i; k++) {
			if (strcmp(form->pair[k].name, pair->name) == 0 &&
			    strcmp(form->pair[k].value, pair->value) != 0)
				return true;
		}
	}
	return false;
}

struct http_form *
web_read_form(struct web *web, struct http_exchange *exchange)
{
	enum web_error error;
	struct http_form *form = web_parse_form(
	    http_exchange_request(exchange), &error);

	if (form != NULL && is_ambiguous(form)) {
		http_form_free(form);
		form = NULL;
		error = WEB_BAD_REQUEST;
	}
	if (form == NULL)
		web_page_fail(web, exchange, error, NULL);
	return form;
}

bool
web_form_is(const struct http_form *form, const char *name, const char *value)
{
	const char *found = http_form_get(form, name);

	return found != NULL && strcmp(found, value) == 0;
}

static bool
has_header(const struct http_request *request, enum http_field field)
{
	return http_request_header(request, field).p != NULL;
}

bool
web_is_by_hand(const struct http_request *request)
{
	struct slice user = http_request_header(request,
	    HTTP_FIELD_FETCH_USER);

	if (user.p != NULL)
		return slice_eq_str(user, "?1");
	return !has_header(request, HTTP_FIELD_FETCH_SITE) &&
	    !has_header(request, HTTP_FIELD_FETCH_MODE) &&
	    !has_header(request, HTTP_FIELD_FETCH_DEST);
}

bool
web_is_fetch(const struct http_request *request)
{
	return slice_eq_str(http_request_header(request,
	    HTTP_FIELD_FETCH_MODE), "cors") &&
	    slice_eq_str(http_request_header(request,
	    HTTP_FIELD_FETCH_SITE), "same-site");
}

bool
web_is_pressed(const struct http_request *request,
    const struct http_form *form)
{
	return web_form_is(form, "press", "1") && web_is_by_hand(request);
}

/* Valid UTF-8 without controls, cut between characters; owned. */
static char *
clean(struct slice text, size_t max)
{
	size_t plain = utf8_ascii_len(slice_sub(text, 0, max));
	struct buf out = { 0 };

	buf_add(&out, text.p, plain);
	text = slice_sub(text, plain, text.len);
	while (text.len > 0) {
		uint32_t c;
		size_t n = utf8_next(text, &c);
		bool good = n > 0 && !utf8_is_control(c);

		if (n == 0)
			n = 1;
		if (out.len + n > max)
			break;
		if (good)
			buf_add(&out, text.p, n);
		else
			buf_add_char(&out, '?');
		text = slice_sub(text, n, text.len);
	}
	return buf_take(&out);
}

static char *
clean_header(const struct http_request *request, enum http_field field,
    size_t max)
{
	return clean(http_request_header(request, field), max);
}

void
web_evidence_read_client(const struct http_request *request,
    Fact__Evidence *evidence)
{
	evidence->ip = mem_strdup(request->client);
	evidence->user_agent = clean_header(request, HTTP_FIELD_USER_AGENT,
	    EVIDENCE_MAX);
}

void
web_evidence_read_page(const struct http_request *request,
    Fact__Evidence *evidence)
{
	evidence->origin = clean_header(request, HTTP_FIELD_ORIGIN,
	    EVIDENCE_MAX);
	evidence->form_url = clean_header(request, HTTP_FIELD_REFERER,
	    URL_MAX);
	evidence->sec_fetch_site = clean_header(request,
	    HTTP_FIELD_FETCH_SITE, EVIDENCE_MAX);
	evidence->sec_fetch_user = clean_header(request,
	    HTTP_FIELD_FETCH_USER, EVIDENCE_MAX);
}

void
web_evidence_read(const struct http_request *request,
    Fact__Evidence *evidence)
{
	web_evidence_read_client(request, evidence);
	web_evidence_read_page(request, evidence);
}

void
web_evidence_clear(Fact__Evidence *evidence)
{
	free(evidence->ip);
	free(evidence->user_agent);
	free(evidence->origin);
	free(evidence->form_url);
	free(evidence->sec_fetch_site);
	free(evidence->sec_fetch_user);
	fact__evidence__init(evidence);
}
