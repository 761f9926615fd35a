/* SPDX-License-Identifier: ISC */
/*
 * What every body of a form is held against, whatever its type.
 */
#ifndef HTTP_PAIRS_H
#define HTTP_PAIRS_H

#include "base/slice.h"

/* Reads it; its pairs written as a query are read as the same pairs. */
void http_pairs_check(struct slice content_type, struct slice body);

#endif
