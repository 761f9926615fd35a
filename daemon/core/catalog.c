/* SPDX-License-Identifier: ISC */
/*
 * Reading a catalogue: line by line, every mistake told, and sorted by key at
 * the end so that doubles show and finding is fast.
 */
#include "core/catalog.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "core/mustache.h"

struct entry {
	struct slice key;	/* owned by the catalogue */
	struct mustache *text;
	unsigned line;
};

struct catalog {
	char *source;
	struct entry *entry;
	size_t count, cap;
};

struct parser {
	struct catalog *catalog;
	const char *file;
	unsigned line;
	struct buf *errors;
	bool failed;
};

static void fail(struct parser *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
fail(struct parser *p, const char *fmt, ...)
{
	va_list ap;

	buf_printf(p->errors, "%s:%u: ", p->file, p->line);
	va_start(ap, fmt);
	buf_vprintf(p->errors, fmt, ap);
	va_end(ap);
	buf_add_char(p->errors, '\n');
	p->failed = true;
}

static bool
is_key(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    c != '_')
			return false;
	}
	return s.len > 0;
}

static void
add_entry(struct parser *p, struct slice key, struct slice source)
{
	struct catalog *c = p->catalog;
	struct mustache_error error;
	struct mustache *text = mustache_compile(source, &error);

	if (text == NULL) {
		fail(p, "%s", error.what);
		return;
	}
	if (c->count == c->cap) {
		c->cap = c->cap > 0 ? 2 * c->cap : 64;
		c->entry = mem_resize(c->entry, c->cap, sizeof(*c->entry));
	}
	c->entry[c->count++] = (struct entry){ key, text, p->line };
}

static void
parse_line(struct parser *p, struct slice line)
{
	ptrdiff_t equals;
	struct slice key, text;

	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	line = slice_trim(line);
	if (line.len == 0 || line.p[0] == '#')
		return;
	equals = slice_find(line, '=');
	key = slice_trim(slice_sub(line, 0,
	    equals < 0 ? line.len : (size_t)equals));
	if (equals < 0 || !is_key(key)) {
		fail(p, "this is not \"key = text\", the key of a-z, 0-9 "
		    "and \"_\"");
		return;
	}
	text = slice_trim(slice_sub(line, (size_t)equals + 1, line.len));
	if (text.len >= 2 && text.p[0] == '"' && text.p[text.len - 1] == '"')
		text = slice_sub(text, 1, text.len - 1);
	if (text.len == 0)
		fail(p, "\"%.*s\" has no text: write one, or leave the line "
		    "out for the English one", SLICE_FMT(key));
	else if (!utf8_is_text(text))
		fail(p, "\"%.*s\" holds control characters or is not UTF-8",
		    SLICE_FMT(key));
	else
		add_entry(p, key, text);
}

static int
by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = slice_cmp(x->key, y->key);

	return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

static void
sort_entries(struct parser *p)
{
	struct catalog *c = p->catalog;

	if (c->count > 0)
		qsort(c->entry, c->count, sizeof(*c->entry), by_key);
	for (size_t i = 1; i < c->count; i++) {
		if (!slice_eq(c->entry[i - 1].key, c->entry[i].key))
			continue;
		p->line = c->entry[i].line;
		fail(p, "\"%.*s\" stands in line %u already: keep one",
		    SLICE_FMT(c->entry[i].key), c->entry[i - 1].line);
	}
}

struct catalog *
catalog_parse(struct slice source, const char *file, struct buf *errors)
{
	struct catalog *c = MEM_NEW(struct catalog);
	struct parser p = { .catalog = c, .file = file, .errors = errors };
	struct slice rest, line;

	c->source = slice_dup(source);
	rest = slice_of(c->source, source.len);
	while (slice_split(&rest, '\n', &line)) {
		p.line++;
		parse_line(&p, line);
	}
	sort_entries(&p);
	if (!p.failed)
		return c;
	catalog_free(c);
	return NULL;
}

void
catalog_free(struct catalog *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->count; i++)
		mustache_free(c->entry[i].text);
	free(c->entry);
	free(c->source);
	free(c);
}

static int
by_wanted_key(const void *key, const void *entry)
{
	const struct slice *wanted = key;
	const struct entry *e = entry;

	return slice_cmp(*wanted, e->key);
}

const struct mustache *
catalog_text(const struct catalog *c, struct slice key)
{
	const struct entry *found = NULL;

	if (c->count > 0)
		found = bsearch(&key, c->entry, c->count, sizeof(*c->entry),
		    by_wanted_key);
	return found != NULL ? found->text : NULL;
}

void
catalog_each(const struct catalog *c,
    void (*on_text)(struct slice key, const struct mustache *text,
    unsigned line, void *arg), void *arg)
{
	for (size_t i = 0; i < c->count; i++)
		on_text(c->entry[i].key, c->entry[i].text, c->entry[i].line,
		    arg);
}
