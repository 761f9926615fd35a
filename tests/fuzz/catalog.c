/* SPDX-License-Identifier: ISC */
/*
 * A catalogue of texts: either all of it was understood, or each mistake has
 * a line.
 */
#include "core/catalog.h"

#include "core/mustache.h"
#include "fuzz.h"

static void
on_text(struct slice key, const struct mustache *text, unsigned line,
    void *arg)
{
	const struct catalog *const *catalog = arg;

	MUST(key.len > 0 && line > 0);
	MUST(catalog_text(*catalog, key) == text);
	MUST(mustache_source(text).len == 0 ||
	    slice_find(mustache_source(text), '\n') < 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf errors = { 0 };
	const struct catalog *borrowed;
	struct catalog *catalog = catalog_parse(slice_of(data, size), "xx",
	    &errors);

	MUST((catalog == NULL) == (errors.len > 0));
	if (catalog == NULL) {
		MUST(slice_starts(buf_slice(&errors), "xx:"));
		MUST(slice_ends(buf_slice(&errors), "\n"));
	} else {
		borrowed = catalog;
		catalog_each(catalog, on_text, &borrowed);
		catalog_free(catalog);
	}
	buf_fini(&errors);
	return 0;
}
