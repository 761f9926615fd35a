/* SPDX-License-Identifier: ISC */
/*
 * The face of libConfuse, the only file that includes confuse.h.  The library
 * has no place for a caller's data, forgets the lines of values and stops at
 * the first mistake.  So every value is a CFGT_PTR whose parse callback notes
 * the line; each section's first option is hidden and leads to the notes; and
 * an unknown key is dropped from the text, which is then parsed again.
 */
#include "io/conf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <confuse.h>

#include "base/buf.h"
#include "base/escape.h"
#include "base/mem.h"
#include "io/conf_text.h"

enum { TRIES_MAX = 200 };

/* Its default is parsed as a section begins: that tells the line. */
static const char hidden_name[] = " ";
static const char hidden_default[] = "x";

struct conf_note {
	unsigned line;
	size_t order;
	char *text;
};

struct value {
	unsigned line;
	char *text;
};

struct conf {
	cfg_opt_t *opts;
	cfg_t *cfg;
};

/* What the callbacks of one parse share. */
struct parse {
	struct conf_notes *notes;
	const char *text;	/* without comments */
	unsigned unknown_line;	/* 0: no unknown key was met */
	char *unknown;
	char *known;		/* those that may stand in its place */
};

void
conf_note(struct conf_notes *notes, unsigned line, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	notes->note = mem_resize(notes->note, notes->count + 1,
	    sizeof(*notes->note));
	notes->note[notes->count] = (struct conf_note){ line, notes->count,
	    buf_take(&text) };
	notes->count++;
}

static int
note_cmp(const void *a, const void *b)
{
	const struct conf_note *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

void
conf_notes_write(struct conf_notes *notes, const char *path,
    const char *prefix, struct buf *out)
{
	if (notes->count > 0)
		qsort(notes->note, notes->count, sizeof(*notes->note),
		    note_cmp);
	for (size_t i = 0; i < notes->count; i++) {
		buf_add_str(out, path);
		if (notes->note[i].line > 0)
			buf_printf(out, ":%u", notes->note[i].line);
		buf_printf(out, ": %s", prefix);
		escape_terminal(out, slice_str(notes->note[i].text));
		buf_add_char(out, '\n');
		free(notes->note[i].text);
	}
	free(notes->note);
	*notes = (struct conf_notes){ 0 };
}

static struct parse *
parse_of(const cfg_t *cfg)
{
	return (struct parse *)(intptr_t)cfg->opts[0].def.number;
}

static unsigned
line_of(const cfg_t *cfg)
{
	return cfg->line > 0 ? (unsigned)cfg->line : 0;
}

static void
note_unknown(const cfg_t *cfg, struct slice key, struct parse *parse)
{
	struct buf known = { 0 };

	parse->unknown_line = line_of(cfg);
	free(parse->unknown);
	parse->unknown = slice_dup(key);
	for (const cfg_opt_t *opt = cfg->opts + 1; opt->name != NULL; opt++)
		buf_printf(&known, "%s%s", known.len > 0 ? " " : "",
		    opt->name);
	free(parse->known);
	parse->known = buf_take(&known);
}

/* The library says what is wrong; this adds what would be right. */
static const char *
hint_for(struct slice message)
{
	static const struct {
		const char *start, *hint;
	} hints[] = {
		{ "premature end", ": a closing brace is missing" },
		{ "unexpected closing", ": no section or list is open here" },
		{ "missing equal sign", ": write KEY = VALUE" },
		{ "unexpected token", ": write KEY = VALUE, and lists as "
		    "{ VALUE, VALUE }" },
		{ "found duplicate title", ": each needs one of its own" },
		{ "missing title", ": write KEY \"title\" { … }" },
		{ "missing opening brace", ": write KEY { … }" },
		{ "attempt to append", ": write KEY = VALUE" },
	};

	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (slice_starts(message, hints[i].start))
			return hints[i].hint;
	}
	return "";
}

