/* SPDX-License-Identifier: ISC */
/*
 * What all kinds of mail share, headers and view, is made here once; what they
 * differ in is told by app/mail_kind.  Nothing that a stranger typed gets into
 * a mail but the address it goes to.
 */
#include "app/mailer/compose.h"

#include <stdlib.h>

#include "app/mail_kind.h"
#include "app/templates/templates.h"
#include "base/clock.h"
#include "base/escape.h"
#include "base/mem.h"
#include "core/address.h"
#include "core/config.h"
#include "core/view.h"
#include "io/mime.h"

enum { TOKEN_LEN_MAX = 64, MESSAGE_MAX = 256 * 1024, SENDER_ID_MIN = 5,
	SENDER_ID_MAX = 15, HEADER_COUNT = 9 };
/* Most bodies fit in. */
enum { ROOM = 8 * 1024 };

/* A token or code of a row, and what the templates know it as. */
static const struct {
	const char *member;
	size_t offset;
} secrets[] = {
	{ "confirm_url", offsetof(Message__Mail, confirm_token) },
	{ "notme_url", offsetof(Message__Mail, notme_token) },
	{ "unsubscribe_url", offsetof(Message__Mail, unsubscribe_token) },
	{ "manage_url", offsetof(Message__Mail, manage_token) },
	{ "code", offsetof(Message__Mail, code) },
};

/* One row, found to be in order. */
struct draft {
	const Message__Mail *mail;
	const struct config *config;
	const struct config_list *list;
	const struct templates *templates;	/* the list's */
	const struct mail_kind *kind;
	const char *lang;
	struct view *view;
};

/* Empty, or of the characters that tokens and codes are made of. */
static bool
is_token(const char *s)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t len = strlen(s);

	return len <= TOKEN_LEN_MAX && strspn(s, alphabet) == len;
}

/* Those that its kind shows, and nothing but tokens. */
static bool
has_secrets(const struct mail_kind *kind, const Message__Mail *m)
{
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		char *const *secret = (char *const *)(const void *)
		    ((const char *)m + secrets[i].offset);

		if (!is_token(*secret) || ((*secret)[0] == '\0' &&
		    slice_has_word(slice_str(kind->shows), secrets[i].member)))
			return false;
	}
	return true;
}

static bool
is_address(const char *s)
{
	struct address address;

	return address_parse(slice_str(s), &address) == ADDRESS_OK &&
	    strcmp(address.canonical, s) == 0;
}

/* NULL when all is well, else what isn't. */
static const char *
check_row(struct draft *d, const struct templates *templates)
{
	const Message__Mail *m = d->mail;

	d->kind = mail_kind_find(m->kind);
	d->list = config_list_by_name(d->config, slice_str(m->list));
	d->templates = templates_of_list(templates, m->list);
	d->lang = templates_lang(d->templates, m->lang);
	if (d->kind == NULL)
		return "there is no such kind of mail";
	if (d->list == NULL)
		return "list is not configured";
	if (!is_address(m->address))
		return "not an address to send to";
	if (!has_secrets(d->kind, m))
		return "token missing or malformed";
	if (m->n_topics == 0)
		return "no topic";
	return NULL;
}

static void
set_url(struct view *view, const char *name, const char *base,
    const char *path, const char *token)
{
	char *url;

	if (token[0] == '\0')
		return;
	url = mem_printf("%s%s%s", base, path, token);
	view_set_str(view, name, url);
	free(url);
}

static void
set_if_any(struct view *view, const char *name, const char *text)
{
	if (text[0] != '\0')
		view_set_str(view, name, text);
}

static void
set_date(const struct draft *d, struct view *view, int64_t wall_us)
{
	struct buf text = { 0 };

	if (wall_us <= 0)
		return;
	templates_date(d->templates, d->lang, wall_us, &text);
	view_set_slice(view, "date", buf_slice(&text));
	buf_fini(&text);
}

static void
set_topics(const struct draft *d)
{
	const Message__Mail *m = d->mail;

	for (size_t i = 0; i < m->n_topics; i++) {
		const Message__Visited__Topic *topic = m->topics[i];
		const struct config_list *list = config_list_by_name(d->config,
		    slice_str(topic->list));
		struct view *item = view_add_item(d->view, "topics");

		view_set_str(item, "name", topic->list);
		view_set_str(item, "title",
		    list != NULL ? list->title : topic->title);
		set_if_any(item, "consent", topic->consent);
	}
	view_set_bool(d->view, "several", m->n_topics > 1);
}

