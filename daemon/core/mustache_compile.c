/* SPDX-License-Identifier: ISC */
/*
 * From a template's source to its nodes, in one pass.  The one delicate thing
 * is the standalone tag: a tag that shares its line with nothing but blanks
 * takes the whole line with it, unless it is one that prints.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "core/mustache.h"
#include "core/mustache_node.h"

enum { DELIMITER_MAX = 16 };

struct compiler {
	struct mustache *m;
	struct slice src;
	size_t at;		/* everything before it is done */
	bool line_start;	/* a line begins at `at` */
	unsigned line;		/* of `at` */
	struct slice open, close;
	size_t section[MUSTACHE_DEPTH_MAX];	/* the open ones' nodes */
	size_t depth;
	struct mustache_error *error;
};

/* One tag, as it stands in the source. */
struct tag {
	size_t start, end;	/* delimiters included */
	char sigil;		/* ' ' of a plain {{name}} */
	struct slice body;	/* without the sigil, trimmed */
	unsigned line;
};

static const struct sigil {
	char c;
	bool alone;		/* may take its whole line with it */
	bool named;		/* has a name */
	enum node_kind kind;
} sigils[] = {
	{ ' ', false, true, NODE_ESCAPED },
	{ '{', false, true, NODE_RAW },
	{ '&', false, true, NODE_RAW },
	{ '#', true, true, NODE_SECTION },
	{ '^', true, true, NODE_INVERTED },
	{ '>', true, true, NODE_PARTIAL },
	{ '/', true, true, NODE_TEXT },		/* the end of a section, */
	{ '!', true, false, NODE_TEXT },	/* a comment and */
	{ '=', true, false, NODE_TEXT },	/* delimiters make no node */
};

static const struct sigil *
sigil_find(char c)
{
	for (size_t i = 1; i < sizeof(sigils) / sizeof(sigils[0]); i++) {
		if (sigils[i].c == c)
			return &sigils[i];
	}
	return &sigils[0];
}