/* What is missing is found missing where the next thing stands. */
static unsigned
line_of_mistake(const cfg_t *cfg, struct slice message)
{
	unsigned line = line_of(cfg);
	ptrdiff_t quote = slice_find(message, '\'');

	if (!slice_starts(message, "missing ") || quote < 0 ||
	    !slice_ends(message, "'"))
		return line;
	return conf_text_last(parse_of(cfg)->text, line,
	    slice_sub(message, (size_t)quote + 1, message.len - 1));
}

static void __attribute__((format(printf, 2, 0)))
on_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	static const char unknown[] = "no such option '";
	struct parse *parse = parse_of(cfg);
	struct buf text = { 0 };
	struct slice s;

	buf_vprintf(&text, fmt, ap);
	s = buf_slice(&text);
	if (slice_starts(s, unknown) && slice_ends(s, "'")) {
		note_unknown(cfg, slice_sub(s, sizeof(unknown) - 1,
		    s.len - 1), parse);
	} else {
		conf_note(parse->notes, line_of_mistake(cfg, s), "%s%s",
		    buf_str(&text), hint_for(s));
	}
	buf_fini(&text);
}

/* An option's default number is free for our use: the line it came first. */
static int
on_value(cfg_t *cfg, cfg_opt_t *opt, const char *text, void *result)
{
	struct value *value = MEM_NEW(struct value);

	value->line = line_of(cfg);
	value->text = mem_strdup(text);
	if (opt != &cfg->opts[0] && opt->nvalues == 1) {
		if (opt->def.number != 0)
			conf_note(parse_of(cfg)->notes, value->line,
			    "`%s` was already given on line %ld: keep one of "
			    "them", opt->name, opt->def.number);
		opt->def.number = (long)value->line;
	}
	*(void **)result = value;
	return 0;
}

static void
value_free(void *p)
{
	struct value *value = p;

	free(value->text);
	free(value);
}

static cfg_opt_t *
make_opts(const struct conf_key *keys, struct parse *parse)
{
	cfg_opt_t *opts;
	size_t n = 0;

	while (keys[n].name != NULL)
		n++;
	opts = mem_new(n + 2, sizeof(*opts));
	opts[0] = (cfg_opt_t){ .name = hidden_name, .type = CFGT_PTR,
	    .def = { .number = (long)(intptr_t)parse,
	    .parsed = mem_strdup(hidden_default) },
	    .parsecb = on_value, .freecb = value_free };
	for (size_t i = 0; i < n; i++) {
		cfg_opt_t *opt = &opts[i + 1];

		*opt = (cfg_opt_t){ .name = keys[i].name, .type = CFGT_PTR,
		    .parsecb = on_value, .freecb = value_free };
		if (keys[i].shape == CONF_LIST)
			opt->flags = CFGF_LIST;
		if (keys[i].keys == NULL)
			continue;
		*opt = (cfg_opt_t){ .name = keys[i].name, .type = CFGT_SEC,
		    .flags = CFGF_MULTI,
		    .subopts = make_opts(keys[i].keys, parse) };
		if (keys[i].shape == CONF_TITLED)
			opt->flags |= CFGF_TITLE | CFGF_NO_TITLE_DUPES;
	}
	/* The array's end has no name. */
	return opts;
}

static void
free_opts(cfg_opt_t *opts)
{
	free(opts[0].def.parsed);
	for (cfg_opt_t *opt = opts; opt->name != NULL; opt++) {
		if (opt->subopts != NULL)
			free_opts(opt->subopts);
	}
	free(opts);
}

/* One try; true when another, with an unknown key dropped, may go further. */
static bool
try_parse(struct conf *conf, char *text, struct parse *parse,
    bool *ret_whole)
{
	size_t before = parse->notes->count;
	int dropped;

	parse->unknown_line = 0;
	parse->text = text;
	conf->cfg = cfg_init(conf->opts, CFGF_NONE);
	cfg_set_error_function(conf->cfg, on_error);
	*ret_whole = cfg_parse_buf(conf->cfg, text) == CFG_SUCCESS;
	if (parse->unknown_line == 0)
		return false;
	dropped = conf_text_drop(text, parse->unknown_line, parse->unknown);
	if (dropped >= 0) {
		/* Said again by the next try. */
		while (parse->notes->count > before)
			free(parse->notes->note[--parse->notes->count].text);
		cfg_free(conf->cfg);
		conf->cfg = NULL;
	}
	conf_note(parse->notes, parse->unknown_line, "unknown key `%s`: here "
	    "may stand %s%s", parse->unknown, parse->known, dropped > 0 ?
	    " (and a value of several words stands in quotes: \"…\")" : "");
	return dropped >= 0;
}

