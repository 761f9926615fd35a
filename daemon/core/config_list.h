/* SPDX-License-Identifier: ISC */
/*
 * What the configuration says of one list.  Plain values, as in core/config.h:
 * every string is there ("" when unset), times are seconds.
 */
#ifndef CORE_CONFIG_LIST_H
#define CORE_CONFIG_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct config_strings {
	char **item;
	size_t count;
};

struct config_times {
	uint64_t *item;
	size_t count;
};

enum config_field_type { CONFIG_FIELD_TEXT, CONFIG_FIELD_EMAIL,
	CONFIG_FIELD_NUMBER, CONFIG_FIELD_DATE, CONFIG_FIELD_URL,
	CONFIG_FIELD_CHOICE };

/* A list's own form field. */
struct config_field {
	char *name;
	char *label;		/* shown in the hosted form; default: name */
	enum config_field_type type;
	uint32_t max;		/* bytes */
	bool required;
	struct config_strings aliases;
	struct config_strings choices;
};

struct config_list {
	char *name;		/* [a-z0-9-]{1,32} */
	char *title;
	char *from;		/* mailbox with display name, as written */
	char *from_name;	/* the two parts of it */
	char *from_address;
	struct config_strings aliases;
	struct config_strings origins;	/* "https://host[:port]", or "*" */
	struct config_strings languages;	/* at least one */
	uint64_t confirm_within;
	char *consent;
	bool consent_required;	/* consent_box = "required" */
	struct config_field *fields;
	size_t field_count;
	char *pending_url;
	char *confirmed_url;
	bool welcome, goodbye;	/* mail who has come, who has left */
};

#endif
