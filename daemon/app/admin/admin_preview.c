/* SPDX-License-Identifier: ISC */
/*
 * GET /preview?kind=…: a mail as it would be sent, to nobody.  It needs no
 * engine, and what it shows are the templates that the daemon runs with.
 */
#include "app/admin/admin.h"

#include <stdlib.h>

#include "app/mailer/compose.h"
#include "app/mailer/sample.h"
#include "app/templates/templates.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/config.h"
#include "core/lang.h"
#include "io/json.h"

/* By name or alias; else the one that a form gets which names none. */
static const struct config_list *
find_list(const struct config *config, const char *name)
{
	if (name[0] != '\0')
		return config_list_find(config, slice_str(name));
	return config->default_list != NULL ? config->default_list :
	    &config->lists[0];
}

/* In its own language, or a wider one; that of others would mislead. */
static bool
is_spoken(const struct templates *templates, const char *lang)
{
	char *const offered[] = { mem_strdup(templates_lang(templates,
	    lang)) };
	bool spoken = lang_match(slice_str(lang), offered, 1) == 0;

	free(offered[0]);
	return spoken;
}

static struct json *
mail_json(const struct composed *mail, const struct compose_parts *parts)
{
	struct json *object = json_new_object();

	json_put_text(object, "from", slice_str(mail->from));
	json_put_text(object, "to", slice_str(mail->to));
	json_put_text(object, "subject", buf_slice(&parts->subject));
	json_put_text(object, "text", buf_slice(&parts->text));
	json_put_text(object, "html", buf_slice(&parts->html));
	json_put_text(object, "message", buf_slice(&mail->message));
	return object;
}

static void
answer(struct admin_call *call, const Message__Mail *row)
{
	const struct config *config = call->admin->config;
	struct compose_parts parts = { 0 };
	struct composed mail = { 0 };
	const char *why;

	if (compose_parts(row, config, call->admin->templates, &parts,
	    &why) == 0 &&
	    compose_mail(row, config, call->admin->templates, &mail,
	    &why) == 0)
		admin_call_answer(call, 200, mail_json(&mail, &parts));
	else
		admin_call_refuse(call, 400, "bad_request", why);
	compose_parts_fini(&parts);
	compose_fini(&mail);
}

static void
preview(struct admin_call *call)
{
	const struct admin *admin = call->admin;
	const struct config_list *list = find_list(admin->config,
	    admin_call_get(call, "list"));
	const char *lang = admin_call_get(call, "lang");
	struct sample *sample;

	if (list == NULL) {
		admin_call_refuse(call, 400, "unknown_list",
		    "there is no such list");
		return;
	}
	if (lang[0] == '\0')
		lang = list->languages.item[0];
	else if (!is_spoken(templates_of_list(admin->templates, list->name),
	    lang)) {
		admin_call_refuse(call, 400, "bad_request",
		    "there is no catalogue of this language in the "
		    "templates' lang folder");
		return;
	}
	sample = sample_new(admin->config, list,
	    admin_call_get(call, "kind"), lang, clock_wall_us());
	answer(call, sample_mail(sample));
	sample_free(sample);
}

const struct admin_command admin_preview[] = {
	{ HTTP_GET, "/preview", false, "kind list lang", preview, NULL },
	{ .path = NULL },
};
