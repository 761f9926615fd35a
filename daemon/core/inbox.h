/* SPDX-License-Identifier: ISC */
/*
 * Where the owners of addresses read their mail: the webmail of large
 * providers, by domain.  Nobody is asked, so none is known of other domains.
 */
#ifndef CORE_INBOX_H
#define CORE_INBOX_H

#include "base/buf.h"
#include "base/slice.h"

struct inbox {
	const char *key;	/* for URLs: "gmail" */
	const char *name;	/* as its owner calls it: "Gmail" */
};

/* That of a lowercase domain; NULL: none that is known. */
const struct inbox *inbox_of_domain(struct slice domain);
/* That of a key; NULL: there is none. */
const struct inbox *inbox_by_key(struct slice key);
/*
 * Adds its URL; where that can be said, with what `sender` wrote in view, the
 * spam folder included.
 */
void inbox_add_url(const struct inbox *, const char *sender,
    struct buf *out);

#endif
