/* SPDX-License-Identifier: ISC */
/*
 * A slice borrows bytes: a pointer and a length, no NUL promised.  It is a
 * plain value, passed by value; whoever made the bytes keeps them.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
	const char *p;
	size_t len;
};

/* A slice of a string literal, usable in static tables. */
#define SLICE(literal) { (literal), sizeof(literal) - 1 }
/* For printf's "%.*s". */
#define SLICE_FMT(s) (int)(s).len, (s).p

static inline struct slice
slice_of(const void *p, size_t len)
{
	return (struct slice){ (const char *)p, len };
}

/* NULL gives the empty slice. */
static inline struct slice
slice_str(const char *s)
{
	return (struct slice){ s, s != NULL ? strlen(s) : 0 };
}

static inline bool
slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len &&
	    (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static inline bool
slice_eq_str(struct slice a, const char *b)
{
	return slice_eq(a, slice_str(b));
}

/* ASCII case ignored. */
bool slice_ieq(struct slice a, struct slice b);

static inline bool
slice_ieq_str(struct slice a, const char *b)
{
	struct slice other = slice_str(b);

	return a.len == other.len && slice_ieq(a, other);
}

bool slice_starts(struct slice s, const char *prefix);
bool slice_ends(struct slice s, const char *suffix);
/* As memcmp, shorter first. */
int slice_cmp(struct slice a, struct slice b);
/* Index of the first (last) c, or -1. */
ptrdiff_t slice_find(struct slice s, char c);
ptrdiff_t slice_rfind(struct slice s, char c);
/* From start to end, both clipped to the slice. */
struct slice slice_sub(struct slice s, size_t start, size_t end);
/* Without SP and HTAB at both ends. */
struct slice slice_trim(struct slice s);
/*
 * Takes the part before the first sep off *rest and puts it into *ret_part;
 * false when *rest was used up (rest->p is NULL then).
 */
bool slice_split(struct slice *rest, char sep, struct slice *ret_part);
/* Is it one of those words, which stand with a blank between them? */
bool slice_has_word(struct slice words, const char *word);
/* Owned, NUL-terminated copy. */
char *slice_dup(struct slice s);

#endif