/* Sections of which there may be one. */
static void
check_once(const cfg_t *cfg, const struct conf_key *keys,
    struct conf_notes *notes)
{
	for (; keys->name != NULL; keys++) {
		const struct conf_section *here =
		    (const struct conf_section *)cfg;
		size_t count = conf_count(here, keys->name);

		if (keys->shape != CONF_SECTION)
			continue;
		for (size_t i = 1; i < count; i++)
			conf_note(notes, conf_line(conf_child(here,
			    keys->name, i)), "a second section `%s`: put all "
			    "its keys into one", keys->name);
	}
}

struct conf *
conf_read(struct files *files, const char *path, const struct conf_key *keys,
    struct conf_notes *notes, bool *ret_whole)
{
	struct parse parse = { .notes = notes };
	char *text = conf_text_read(files, path, notes);
	struct conf *conf;

	*ret_whole = false;
	if (text == NULL || conf_text_clean(text, notes) < 0) {
		free(text);
		return NULL;
	}
	conf = MEM_NEW(struct conf);
	conf->opts = make_opts(keys, &parse);
	for (int i = 0; i < TRIES_MAX; i++) {
		if (!try_parse(conf, text, &parse, ret_whole))
			break;
	}
	free(text);
	free(parse.unknown);
	free(parse.known);
	if (conf->cfg == NULL) {
		conf_free(conf);
		return NULL;
	}
	check_once(conf->cfg, keys, notes);
	return conf;
}

void
conf_free(struct conf *conf)
{
	if (conf == NULL)
		return;
	if (conf->cfg != NULL)
		cfg_free(conf->cfg);
	free_opts(conf->opts);
	free(conf);
}

/* A section's public face is libConfuse's own, which takes no const. */
static cfg_t *
cfg_of(const struct conf_section *section)
{
	return (cfg_t *)(uintptr_t)section;
}

static cfg_opt_t *
opt_of(const struct conf_section *section, const char *key)
{
	for (cfg_opt_t *opt = cfg_of(section)->opts; opt->name != NULL;
	    opt++) {
		if (strcmp(opt->name, key) == 0)
			return opt;
	}
	return NULL;
}

const struct conf_section *
conf_root(const struct conf *conf)
{
	return (const struct conf_section *)conf->cfg;
}

size_t
conf_count(const struct conf_section *section, const char *key)
{
	const cfg_opt_t *opt = opt_of(section, key);
	size_t n = opt != NULL ? opt->nvalues : 0;

	/* A value that broke the parse was added, but is empty. */
	while (n > 0 && opt->values[n - 1]->ptr == NULL)
		n--;
	return n;
}

/* The i-th of conf_count values. */
static const cfg_value_t *
value_of(const struct conf_section *section, const char *key, size_t i)
{
	const cfg_opt_t *opt = opt_of(section, key);

	assert(opt != NULL && i < opt->nvalues);
	return opt->values[i];
}

const char *
conf_text(const struct conf_section *section, const char *key, size_t i,
    unsigned *ret_line)
{
	const struct value *value = value_of(section, key, i)->ptr;

	*ret_line = value->line;
	return value->text;
}

const struct conf_section *
conf_child(const struct conf_section *section, const char *key, size_t i)
{
	return (const struct conf_section *)
	    value_of(section, key, i)->section;
}

unsigned
conf_line(const struct conf_section *section)
{
	unsigned line = 0;

	if (conf_count(section, hidden_name) > 0)
		(void)conf_text(section, hidden_name, 0, &line);
	return line;
}

const char *
conf_title(const struct conf_section *section)
{
	return cfg_title(cfg_of(section));
}

const char *
conf_version(void)
{
	return confuse_version;
}
