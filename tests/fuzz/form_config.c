/* SPDX-License-Identifier: ISC */
/*
 * The config's strings are char *, but nobody writes to them.
 */
#include "form_config.h"

static char weekly[] = "weekly", shop[] = "shop", second[] = "2",
    from[] = "weekly@news.example.org", site[] = "https://www.example.org",
    en[] = "en", de[] = "de", country[] = "country", born[] = "born",
    size[] = "size", age[] = "age", home[] = "home", friend[] = "friend",
    small[] = "S", large[] = "extra large", merge[] = "MMERGE3";
static char *aliases[] = { second }, *origins[] = { site },
    *languages[] = { en, de }, *sizes[] = { small, large },
    *names[] = { merge };

static struct config_field weekly_fields[] = {
	{ .name = country, .label = country, .type = CONFIG_FIELD_TEXT,
	    .max = 2, .aliases = { names, 1 } },
	{ .name = born, .label = born, .type = CONFIG_FIELD_DATE },
	{ .name = size, .label = size, .type = CONFIG_FIELD_CHOICE,
	    .choices = { sizes, 2 } },
};
static struct config_field shop_fields[] = {
	{ .name = country, .label = country, .type = CONFIG_FIELD_TEXT },
	{ .name = age, .label = age, .type = CONFIG_FIELD_NUMBER,
	    .required = true },
	{ .name = home, .label = home, .type = CONFIG_FIELD_URL },
	{ .name = friend, .label = friend, .type = CONFIG_FIELD_EMAIL },
};
static struct config_list lists[] = {
	{ .name = weekly, .title = weekly, .from_address = from,
	    .aliases = { aliases, 1 }, .origins = { origins, 1 },
	    .languages = { languages, 2 }, .fields = weekly_fields,
	    .field_count = 3 },
	{ .name = shop, .title = shop, .from_address = from,
	    .languages = { languages, 1 }, .consent_required = true,
	    .fields = shop_fields, .field_count = 4 },
};
const struct config form_config = { .lists = lists, .list_count = 2,
	.default_list = &lists[0], .controller.contact = from,
	.admin.notify = from };
