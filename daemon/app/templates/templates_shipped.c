/* SPDX-License-Identifier: ISC */
/*
 * Finds the shipped templates beside the sources.
 */
#include "app/templates/templates_shipped.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"

const char *const shipped_languages[SHIPPED_LANGUAGES] = { "en", "de", "fr",
	"es" };

int
shipped_load(void **state)
{
	const char *source = getenv("ASSENT_SRCDIR");
	char *folder = mem_printf("%s/templates",
	    source != NULL ? source : ".");
	struct buf errors = { 0 };

	*state = templates_load(folder, &errors);
	if (*state == NULL)
		fputs(buf_str(&errors), stderr);
	buf_fini(&errors);
	free(folder);
	return *state != NULL ? 0 : -1;
}

int
shipped_unload(void **state)
{
	templates_free(*state);
	return 0;
}

size_t
shipped_width(struct slice s)
{
	size_t width = 0;

	for (size_t i = 0; i < s.len; i++)
		width += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return width;
}
