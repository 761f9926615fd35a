/* SPDX-License-Identifier: ISC */
/*
 * The table of the kinds, and how one is found.
 */
#include "app/mail_kind.h"

#include <string.h>

#include "core/record.pb-c.h"

#define KIND(number, name_, ...) \
	[RECORD__OUTBOX__KIND__ ## number] = { .name = (name_), \
	    .text = "mail/" name_ ".txt", .html = "mail/" name_ ".html", \
	    .subject = "mail_" name_ "_subject", __VA_ARGS__ }

static const struct mail_kind kinds[] = {
	KIND(CONFIRM, "confirm", .about = MAIL_ABOUT_REQUEST,
	    .shows = "confirm_url notme_url", .is_by_strangers = true),
	KIND(WELCOME, "welcome", .about = MAIL_ABOUT_SUBSCRIPTION,
	    .shows = "unsubscribe_url"),
	KIND(ALREADY, "already", .about = MAIL_ABOUT_ALREADY,
	    .shows = "unsubscribe_url", .is_by_strangers = true),
	KIND(MANAGE, "manage", .about = MAIL_ABOUT_MANAGE,
	    .shows = "manage_url code", .is_by_strangers = true),
	KIND(GOODBYE, "goodbye", .about = MAIL_ABOUT_SUBSCRIPTION,
	    .is_farewell = true),
	KIND(ATTACK, "attack", .about = MAIL_ABOUT_ALARM),
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };
_Static_assert((int)KINDS <= (int)MAIL_KINDS_MAX, "tables of kinds are large "
    "enough");

const struct mail_kind *
mail_kind_get(size_t number)
{
	return number < KINDS ? &kinds[number] : NULL;
}

size_t
mail_kind_count(void)
{
	return KINDS;
}

const struct mail_kind *
mail_kind_find(const char *name)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	}
	return NULL;
}

const char *
mail_kind_name(size_t number)
{
	return number < KINDS ? kinds[number].name : "unknown";
}
