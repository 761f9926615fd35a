/* SPDX-License-Identifier: ISC */
/*
 * What a visitor's browser does with a challenge page, for tests.
 */
#ifndef APP_WEB_VISITOR_H
#define APP_WEB_VISITOR_H

/* Each is owned. */

/* The page's hidden fields, as they would be posted; but `altcha`. */
char *visitor_form(const char *page);
/* The value of an attribute of the page's, "data-challenge"; or NULL. */
char *visitor_attribute(const char *page, const char *name);
/* What a widget posts once it has solved that challenge (JSON). */
char *visitor_solve(const char *challenge);
/* The same of a page's challenge, as a pair to add to its form. */
char *visitor_solution(const char *page);
/* Base64 of a text. */
char *visitor_base64(const char *text);

#endif
