/* SPDX-License-Identifier: ISC */
/*
 * All templates and catalogues of a folder, read and compiled once by the
 * parent:
 *   page/NAME.html, mail/NAME.txt, mail/NAME.html   Mustache templates; those
 *       whose NAME starts with "_" are partials, {{> _layout}} and so on
 *   lang/XX     a catalogue: `key = text` lines; a text may hold {{…}} of its
 *       own.  In templates {{t.key}} is the text in the page's language,
 *       English where that language lacks it
 *   assets/NAME served as they are
 *   list/LIST/… the same four folders, with what that list has of its own:
 *       each file in the place of the shared one, each text too
 */
#ifndef APP_TEMPLATES_H
#define APP_TEMPLATES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

struct config;
struct files;
struct view;
struct templates;

/*
 * Owned; NULL after adding every mistake to `errors`, one "FILE:LINE: …" a
 * line: syntax, unknown partials, unknown {{t.key}}, a page or mail that the
 * program needs and that isn't there.
 */
struct templates *templates_load(const char *folder, struct buf *errors);
/* The same from files that are kept. */
struct templates *templates_load_from(struct files *, const char *folder,
    struct buf *errors);
void templates_free(struct templates *);
/*
 * Adds what is legal but unwise, one "FILE:LINE: warning: …" a line: files for
 * a list that isn't configured.
 */
void templates_warn(const struct templates *, const struct config *,
    struct buf *warnings);

/*
 * As that list sees them: its own files first.  Borrowed; the shared ones when
 * it has none of its own, or for NULL.
 */
const struct templates *templates_of_list(const struct templates *,
    const char *list);

/*
 * Renders "page/confirm.html", "mail/welcome.txt" …; HTML-escapes if the name
 * ends in ".html".  -1 when there is no such template (a bug of ours).
 */
int templates_render(const struct templates *, const char *name,
    const char *lang, const struct view *, struct buf *out);
/* The member `controller`: who answers for the data. */
void templates_set_controller(const struct config *, struct view *);
/* One catalogue text, rendered against the view, unescaped. */
void templates_text(const struct templates *, const char *key,
    const char *lang, const struct view *, struct buf *out);
/* "23 November 2026, 05:32 UTC", as the language says it. */
void templates_date(const struct templates *, const char *lang,
    int64_t wall_us, struct buf *out);
/*
 * All that a template is made of, for the ledger: its source, those of its
 * partials, and its texts in that language.  Nothing when it is unknown.
 */
void templates_source(const struct templates *, const char *name,
    const char *lang, struct buf *out);

/* Is there a catalogue of exactly that language? */
bool templates_has_lang(const struct templates *, struct slice lang);
/* The language that serves a tag: its own, a wider one, or "en". Borrowed. */
const char *templates_lang(const struct templates *, const char *tag);
/* Calls back for each language that there is a catalogue of, once. */
void templates_each_lang(const struct templates *,
    void (*on_lang)(const char *lang, void *arg), void *arg);

/* One file of assets/. */
struct asset {
	const char *name;	/* "style.css" */
	const char *url_name;	/* "style-1a2b3c4d5e6f.css": by its hash */
	const char *type;	/* "text/css; charset=utf-8" */
	struct slice content;
};
/* By name, or any list's by url_name; NULL when there is none. */
const struct asset *templates_asset(const struct templates *,
    struct slice name);

#endif