static void
set_word(struct view *view, const char *prefix, const char *word)
{
	char *name = mem_printf("%s%s", prefix, word);

	view_set_bool(view, name, true);
	free(name);
}

static void
set_alarm(const struct draft *d, const Fact__Alarm *alarm)
{
	struct view *part = view_set_object(d->view, "alarm");

	set_word(part, "of_", alarm->of);
	set_word(part, "is_", strcmp(alarm->why, "not-me") == 0 ? "notme" :
	    alarm->why);
	set_if_any(part, "name", alarm->name);
	view_set_num(part, "asked", alarm->asked);
	view_set_num(part, "confirmed", alarm->confirmed);
	view_set_num(part, "notme", alarm->notme);
	view_set_bool(part, "is_ignored",
	    d->config->limits.challenge == CONFIG_CHALLENGE_OFF);
}

static void
set_view(const struct draft *d)
{
	const Message__Mail *m = d->mail;
	const struct config *c = d->config;
	struct view *part;

	view_set_str(d->view, "lang", d->lang);
	view_set_str(d->view, "base_url", c->base_url);
	view_set_str(d->view, "address", m->address);
	set_url(d->view, "confirm_url", c->base_url, "/confirm/",
	    m->confirm_token);
	set_url(d->view, "notme_url", c->base_url, "/notme/", m->notme_token);
	set_url(d->view, "unsubscribe_url", c->base_url, "/unsubscribe/",
	    m->unsubscribe_token);
	set_url(d->view, "manage_url", c->base_url, "/manage/",
	    m->manage_token);
	set_url(d->view, "manage_ask_url", c->base_url, "/", "manage");
	set_url(d->view, "subscribe_url", c->base_url, "/subscribe/",
	    d->list->name);
	set_if_any(d->view, "code", m->code);
	set_topics(d);
	part = view_set_object(d->view, "list");
	view_set_str(part, "name", d->list->name);
	view_set_str(part, "title", d->list->title);
	part = view_set_object(d->view, "asked");
	set_date(d, part, m->asked_at);
	set_if_any(part, "origin", m->asked_from);
	set_if_any(part, "ip", m->asked_ip);
	templates_set_controller(c, d->view);
	if (m->alarm != NULL)
		set_alarm(d, m->alarm);
}

/* Letters and digits of the host, 5 to 15 of them. */
static void
add_sender_id(struct buf *out, struct slice host)
{
	size_t n = 0;

	for (size_t i = 0; i < host.len && n < SENDER_ID_MAX; i++) {
		if (host.p[i] == '.' || host.p[i] == '-')
			continue;
		buf_add_char(out, host.p[i]);
		n++;
	}
	if (n < SENDER_ID_MIN)
		buf_add_str(out, "assent");
}

/* Where a person answers: the controller's contact, else the sender. */
static void
add_owner(struct buf *out, const struct draft *d)
{
	struct slice at = slice_str(d->config->controller.contact);
	struct slice local;

	if (slice_starts(at, "https://") || slice_starts(at, "http://")) {
		buf_add_slice(out, at);
		return;
	}
	if (slice_find(at, '@') < 0)
		at = slice_str(d->list->from_address);
	buf_add_str(out, "mailto:");
	(void)slice_split(&at, '@', &local);
	escape_url(out, local);
	buf_add_char(out, '@');
	escape_url(out, at);
}

/*
 * Of a request that nobody confirmed yet, "leave" is "that was not me"; who
 * was never on the list can't leave it.
 */
static void
set_unsubscribe(const struct draft *d, struct buf *link, struct buf *post)
{
	const Message__Mail *m = d->mail;
	bool leaves = m->unsubscribe_token[0] != '\0';

	if (!leaves && m->notme_token[0] == '\0')
		return;
	buf_printf(link, "<%s%s%s>", d->config->base_url,
	    leaves ? "/unsubscribe/" : "/notme/",
	    leaves ? m->unsubscribe_token : m->notme_token);
	buf_add_str(post, "List-Unsubscribe=One-Click");
}

/* RFC 2369, 2919, 3834, 8058; returns how many. */
static size_t
set_headers(const struct draft *d, struct buf value[HEADER_COUNT],
    struct mime_header ret_headers[HEADER_COUNT])
{
	static const char *const names[HEADER_COUNT] = { "Auto-Submitted",
		"List-Id", "List-Help", "List-Owner", "List-Unsubscribe",
		"List-Unsubscribe-Post", "List-Post", "Feedback-ID",
		"Content-Language" };
	struct slice host = config_host(d->config);
	size_t count = 0;

