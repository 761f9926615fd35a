/* SPDX-License-Identifier: ISC */
/*
 * A config file's syntax, on libConfuse: keys with values, lists and
 * sections, each with its line.  All values are texts; what they mean is the
 * caller's business.  No include, no environment variables.
 */
#ifndef IO_CONF_H
#define IO_CONF_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct conf;
struct conf_section;
struct files;

enum conf_shape {
	CONF_VALUE,		/* key = value */
	CONF_LIST,		/* key = { value, … } */
	CONF_SECTION,		/* key { … }, once */
	CONF_TITLED,		/* key "title" { … }, any number */
};

/* One of a section's keys; a table of them ends with a NULL name. */
struct conf_key {
	const char *name;
	enum conf_shape shape;
	const struct conf_key *keys;	/* of a section */
	const void *rule;		/* the caller's own */
};

/* What is wrong where; line 0: nowhere in particular.  Zero-initialise it. */
struct conf_notes {
	struct conf_note *note;
	size_t count;
};
void conf_note(struct conf_notes *, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * Writes "PATH:LINE: text" lines, by line, harmless to a terminal, and frees
 * the notes.
 */
void conf_notes_write(struct conf_notes *, const char *path,
    const char *prefix, struct buf *out);

/*
 * Reads a file.  Unknown keys, doubles and mistakes of syntax become notes;
 * what could be read in spite of them is returned, owned, NULL if nothing.
 * *ret_whole tells that the syntax was sound to the end.
 */
struct conf *conf_read(struct files *, const char *path,
    const struct conf_key *keys, struct conf_notes *notes, bool *ret_whole);
void conf_free(struct conf *);

/* All borrowed from the conf. */
const struct conf_section *conf_root(const struct conf *);
/* How many values, or sections, of that key there are. */
size_t conf_count(const struct conf_section *, const char *key);
/* The i-th value, and its line. */
const char *conf_text(const struct conf_section *, const char *key, size_t i,
    unsigned *ret_line);
const struct conf_section *conf_child(const struct conf_section *,
    const char *key, size_t i);
/* The line on which a section starts; 0 for the root. */
unsigned conf_line(const struct conf_section *);
/* NULL when it has none. */
const char *conf_title(const struct conf_section *);

/* The library's version. */
const char *conf_version(void);

#endif
