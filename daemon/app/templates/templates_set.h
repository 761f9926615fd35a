/* SPDX-License-Identifier: ISC */
/*
 * What a folder of templates became: shared by those who read it
 * (app/templates_load), check it (app/templates_check) and render from it
 * (app/templates) alone.
 */
#ifndef APP_TEMPLATES_SET_H
#define APP_TEMPLATES_SET_H

#include <stddef.h>

#include "app/templates/templates.h"
#include "base/buf.h"
#include "base/slice.h"

struct catalog;
struct files;
struct mustache;

struct template {
	char *name;		/* "page/confirm.html" */
	struct mustache *mustache;
};

struct language {
	char *name;		/* "pt-BR" */
	struct catalog *catalog;
	struct mustache *tag;	/* what {{t.lang}} says: its name */
};

struct asset_file {
	struct asset asset;
	char *name, *url_name, *content;	/* what asset borrows */
};

/* The shared files of a folder, or those that a list has of its own. */
struct templates {
	const struct templates *shared;	/* a list's: what it doesn't have */
	char *list;			/* whose they are; NULL: everybody's */
	struct templates **own;		/* of lists; of the shared alone */
	size_t own_count;
	struct template *template;
	size_t template_count;
	struct language *language;
	size_t language_count;
	struct asset_file *asset;
	size_t asset_count;
};

/* Exactly that one, a list's or else the shared; NULL: there is none. */
const struct template *templates_find(const struct templates *,
    struct slice name);
/* Of these files alone the catalogue of exactly that tag, or NULL. */
const struct language *templates_catalog(const struct templates *,
    struct slice tag);
/* {{> partial}} in the template of that name; NULL when there is none. */
const struct template *templates_partial(const struct templates *,
    const char *name, struct slice partial);
/* templates_text; -1 when it went too deep: it holds itself. */
int templates_try_text(const struct templates *, const char *key,
    const char *lang, const struct view *, struct buf *out);
/* "x" of "t.x"; empty when it is no name of a text. */
struct slice templates_text_key(struct slice name);

/* Fills the set from its folder; -1 after telling every mistake. */
int templates_read(struct templates *, struct files *, const char *folder,
    struct buf *errors);
/* What no file can know alone; -1 after telling every mistake. */
int templates_check(const struct templates *, const char *folder,
    struct buf *errors);

#endif