	buf_add_str(&value[0], "auto-generated");
	buf_printf(&value[1], "<%s.%.*s>", d->list->name, SLICE_FMT(host));
	buf_printf(&value[2], "<%s/subscribe/%s>", d->config->base_url,
	    d->list->name);
	buf_add_char(&value[3], '<');
	add_owner(&value[3], d);
	buf_add_char(&value[3], '>');
	set_unsubscribe(d, &value[4], &value[5]);
	buf_add_str(&value[6], "NO");
	buf_printf(&value[7], "%s:%s:assent:", d->kind->name, d->list->name);
	add_sender_id(&value[7], host);
	buf_add_str(&value[8], d->lang);
	for (size_t i = 0; i < HEADER_COUNT; i++) {
		if (value[i].len > 0)
			ret_headers[count++] = (struct mime_header){
				names[i], buf_str(&value[i]) };
	}
	return count;
}

static int
render(const struct draft *d, struct compose_parts *parts)
{
	buf_reserve(&parts->text, ROOM);
	buf_reserve(&parts->html, ROOM);
	templates_text(d->templates, d->kind->subject, d->lang, d->view,
	    &parts->subject);
	if (templates_render(d->templates, d->kind->text, d->lang, d->view,
	    &parts->text) != 0)
		return -1;
	return templates_render(d->templates, d->kind->html, d->lang, d->view,
	    &parts->html);
}

static int
build(const struct draft *d, const struct compose_parts *parts,
    struct buf *out)
{
	struct buf value[HEADER_COUNT] = { 0 };
	struct mime_header headers[HEADER_COUNT];
	char date[CLOCK_RFC5322_SIZE];
	size_t count = set_headers(d, value, headers);
	int error;

	clock_rfc5322(d->mail->queued_at, date);
	error = mime_build(&(struct mime_message){
		.from_name = d->list->from_name,
		.from_address = d->list->from_address,
		.to_address = d->mail->address,
		.subject = buf_str(&parts->subject),
		.date = date,
		.message_id = d->mail->message_id,
		.headers = headers,
		.header_count = count,
		.text = buf_slice(&parts->text),
		.html = buf_slice(&parts->html),
	}, out);
	for (size_t i = 0; i < HEADER_COUNT; i++)
		buf_fini(&value[i]);
	return error;
}

/* Checks the row and renders it; of a draft that failed nothing is left. */
static int
open_draft(struct draft *d, const struct templates *templates,
    struct compose_parts *parts, const char **ret_why)
{
	*ret_why = check_row(d, templates);
	if (*ret_why != NULL)
		return -1;
	d->view = view_new();
	set_view(d);
	if (render(d, parts) == 0)
		return 0;
	view_free(d->view);
	*ret_why = "the mail can't be rendered from its templates";
	return -1;
}

int
compose_parts(const Message__Mail *m, const struct config *config,
    const struct templates *templates, struct compose_parts *ret_parts,
    const char **ret_why)
{
	struct draft d = { .mail = m, .config = config };

	if (open_draft(&d, templates, ret_parts, ret_why) != 0)
		return -1;
	view_free(d.view);
	return 0;
}

void
compose_parts_fini(struct compose_parts *parts)
{
	buf_fini(&parts->subject);
	buf_fini(&parts->text);
	buf_fini(&parts->html);
}

int
compose_mail(const Message__Mail *m, const struct config *config,
    const struct templates *templates, struct composed *ret_mail,
    const char **ret_why)
{
	struct draft d = { .mail = m, .config = config };
	struct compose_parts parts = { 0 };

	if (open_draft(&d, templates, &parts, ret_why) == 0) {
		buf_init(&ret_mail->message, MESSAGE_MAX);
		if (build(&d, &parts, &ret_mail->message) != 0)
			*ret_why = "the mail can't be built from its templates";
		view_free(d.view);
	}
	compose_parts_fini(&parts);
	if (*ret_why != NULL)
		return -1;
	ret_mail->from = mem_strdup(d.list->from_address);
	ret_mail->to = mem_strdup(m->address);
	return 0;
}

void
compose_fini(struct composed *c)
{
	free(c->from);
	free(c->to);
	buf_fini(&c->message);
	*c = (struct composed){ 0 };
}
