/* SPDX-License-Identifier: ISC */
/*
 * Every answer that isn't a file leaves here.
 */
#include "app/web/web_page.h"

#include <stdlib.h>

#include "app/web/web_request.h"
#include "base/buf.h"
#include "base/mem.h"
#include "core/view.h"
#include "io/json.h"

void
web_page_headers(struct web *web, struct http_exchange *exchange)
{
	http_answer_lines(exchange, "X-Content-Type-Options: nosniff\r\n"
	    "Cross-Origin-Opener-Policy: same-origin\r\n"
	    "X-Robots-Tag: noindex\r\n");
	/* RFC 6797 §7.2: never over what is known to be plain. */
	if (web->https && http_exchange_request(exchange)->scheme !=
	    HTTP_SCHEME_HTTP)
		http_answer_lines(exchange,
		    "Strict-Transport-Security: max-age=31536000\r\n");
}

/* Of what no cache may keep. */
#define PRIVATE_HTML "Content-Type: text/html; charset=utf-8\r\n" \
	"Cache-Control: no-store\r\n"
#define PRIVATE_JSON "Content-Type: application/json\r\n" \
	"Cache-Control: no-store\r\n"
/* Of what tells no other site that anybody was here. */
#define NO_REFERRER "Referrer-Policy: no-referrer\r\n"

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
	http_answer_lines(exchange, page->is_form ?
	    "Referrer-Policy: same-origin\r\n" : NO_REFERRER);
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

	web_page_headers(web, exchange);
	http_answer_lines(exchange, PRIVATE_HTML);
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

void
web_page_json_text(struct web *web, struct http_exchange *exchange,
    unsigned status, struct slice text)
{
	web_page_headers(web, exchange);
	http_answer_lines(exchange, PRIVATE_JSON NO_REFERRER);
	http_answer(exchange, status, text);
}

void
web_page_json_of(struct web *web, struct http_exchange *exchange,
    unsigned status, struct json *json)
{
	struct buf text = { 0 };

	json_write(json, &text);
	buf_add_char(&text, '\n');
	web_page_json_text(web, exchange, status, buf_slice(&text));
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

	http_answer_header(exchange, "Content-Disposition", slice_str(how));
	free(how);
	web_page_json_of(web, exchange, 200, json);
}

void
web_page_redirect(struct web *web, struct http_exchange *exchange,
    const char *url)
{
	web_page_headers(web, exchange);
	http_answer_lines(exchange, PRIVATE_HTML NO_REFERRER);
	http_answer_header(exchange, "Location", slice_str(url));
	http_answer(exchange, 303, slice_of(NULL, 0));
}
