/* SPDX-License-Identifier: ISC */
/*
 * JSON (RFC 8259), on Jansson: values that are built and written, and a
 * strict reader.  Members keep their order.
 */
#ifndef IO_JSON_H
#define IO_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

struct json;

/* Nesting that the reader takes; flattening takes JSON_FLATTEN_DEPTH. */
enum { JSON_DEPTH = 16, JSON_FLATTEN_DEPTH = 4 };

/*
 * Takes its random seed, for this process and those it forks: later a process
 * may not be able to open anything.  And its memory comes from base/mem.
 */
void json_start(void);

/* Owned: give it to json_free, or to a json_put or json_append. */
struct json *json_new_object(void);
struct json *json_new_array(void);
void json_free(struct json *);

/*
 * Members of an object; one of that name takes the former's place.  Bytes
 * that aren't UTF-8 become U+FFFD.
 */
void json_put_text(struct json *object, const char *name, struct slice text);
void json_put_number(struct json *object, const char *name, int64_t number);
void json_put_bool(struct json *object, const char *name, bool value);
void json_put_null(struct json *object, const char *name);
/* Takes the value. */
void json_put(struct json *object, const char *name, struct json *value);
/* Elements of an array, in the same way. */
void json_append_text(struct json *array, struct slice text);
void json_append(struct json *array, struct json *value);

/* Appends the value, on one line without an end of line. */
void json_write(const struct json *, struct buf *out);
/* The same for people: indented, a line for each member. */
void json_write_pretty(const struct json *, struct buf *out);

/*
 * The whole text as one object or array: UTF-8, no member twice, no NUL, no
 * deeper than JSON_DEPTH.  Owned; NULL when it isn't that.
 */
struct json *json_read(struct slice text);
/* Parts of what was read, borrowed; each of these takes NULL. */
const struct json *json_get(const struct json *object, const char *name);
size_t json_member_count(const struct json *object);
size_t json_count(const struct json *array);
const struct json *json_at(const struct json *array, size_t i);
/* p == NULL when it is no string. */
struct slice json_text(const struct json *);
/* 0 when it is no whole number. */
int64_t json_number(const struct json *);
bool json_is_whole(const struct json *);
bool json_truth(const struct json *);
/* Calls on_member for each member, in order. */
void json_each(const struct json *object,
    void (*on_member)(const char *name, const struct json *value, void *arg),
    void *arg);
/* A value as text: strings as they are, all else as JSON. */
void json_add_plain(const struct json *, struct buf *out);

/*
 * Reads an object as a form's name and value pairs: strings, numbers (in
 * their shortest form) and booleans are values; an array gives its name once
 * an element; an object `a` gives "a[b]" names; null is absent.  Names and
 * values are borrowed for the call and hold no NUL.  -1, before the first
 * call, when it isn't an object or is nested deeper than JSON_FLATTEN_DEPTH.
 */
int json_flatten(struct slice text,
    void (*on_pair)(struct slice name, struct slice value, void *arg),
    void *arg);

/* The library's version. */
const char *json_version(void);

#endif
