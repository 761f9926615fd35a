/* SPDX-License-Identifier: ISC */
/*
 * Reads the text and the lines, and fills the hole.
 */
#include "request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole file, with a NUL behind it; NULL: why is on stderr. */
static char *
read_file(const char *path, size_t *ret_size)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	size_t room = 0;
	ssize_t size = f == NULL ? -1 : getdelim(&text, &room, '\0', f);

	if (size < 0)
		perror(path);
	if (f != NULL)
		fclose(f);
	*ret_size = size < 0 ? 0 : (size_t)size;
	return size < 0 ? NULL : text;
}

static bool
load_lines(struct request *r, const char *path)
{
	size_t size, line = r->hole_size + 1;

	r->lines = read_file(path, &size);
	if (r->lines == NULL)
		return false;
	r->line_count = size / line;
	if (size % line == 0 && r->hole_size > 0)
		return true;
	fprintf(stderr, "%s: not all lines are as long as the hole\n", path);
	return false;
}

bool
request_load(struct request *r, const char *path, const char *lines,
    uint64_t first)
{
	const char *hole;

	*r = (struct request){ .text = read_file(path, &r->size) };
	if (r->text == NULL)
		return false;
	r->size = strlen(r->text);
	hole = strstr(r->text, "####");
	if (hole != NULL) {
		r->hole = (size_t)(hole - r->text);
		r->hole_size = strspn(hole, "#");
	}
	r->next = first;
	return lines == NULL || load_lines(r, lines);
}

uint64_t
request_limit(const struct request *r)
{
	return r->lines == NULL ? UINT64_MAX : r->line_count;
}

void
request_next(struct request *r)
{
	uint64_t number = r->next++;
	char *hole = r->text + r->hole;

	if (r->lines != NULL) {
		memcpy(hole, r->lines + (number % r->line_count) *
		    (r->hole_size + 1), r->hole_size);
		return;
	}
	for (size_t i = r->hole_size; i > 0; i--, number /= 10)
		hole[i - 1] = (char)('0' + number % 10);
}
