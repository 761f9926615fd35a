/* SPDX-License-Identifier: ISC */
/*
 * Who answers for the data, as each page and each mail shows it.
 */
#include "app/templates/templates.h"
#include "base/escape.h"
#include "core/config.h"
#include "core/view.h"

/* An address may hold what means something else in a URL (RFC 6068). */
static void
set_contact_url(const char *contact, struct view *view)
{
	struct slice domain = slice_str(contact), local;
	struct buf url = { 0 };

	(void)slice_split(&domain, '@', &local);
	buf_add_str(&url, "mailto:");
	escape_url(&url, local);
	buf_add_char(&url, '@');
	escape_url(&url, domain);
	view_set_slice(view, "contact_url", buf_slice(&url));
	buf_fini(&url);
}

void
templates_set_controller(const struct config *config, struct view *view)
{
	struct view *part = view_set_object(view, "controller");

	view_set_str(part, "name", config->controller.name);
	view_set_str(part, "address", config->controller.address);
	view_set_str(part, "privacy_url", config->controller.privacy_url);
	view_set_str(part, "contact", config->controller.contact);
	if (config->controller.contact[0] != '\0')
		set_contact_url(config->controller.contact, part);
}
