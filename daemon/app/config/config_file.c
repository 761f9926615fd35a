/* SPDX-License-Identifier: ISC */
/*
 * Walks over the table of keys and fills a config from the file's values.
 */
#include "app/config/config_file.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "app/config/config_rules.h"
#include "base/arena.h"
#include "base/escape.h"
#include "base/mem.h"
#include "io/files.h"

enum { SHOWN_MAX = 80 };

struct reading {
	struct conf_notes errors, warnings;
	char *folder;
	struct arena *memory;	/* the config's */
	bool is_whole;		/* the file's syntax was sound */
};

static void read_keys(struct reading *, const struct conf_section *,
    const struct conf_key *, void *target);

/* "`key` is VALUE: want …", with nothing raw of the value. */
static void
note_value(struct reading *r, unsigned line, const char *key,
    const char *value, const struct buf *right)
{
	struct buf shown = { 0 };
	struct slice s = slice_str(value);

	escape_log(&shown, slice_sub(s, 0, SHOWN_MAX));
	conf_note(&r->errors, line, "%s = %s%s: %s", key, buf_str(&shown),
	    s.len > SHOWN_MAX ? "…" : "", buf_str(right));
	buf_fini(&shown);
}

static void
read_value(struct reading *r, const struct conf_section *section,
    const struct conf_key *key, size_t i, void *field)
{
	const struct config_rule *rule = key->rule;
	struct buf right = { 0 };
	unsigned line;
	const struct config_value value = {
		.text = conf_text(section, key->name, i, &line),
		.folder = r->folder,
		.memory = r->memory,
	};

	if (!rule->read(rule, &value, field, &right))
		note_value(r, line, key->name, value.text, &right);
	buf_fini(&right);
}

/* A fallback of ours is right, and may be missing: then it is "" or 0. */
static void
read_fallback(struct reading *r, const struct config_rule *rule, void *field)
{
	struct slice rest = slice_str(rule->fallback), part;
	const bool is_list = rule->read == config_read_retry ||
	    rule->read == config_read_texts;
	struct buf right = { 0 };

	if (rule->read == config_read_text) {
		char **text = field;

		*text = arena_text(r->memory, rule->fallback != NULL ?
		    rule->fallback : "");
		return;
	}
	while (rest.p != NULL &&
	    slice_split(&rest, is_list ? ',' : '\0', &part)) {
		char *text = slice_dup(part);
		const struct config_value value = { .text = text,
			.memory = r->memory };

		(void)rule->read(rule, &value, field, &right);
		free(text);
	}
	buf_fini(&right);
}

static void
read_key(struct reading *r, const struct conf_section *section,
    const struct conf_key *key, void *target)
{
	const struct config_rule *rule = key->rule;
	size_t count = section != NULL ? conf_count(section, key->name) : 0;
	void *field = (char *)target + rule->offset;

	/* A list's values replace its fallback, others overwrite it. */
	if (key->shape == CONF_VALUE || count == 0)
		read_fallback(r, rule, field);
	for (size_t i = 0; i < count; i++)
		read_value(r, section, key, i, field);
	if (count == 0 && r->is_whole && rule->required &&
	    rule->fallback == NULL) {
		unsigned line = conf_line(section);

		conf_note(&r->errors, line > 0 ? line : 1,
		    "`%s` is missing: see assent.conf(5)", key->name);
	}
}

/* Each section of that key becomes an element of an array. */
static void
read_titled(struct reading *r, const struct conf_section *section,
    const struct conf_key *key, void *target)
{
	const struct config_rule *rule = key->rule;
	size_t count = section != NULL ? conf_count(section, key->name) : 0;
	char *items = count > 0 ? arena_alloc(r->memory, count * rule->size) :
	    NULL;

	memcpy((char *)target + rule->offset, &items, sizeof(items));
	memcpy((char *)target + rule->count_offset, &count, sizeof(count));
	for (size_t i = 0; i < count; i++) {
		const struct conf_section *child = conf_child(section,
		    key->name, i);
		const struct config_value title = {
			.text = conf_title(child), .folder = r->folder };
		struct buf right = { 0 };
		char *made = rule->title(rule, &title, &right), *kept;

		if (made == NULL)
			note_value(r, conf_line(child), key->name,
			    title.text, &right);
		kept = arena_text(r->memory, made != NULL ? made : "");
		memcpy(items + i * rule->size, &kept, sizeof(kept));
		free(made);
		buf_fini(&right);
		read_keys(r, child, key->keys, items + i * rule->size);
	}
}

static void
read_keys(struct reading *r, const struct conf_section *section,
    const struct conf_key *keys, void *target)
{
	for (const struct conf_key *key = keys; key->name != NULL; key++) {
		bool there = section != NULL &&
		    conf_count(section, key->name) > 0;

		switch (key->shape) {
		case CONF_VALUE:
		case CONF_LIST:
			if (key->rule != NULL)
				read_key(r, section, key, target);
			break;
		case CONF_SECTION:
			read_keys(r, there ? conf_child(section, key->name, 0)
			    : NULL, key->keys, target);
			break;
		case CONF_TITLED:
			read_titled(r, section, key, target);
			break;
		}
	}
}

struct config *
config_load(const char *path, struct buf *errors, struct buf *warnings)
{
	return config_load_from(NULL, path, errors, warnings);
}

struct config *
config_load_from(struct files *files, const char *path, struct buf *errors,
    struct buf *warnings)
{
	struct reading r = { 0 };
	char *copy = mem_strdup(path);
	struct config *config = NULL;
	struct conf *conf;
	bool failed;

	r.folder = mem_strdup(dirname(copy));
	conf = conf_read(files, path, config_keys, &r.errors, &r.is_whole);
	if (conf != NULL) {
		config = MEM_NEW(struct config);
		config->memory = r.memory = arena_new();
		config->path = arena_text(r.memory, path);
		read_keys(&r, conf_root(conf), config_keys, config);
	}
	if (conf != NULL && r.is_whole)
		config_check(config, conf_root(conf), !files_are_kept(files),
		    &r.errors, &r.warnings);
	conf_free(conf);
	failed = r.errors.count > 0 || !r.is_whole;
	conf_notes_write(&r.errors, path, "", errors);
	conf_notes_write(&r.warnings, path, "warning: ", warnings);
	free(r.folder);
	free(copy);
	if (!failed)
		return config;
	config_free(config);
	return NULL;
}
