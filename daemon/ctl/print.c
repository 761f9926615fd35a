/* SPDX-License-Identifier: ISC */
/*
 * Columns are as wide as their widest cell, counted in characters.
 */
#include "ctl/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/param.h>

#include "base/escape.h"
#include "base/mem.h"
#include "io/json.h"

struct table {
	const char *const *heads;
	size_t columns;
	char **cells;		/* cleaned, owned; the heads first */
	size_t cell_count, cell_cap;
};

/* Characters of clean text. */
static size_t
width_of(const char *text)
{
	size_t width = 0;

	for (; *text != '\0'; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void
pad(size_t have, size_t width)
{
	for (; have < width; have++)
		putchar(' ');
}

void
print_clean(struct slice text, size_t width)
{
	struct buf clean = { 0 };

	escape_terminal(&clean, text);
	fputs(buf_str(&clean), stdout);
	pad(width_of(buf_str(&clean)), width);
	buf_fini(&clean);
}

static bool
is_right(const struct table *table, size_t column)
{
	return table->heads[column][0] == '>';
}

struct table *
table_new(const char *const *heads, size_t columns)
{
	struct table *table = MEM_NEW(struct table);

	table->heads = heads;
	table->columns = columns;
	for (size_t i = 0; i < columns; i++)
		table_add(table, slice_str(heads[i] + is_right(table, i)));
	return table;
}

void
table_add(struct table *table, struct slice text)
{
	struct buf clean = { 0 };

	if (table->cell_count == table->cell_cap) {
		table->cell_cap = table->cell_cap * 2 + 64;
		table->cells = mem_resize(table->cells, table->cell_cap,
		    sizeof(table->cells[0]));
	}
	escape_terminal(&clean, text.len > 0 ? text : slice_str("-"));
	table->cells[table->cell_count++] = buf_take(&clean);
}

void
table_add_number(struct table *table, int64_t number)
{
	struct buf text = { 0 };

	buf_printf(&text, "%lld", (long long)number);
	table_add(table, buf_slice(&text));
	buf_fini(&text);
}

void
table_add_member(struct table *table, const struct json *object,
    const char *name)
{
	const struct json *value = json_get(object, name);
	struct slice text = json_text(value);

	if (text.p != NULL || value == NULL)
		table_add(table, text);
	else
		table_add_number(table, json_number(value));
}

size_t
table_rows(const struct table *table)
{
	return table->cell_count / table->columns - 1;
}

static size_t
column_width(const struct table *table, size_t column)
{
	size_t width = 0;

	for (size_t i = column; i < table->cell_count; i += table->columns)
		width = MAX(width, width_of(table->cells[i]));
	return width;
}

static void
print_cell(const struct table *table, const char *cell, size_t column,
    size_t width)
{
	bool last = column + 1 == table->columns;

	if (is_right(table, column))
		pad(width_of(cell), width);
	fputs(cell, stdout);
	if (!last && !is_right(table, column))
		pad(width_of(cell), width);
	fputs(last ? "\n" : "  ", stdout);
}

void
table_print(struct table *table)
{
	size_t *widths = mem_new(table->columns, sizeof(*widths));
	size_t column = 0;

	for (size_t i = 0; i < table->columns; i++)
		widths[i] = column_width(table, i);
	for (size_t i = 0; i < table->cell_count; i++) {
		print_cell(table, table->cells[i], column, widths[column]);
		free(table->cells[i]);
		if (++column == table->columns)
			column = 0;
	}
	free(widths);
	free(table->cells);
	free(table);
}

void
print_add_duration(struct buf *out, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" },
		{ 1, "s" } };
	size_t i = 0;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	buf_printf(out, "%lld %s", (long long)(seconds / units[i].seconds),
	    units[i].name);
	seconds %= units[i].seconds;
	if (i < 3 && seconds >= units[i + 1].seconds)
		buf_printf(out, " %lld %s",
		    (long long)(seconds / units[i + 1].seconds),
		    units[i + 1].name);
}

void
print_add_size(struct buf *out, int64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB",
		"TiB" };
	int64_t unit = 1, tenths;
	size_t i = 0;

	for (; bytes / unit >= 1024 && i < 4; i++)
		unit *= 1024;
	tenths = bytes % unit * 10 / unit;
	buf_printf(out, "%lld", (long long)(bytes / unit));
	if (bytes / unit < 10 && tenths > 0)
		buf_printf(out, ".%d", (int)tenths);
	buf_printf(out, " %s", units[i]);
}
