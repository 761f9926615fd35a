/* SPDX-License-Identifier: ISC */
/*
 * What the config's keys are (config_keys.c), how their values are read
 * (config_values.c, config_texts.c) and what must hold between them
 * (config_check.c, config_tls.c).  For config_file.c and these alone.
 */
#ifndef APP_CONFIG_RULES_H
#define APP_CONFIG_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "core/config.h"
#include "io/conf.h"

struct config_rule;

/* One value as it stands in the file. */
struct config_value {
	const char *text;
	const char *folder;	/* of the file: where relative paths start */
	struct arena *memory;	/* the config's */
};

/*
 * Reads one value into its field; false after writing what would be right.
 * A list's is called for each of its values, and adds.
 */
typedef bool config_reader(const struct config_rule *,
    const struct config_value *, void *field, struct buf *right);
/* For texts: an owned, canonical copy; NULL after writing what'd be right. */
typedef char *config_maker(const struct config_rule *,
    const struct config_value *, struct buf *right);

struct config_rule {
	size_t offset;			/* of the field in its struct */
	config_reader *read;
	config_maker *make;		/* of a text, or of a list's texts */
	const char *fallback;		/* a list's: with commas; NULL: zero */
	bool required;
	bool may_repeat;		/* a list's value */
	uint64_t min, max;		/* of a number; max: bytes of a text */
	const char *const *choices;	/* by value; ends with NULL */
	/* Of a titled section: each becomes a struct of an array. */
	size_t size, count_offset;
	config_maker *title;		/* into the struct's first member */
};

/* The root's keys. */
extern const struct conf_key config_keys[];

config_reader config_read_text, config_read_texts, config_read_size,
    config_read_time, config_read_time_or_off, config_read_unsigned,
    config_read_u32, config_read_port, config_read_bool,
    config_read_choice, config_read_limit, config_read_retry,
    config_read_callers;
config_maker config_make_label, config_make_name, config_make_user,
    config_make_path, config_make_log_target, config_make_origin,
    config_make_base_url, config_make_url, config_make_mailbox,
    config_make_address, config_make_proxy, config_make_listen,
    config_make_metrics, config_make_field_name, config_make_field_alias,
    config_make_alias, config_make_lang, config_make_host,
    config_make_resolver, config_make_refused;

/*
 * "Name <local@domain>" or a bare address: the two parts, owned; -1 when it
 * is neither.
 */
int config_split_mailbox(const char *text, char **ret_name,
    char **ret_address);

/* A listener's certificates and keys, as far as they can be tried. */
void config_check_tls(const struct config *, const struct config_listener *,
    const struct conf_section *, struct conf_notes *errors,
    struct conf_notes *warnings);

/*
 * The rest: what no single value can tell.  Completes the config.  Looks into
 * the files that values name, unless another process has done so.
 */
void config_check(struct config *, const struct conf_section *root,
    bool looks, struct conf_notes *errors, struct conf_notes *warnings);

/* What is about sending. */
void config_check_mail(struct config *, const struct conf_section *mail,
    bool looks, struct conf_notes *errors, struct conf_notes *warnings);

#endif