static int fail(struct compiler *, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int
fail(struct compiler *c, unsigned line, const char *fmt, ...)
{
	va_list ap;

	c->error->line = line;
	va_start(ap, fmt);
	vsnprintf(c->error->what, sizeof(c->error->what), fmt, ap);
	va_end(ap);
	return -1;
}

static struct node *
node_add(struct compiler *c, enum node_kind kind, struct slice text,
    unsigned line)
{
	struct mustache *m = c->m;

	if (m->count == m->cap) {
		m->cap = m->cap > 0 ? 2 * m->cap : 16;
		m->node = mem_resize(m->node, m->cap, sizeof(*m->node));
	}
	m->node[m->count] = (struct node){ .kind = kind, .text = text,
		.line = line };
	return &m->node[m->count++];
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct slice
trim_space(struct slice s)
{
	while (s.len > 0 && is_space(s.p[0]))
		s = slice_sub(s, 1, s.len);
	while (s.len > 0 && is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* Where needle first stands at or after `from`; SIZE_MAX when nowhere. */
static size_t
find(struct slice s, size_t from, struct slice needle)
{
	const char *at;

	if (from >= s.len)
		return SIZE_MAX;
	at = memmem(s.p + from, s.len - from, needle.p, needle.len);
	return at != NULL ? (size_t)(at - s.p) : SIZE_MAX;
}

static unsigned
count_lines(struct slice s)
{
	unsigned n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == '\n';
	return n;
}

/* A name is "." or words with dots between, none of them empty. */
static bool
is_name(struct slice s)
{
	struct slice rest = s, part;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (is_space(s.p[i]))
			return false;
	}
	if (slice_eq_str(s, "."))
		return true;
	while (slice_split(&rest, '.', &part)) {
		if (part.len == 0)
			return false;
	}
	return true;
}

/* Literal text from `at` to `end`; empty ones count at a line's start. */
static void
add_text(struct compiler *c, size_t end)
{
	struct slice text = slice_sub(c->src, c->at, end);
	struct node *n;

	if (text.len > 0 || c->line_start) {
		n = node_add(c, NODE_TEXT, text, c->line);
		n->line_start = c->line_start;
	}
	c->line += count_lines(text);
	c->line_start = text.len > 0 && text.p[text.len - 1] == '\n';
	c->at = end;
}

/*
 * The tag's line, when nothing but blanks shares it: from its first blank to
 * behind its line end.
 */
static bool
is_alone(const struct compiler *c, const struct tag *tag,
    size_t *ret_start, size_t *ret_end)
{
	size_t start = tag->start, end = tag->end;

	while (start > c->at && (c->src.p[start - 1] == ' ' ||
	    c->src.p[start - 1] == '\t'))
		start--;
	if (start == c->at ? !c->line_start : c->src.p[start - 1] != '\n')
		return false;
	while (end < c->src.len && (c->src.p[end] == ' ' ||
	    c->src.p[end] == '\t'))
		end++;
	if (end < c->src.len && c->src.p[end] == '\r' &&
	    end + 1 < c->src.len && c->src.p[end + 1] == '\n')
		end++;
	if (end < c->src.len && c->src.p[end] != '\n')
		return false;
	*ret_start = start;
	*ret_end = end < c->src.len ? end + 1 : end;
	return true;
}

static int
set_delimiters(struct compiler *c, const struct tag *tag)
{
	struct slice body = tag->body;
	size_t i = 0;

	if (body.len > 0 && body.p[body.len - 1] == '=')
		body = trim_space(slice_sub(body, 0, body.len - 1));
	else
		body.len = 0;
	while (i < body.len && !is_space(body.p[i]))
		i++;
	c->open = slice_sub(body, 0, i);
	c->close = trim_space(slice_sub(body, i, body.len));
	for (i = 0; i < body.len; i++) {
		if (body.p[i] == '=')
			c->open.len = 0;
	}
	for (i = 0; i < c->close.len; i++) {
		if (is_space(c->close.p[i]))
			c->open.len = 0;
	}
	if (c->open.len == 0 || c->open.len > DELIMITER_MAX ||
	    c->close.len == 0 || c->close.len > DELIMITER_MAX)
		return fail(c, tag->line, "delimiters are set by "
		    "{{=OPEN CLOSE=}}, without blanks or \"=\" in them");
	return 0;
}

static int
close_section(struct compiler *c, const struct tag *tag)
{
	struct node *n;

	if (c->depth == 0)
		return fail(c, tag->line, "{{/%.*s}} closes nothing: no "
		    "section is open", SLICE_FMT(slice_sub(tag->body, 0, 40)));
	n = &c->m->node[c->section[--c->depth]];
	if (!slice_eq(n->text, tag->body))
		return fail(c, tag->line, "{{/%.*s}} where {{/%.*s}} was "
		    "expected, for the section of line %u",
		    SLICE_FMT(slice_sub(tag->body, 0, 40)),
		    SLICE_FMT(slice_sub(n->text, 0, 40)), n->line);
	n->end = c->m->count;
	return 0;
}

static int
open_section(struct compiler *c, const struct tag *tag, enum node_kind kind)
{
	if (c->depth == MUSTACHE_DEPTH_MAX)
		return fail(c, tag->line, "sections more than %d deep",
		    MUSTACHE_DEPTH_MAX);
	c->section[c->depth++] = c->m->count;
	node_add(c, kind, tag->body, tag->line);
	return 0;
}

/* Finds the next tag; 1, or 0 when there is none, or -1. */
static int
next_tag(struct compiler *c, struct tag *ret_tag)
{
	size_t start = find(c->src, c->at, c->open), body, end;
	char closer[DELIMITER_MAX + 1];
	struct slice close = c->close;
	unsigned line;
	char first;

	if (start == SIZE_MAX)
		return 0;
	line = c->line + count_lines(slice_sub(c->src, c->at, start));
	body = start + c->open.len;
	while (body < c->src.len && is_space(c->src.p[body]))
		body++;
	first = body < c->src.len ? c->src.p[body] : ' ';
	*ret_tag = (struct tag){ .start = start, .line = line,
		.sigil = sigil_find(first)->c };
	if (ret_tag->sigil != ' ')
		body++;
	if (ret_tag->sigil == '{') {
		closer[0] = '}';
		memcpy(closer + 1, c->close.p, c->close.len);
		close = slice_of(closer, c->close.len + 1);
	}
	end = find(c->src, body, close);
	if (end == SIZE_MAX)
		return fail(c, line, "the tag is never closed by \"%.*s\"",
		    SLICE_FMT(close));
	ret_tag->body = trim_space(slice_sub(c->src, body, end));
	ret_tag->end = end + close.len;
	return 1;
}

static int
add_tag(struct compiler *c, const struct tag *tag, struct slice indent)
{
	const struct sigil *sigil = sigil_find(tag->sigil);

	if (sigil->named && !is_name(tag->body))
		return fail(c, tag->line, "\"%.*s\" is no name: a name is "
		    "words without blanks, dots between them",
		    SLICE_FMT(slice_sub(tag->body, 0, 40)));
	switch (tag->sigil) {
	case '!':
		return 0;
	case '=':
		return set_delimiters(c, tag);
	case '/':
		return close_section(c, tag);
	case '#':
	case '^':
		return open_section(c, tag, sigil->kind);
	default:
		node_add(c, sigil->kind, tag->body, tag->line)->indent = indent;
		return 0;
	}
}

/* The text up to the tag, the tag, and its line if it stands alone. */
static int
compile_tag(struct compiler *c, const struct tag *tag)
{
	struct slice indent = { 0 };
	size_t start = tag->start, end = tag->end;
	bool alone = sigil_find(tag->sigil)->alone &&
	    is_alone(c, tag, &start, &end);

	if (alone) {
		indent = slice_sub(c->src, start, tag->start);
		/* The line is gone: nothing of it must mark a line's start. */
		if (start > c->at)
			add_text(c, start);
	} else {
		add_text(c, start);
		/* A line that begins with this tag: its start, marked. */
		if (c->line_start)
			add_text(c, start);
	}
	if (add_tag(c, tag, indent) < 0)
		return -1;
	c->line += count_lines(slice_sub(c->src, c->at, end));
	c->at = end;
	c->line_start = alone;
	return 0;
}

static int
compile(struct compiler *c)
{
	struct tag tag;
	int found;

	while ((found = next_tag(c, &tag)) > 0) {
		if (compile_tag(c, &tag) < 0)
			return -1;
	}
	if (found < 0)
		return -1;
	if (c->at < c->src.len)
		add_text(c, c->src.len);
	if (c->depth > 0) {
		const struct node *n = &c->m->node[c->section[c->depth - 1]];

		return fail(c, n->line, "the section \"%.*s\" is never closed: "
		    "{{/%.*s}} is missing",
		    SLICE_FMT(slice_sub(n->text, 0, 40)),
		    SLICE_FMT(slice_sub(n->text, 0, 40)));
	}
	return 0;
}

struct mustache *
mustache_compile(struct slice source, struct mustache_error *ret_error)
{
	struct mustache *m = MEM_NEW(struct mustache);
	struct compiler c = { .m = m, .line_start = true, .line = 1,
		.open = SLICE("{{"), .close = SLICE("}}"),
		.error = ret_error };

	m->source = slice_dup(source);
	m->len = source.len;
	c.src = slice_of(m->source, m->len);
	if (compile(&c) == 0)
		return m;
	mustache_free(m);
	return NULL;
}

void
mustache_free(struct mustache *m)
{
	if (m == NULL)
		return;
	free(m->node);
	free(m->source);
	free(m);
}

struct slice
mustache_source(const struct mustache *m)
{
	return slice_of(m->source, m->len);
}
