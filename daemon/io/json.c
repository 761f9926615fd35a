/* SPDX-License-Identifier: ISC */
/*
 * The only file that knows Jansson: a struct json is its json_t.  Jansson's
 * own bound on nesting is 2048 levels of recursion, so depth is counted here
 * before it sees a text.
 */
#include "io/json.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "base/mem.h"
#include "base/utf8.h"

static json_t *
of(const struct json *value)
{
	union {
		const struct json *ours;
		json_t *theirs;
	} u = { .ours = value };	/* json_t's counts aren't const */

	return u.theirs;
}

static struct json *
made(json_t *value)
{
	if (value == NULL)
		mem_die();
	return (struct json *)value;
}

static void *
allocate(size_t size)
{
	return mem_new(1, size);
}

void
json_start(void)
{
	json_object_seed(0);
	/* Without memory Jansson reads on, and leaves out a character. */
	json_set_alloc_funcs(allocate, free);
}

struct json *
json_new_object(void)
{
	return made(json_object());
}

struct json *
json_new_array(void)
{
	return made(json_array());
}

void
json_free(struct json *value)
{
	json_decref(of(value));
}

/* A string value; what isn't UTF-8 is replaced, byte by byte. */
static json_t *
text_new(struct slice text)
{
	struct buf fixed = { 0 };
	json_t *value;

	if (text.len == 0)
		return json_string("");
	value = json_stringn(text.p, text.len);
	if (value != NULL)
		return value;
	while (text.len > 0) {
		uint32_t c;
		size_t len = utf8_next(text, &c);

		if (len == 0)
			buf_add_str(&fixed, "\xef\xbf\xbd");
		else
			buf_add(&fixed, text.p, len);
		text = slice_sub(text, len == 0 ? 1 : len, text.len);
	}
	value = json_stringn(fixed.p, fixed.len);
	buf_fini(&fixed);
	return value;
}

static void
put(struct json *object, const char *name, json_t *value)
{
	if (json_object_set_new(of(object), name, value) != 0)
		mem_die();
}

void
json_put_text(struct json *object, const char *name, struct slice text)
{
	put(object, name, text_new(text));
}

void
json_put_number(struct json *object, const char *name, int64_t number)
{
	put(object, name, json_integer(number));
}

void
json_put_bool(struct json *object, const char *name, bool value)
{
	put(object, name, json_boolean(value));
}

void
json_put_null(struct json *object, const char *name)
{
	put(object, name, json_null());
}

void
json_put(struct json *object, const char *name, struct json *value)
{
	put(object, name, of(value));
}

void
json_append_text(struct json *array, struct slice text)
{
	json_append(array, made(text_new(text)));
}

void
json_append(struct json *array, struct json *value)
{
	if (json_array_append_new(of(array), of(value)) != 0)
		mem_die();
}

static int
on_dump(const char *p, size_t len, void *arg)
{
	buf_add(arg, p, len);
	return 0;
}

void
json_write(const struct json *value, struct buf *out)
{
	if (json_dump_callback(of(value), on_dump, out,
	    JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		buf_fail(out);
}

void
json_write_pretty(const struct json *value, struct buf *out)
{
	if (json_dump_callback(of(value), on_dump, out,
	    JSON_INDENT(2) | JSON_ENCODE_ANY) != 0)
		buf_fail(out);
	buf_add_char(out, '\n');
}

/* Is no bracket outside of strings nested deeper than that? */
static bool
is_shallow(struct slice text, size_t max)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '[') && ++depth > max)
			return false;
		else if (!quoted && (c == '}' || c == ']') && depth > 0)
			depth--;
	}
	return true;
}

static struct json *
read_bounded(struct slice text, size_t depth)
{
	if (text.len == 0 || !is_shallow(text, depth))
		return NULL;
	return (struct json *)json_loadb(text.p, text.len,
	    JSON_REJECT_DUPLICATES, NULL);
}

struct json *
json_read(struct slice text)
{
	return read_bounded(text, JSON_DEPTH);
}

const struct json *
json_get(const struct json *object, const char *name)
{
	return (const struct json *)json_object_get(of(object), name);
}

size_t
json_member_count(const struct json *object)
{
	return json_object_size(of(object));
}

size_t
json_count(const struct json *array)
{
	return json_array_size(of(array));
}

const struct json *
json_at(const struct json *array, size_t i)
{
	return (const struct json *)json_array_get(of(array), i);
}

struct slice
json_text(const struct json *value)
{
	if (!json_is_string(of(value)))
		return (struct slice){ 0 };
	return slice_of(json_string_value(of(value)),
	    json_string_length(of(value)));
}

int64_t
json_number(const struct json *value)
{
	return json_integer_value(of(value));
}

bool
json_is_whole(const struct json *value)
{
	return of(value) != NULL && json_typeof(of(value)) == JSON_INTEGER;
}

bool
json_truth(const struct json *value)
{
	return of(value) != NULL && json_typeof(of(value)) == JSON_TRUE;
}

void
json_each(const struct json *object,
    void (*on_member)(const char *name, const struct json *value, void *arg),
    void *arg)
{
	const char *name;
	json_t *value;

	json_object_foreach(of(object), name, value)
		on_member(name, (const struct json *)value, arg);
}

/* The fewest digits that give the same number again. */
static void
add_real(double number, struct buf *out)
{
	char text[32];

	for (int digits = 1; digits <= 17; digits++) {
		(void)snprintf(text, sizeof(text), "%.*g", digits, number);
		if (strtod(text, NULL) == number)
			break;
	}
	buf_add_str(out, text);
}

void
json_add_plain(const struct json *value, struct buf *out)
{
	if (json_is_string(of(value)))
		buf_add_slice(out, json_text(value));
	else if (json_is_real(of(value)))
		add_real(json_real_value(of(value)), out);
	else if (value != NULL)
		json_write(value, out);
}

struct flattening {
	void (*on_pair)(struct slice name, struct slice value, void *arg);
	void *arg;
	struct buf name;	/* of the value at hand */
};

static void flatten(struct flattening *, json_t *value);

static void
flatten_object(struct flattening *f, json_t *object)
{
	size_t outer = f->name.len;
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		f->name.len = outer;
		buf_printf(&f->name, outer == 0 ? "%s" : "[%s]", name);
		flatten(f, value);
	}
	f->name.len = outer;
}

static void
flatten(struct flattening *f, json_t *value)
{
	struct buf plain = { 0 };

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		flatten_object(f, value);
		break;
	case JSON_ARRAY:
		for (size_t i = 0; i < json_array_size(value); i++)
			flatten(f, json_array_get(value, i));
		break;
	case JSON_STRING:
	case JSON_INTEGER:
	case JSON_REAL:
	case JSON_TRUE:
	case JSON_FALSE:
		json_add_plain((const struct json *)value, &plain);
		f->on_pair(buf_slice(&f->name), buf_slice(&plain), f->arg);
		break;
	case JSON_NULL:
		break;
	}
	buf_fini(&plain);
}

int
json_flatten(struct slice text,
    void (*on_pair)(struct slice name, struct slice value, void *arg),
    void *arg)
{
	struct flattening f = { .on_pair = on_pair, .arg = arg };
	struct json *value = read_bounded(text, JSON_FLATTEN_DEPTH);

	if (value == NULL || !json_is_object(of(value))) {
		json_free(value);
		return -1;
	}
	flatten(&f, of(value));
	buf_fini(&f.name);
	json_free(value);
	return 0;
}

const char *
json_version(void)
{
	return jansson_version_str();
}
