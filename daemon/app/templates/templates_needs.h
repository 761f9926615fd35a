/* SPDX-License-Identifier: ISC */
/*
 * What the program asks of a template folder, and what it gives the templates:
 * tables, each of which ends in NULL.  Of mails, app/mail_kind.h has the same.
 */
#ifndef APP_TEMPLATES_NEEDS_H
#define APP_TEMPLATES_NEEDS_H

/* What it asks for: templates, keys of texts, and assets. */
extern const char *const templates_needed_files[];
extern const char *const templates_needed_texts[];
extern const char *const templates_needed_assets[];

/* All that templates and texts are given: their README says what by what. */
extern const char *const templates_known_names[];

/* What must be seen in a page, or it would be of no use. */
struct templates_shown {
	const char *template, *member;
};

extern const struct templates_shown templates_shown[];

#endif
