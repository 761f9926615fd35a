/* SPDX-License-Identifier: ISC */
/*
 * Rendering a compiled template: walks its nodes with a stack of the values
 * that the open sections brought into sight.
 */
#include "core/mustache.h"

#include "base/escape.h"
#include "core/mustache_node.h"
#include "core/view_value.h"

/* Values in sight, innermost first. */
struct scope {
	const struct view *value;
	const struct scope *outer;
};

struct renderer {
	const struct mustache_world *world;
	struct buf *out;
	bool html;
	struct slice indent;	/* what stands before each template line */
	unsigned depth;
};

static int render_range(struct renderer *, const struct mustache *,
    size_t from, size_t to, const struct scope *);

static const struct view *
look_up(const struct scope *scope, struct slice name)
{
	const struct view *found = NULL;
	struct slice part;

	if (slice_eq_str(name, "."))
		return scope->value;
	slice_split(&name, '.', &part);
	for (; scope != NULL && found == NULL; scope = scope->outer)
		found = view_member(scope->value, part);
	/* Only the first part is looked for further out. */
	while (found != NULL && slice_split(&name, '.', &part))
		found = view_member(found, part);
	return found;
}

static void
put_value(struct renderer *r, struct slice text, bool escaped)
{
	if (escaped && r->html)
		escape_html(r->out, text);
	else
		buf_add_slice(r->out, text);
}

/* Literal text: indented at each line of the template that it begins. */
static void
put_text(struct renderer *r, const struct node *n)
{
	struct slice rest = n->text;
	bool start = n->line_start;

	if (r->indent.len == 0) {
		buf_add_slice(r->out, rest);
		return;
	}
	do {
		ptrdiff_t at = slice_find(rest, '\n');
		size_t len = at < 0 ? rest.len : (size_t)at + 1;

		if (start)
			buf_add_slice(r->out, r->indent);
		buf_add(r->out, rest.p, len);
		rest = slice_sub(rest, len, rest.len);
		start = true;
	} while (rest.len > 0);
}

/* A whole other template, with the same things in sight. */
static int
render_other(struct renderer *r, const struct mustache *m,
    const struct scope *scope)
{
	if (m == NULL)
		return 0;
	return render_range(r, m, 0, m->count, scope);
}

static int
render_partial(struct renderer *r, const struct node *n,
    const struct scope *scope)
{
	struct slice before = r->indent;
	struct buf indent = { 0 };
	int status;

	if (r->world->partial == NULL)
		return 0;
	if (n->indent.len > 0)
		buf_add_slice(&indent, before);
	buf_add_slice(&indent, n->indent);
	r->indent = buf_slice(&indent);
	status = render_other(r, r->world->partial(r->world->arg, n->text),
	    scope);
	r->indent = before;
	buf_fini(&indent);
	return status;
}

static int
render_value(struct renderer *r, const struct node *n,
    const struct scope *scope)
{
	bool escaped = n->kind == NODE_ESCAPED;
	const struct mustache *text = NULL;
	const struct view *value;
	struct renderer plain = *r;
	struct buf words = { 0 };
	int status;

	if (r->world->text != NULL)
		text = r->world->text(r->world->arg, n->text);
	if (text == NULL) {
		value = look_up(scope, n->text);
		if (value != NULL)
			put_value(r, view_text(value), escaped);
		return 0;
	}
	plain.out = &words;
	plain.html = false;
	plain.indent = slice_of(NULL, 0);
	status = render_other(&plain, text, scope);
	put_value(r, buf_slice(&words), escaped);
	buf_fini(&words);
	return status;
}

static int
render_section(struct renderer *r, const struct mustache *m, size_t i,
    const struct scope *scope)
{
	const struct node *n = &m->node[i];
	const struct view *value = look_up(scope, n->text);
	bool truth = value != NULL && view_is_true(value);
	struct scope inner = { value, scope };
	size_t count;

	if (n->kind == NODE_INVERTED)
		return truth ? 0 : render_range(r, m, i + 1, n->end, scope);
	if (!truth)
		return 0;
	if (view_kind(value) != VIEW_LIST)
		return render_range(r, m, i + 1, n->end, &inner);
	count = view_item_count(value);
	for (size_t k = 0; k < count; k++) {
		inner.value = view_item(value, k);
		if (render_range(r, m, i + 1, n->end, &inner) < 0)
			return -1;
	}
	return 0;
}

/* Nodes from..to; deeper calls only through here, so depth is bounded. */
static int
render_range(struct renderer *r, const struct mustache *m, size_t from,
    size_t to, const struct scope *scope)
{
	int status = 0;

	if (++r->depth > MUSTACHE_DEPTH_MAX)
		status = -1;
	for (size_t i = from; i < to && status == 0; i++) {
		const struct node *n = &m->node[i];

		switch (n->kind) {
		case NODE_TEXT:
			put_text(r, n);
			break;
		case NODE_ESCAPED:
		case NODE_RAW:
			status = render_value(r, n, scope);
			break;
		case NODE_SECTION:
		case NODE_INVERTED:
			status = render_section(r, m, i, scope);
			i = n->end - 1;
			break;
		case NODE_PARTIAL:
			status = render_partial(r, n, scope);
			break;
		}
	}
	r->depth--;
	return status;
}

int
mustache_render(const struct mustache *m, const struct view *view,
    const struct mustache_world *world, struct buf *out)
{
	struct renderer r = { .world = world, .out = out,
		.html = world->html };
	struct scope root = { view, NULL };

	return render_other(&r, m, &root);
}

static enum mustache_tag
tag_of(enum node_kind kind)
{
	if (kind == NODE_PARTIAL)
		return MUSTACHE_PARTIAL;
	if (kind == NODE_SECTION || kind == NODE_INVERTED)
		return MUSTACHE_SECTION;
	return MUSTACHE_VALUE;
}

void
mustache_each_tag(const struct mustache *m,
    void (*on_tag)(enum mustache_tag, struct slice name, unsigned line,
    void *arg), void *arg)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct node *n = &m->node[i];

		if (n->kind != NODE_TEXT)
			on_tag(tag_of(n->kind), n->text, n->line, arg);
	}
}
