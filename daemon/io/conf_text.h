/* SPDX-License-Identifier: ISC */
/*
 * The text of a config file before libConfuse sees it.  For conf.c alone.
 */
#ifndef IO_CONF_TEXT_H
#define IO_CONF_TEXT_H

#include "base/slice.h"

struct conf_notes;
struct files;

/* Owned; NULL after a note: it can't be read, or isn't text. */
char *conf_text_read(struct files *, const char *path,
    struct conf_notes *notes);
/*
 * Blanks comments, so that lines are counted right, and notes what the
 * library would take silently: a ';', an environment variable.  -1 if noted.
 */
int conf_text_clean(char *text, struct conf_notes *notes);
/*
 * Blanks the statement that starts with that word on that line: 0, or 1 when
 * it is that word alone; -1 when it isn't found.
 */
int conf_text_drop(char *text, unsigned line, const char *word);
/* The last line, up to that one, that holds the word; else that one. */
unsigned conf_text_last(const char *text, unsigned line, struct slice word);

#endif
