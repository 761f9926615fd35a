/* SPDX-License-Identifier: ISC */
/*
 * Writes listings, a row at a time.  CSV has a column for each field that the
 * config declares: of one list, or of all of them, where none is chosen.
 */
#include "app/admin/admin_listing.h"

#include "app/admin/admin_json.h"
#include "base/clock.h"
#include "core/config.h"
#include "io/json.h"

static void
add_no_header(struct buf *out, const struct config *config,
    const struct config_list *list)
{
	(void)out;
	(void)config;
	(void)list;
}

static void
add_json_row(struct buf *out, const struct config *config,
    const struct config_list *list, const Message__Subscription *s)
{
	struct json *row = admin_json_row(s, config->base_url);

	(void)list;
	json_write(row, out);
	json_free(row);
	buf_add_char(out, '\n');
}

void
listing_add_cell(struct buf *out, struct slice text)
{
	bool formula = text.len > 0 && memchr("=+-@\t\r", text.p[0], 6) != NULL;
	bool quoted = formula;

	for (size_t i = 0; i < text.len && !quoted; i++)
		quoted = memchr("\",\r\n", text.p[i], 4) != NULL;
	if (quoted)
		buf_add_char(out, '"');
	if (formula)
		buf_add_char(out, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"')
			buf_add_char(out, '"');
		buf_add_char(out, text.p[i]);
	}
	if (quoted)
		buf_add_char(out, '"');
}

static void
add_next(struct buf *out, const char *text)
{
	buf_add_char(out, ',');
	listing_add_cell(out, slice_str(text));
}

/* Did a list before this one declare a field of that name? */
static bool
was_declared(const struct config *config, size_t before, const char *name)
{
	for (size_t i = 0; i < before; i++) {
		const struct config_list *list = &config->lists[i];

		for (size_t j = 0; j < list->field_count; j++) {
			if (strcmp(list->fields[j].name, name) == 0)
				return true;
		}
	}
	return false;
}

static void
each_column(const struct config *config, const struct config_list *only,
    void (*on_column)(struct buf *out, const char *name, const void *arg),
    struct buf *out, const void *arg)
{
	for (size_t i = 0; i < config->list_count; i++) {
		const struct config_list *list = &config->lists[i];

		if (only != NULL && list != only)
			continue;
		for (size_t j = 0; j < list->field_count; j++) {
			const char *name = list->fields[j].name;

			if (only != NULL || !was_declared(config, i, name))
				on_column(out, name, arg);
		}
	}
}

static void
add_column_name(struct buf *out, const char *name, const void *arg)
{
	(void)arg;
	add_next(out, name);
}

static void
add_csv_header(struct buf *out, const struct config *config,
    const struct config_list *list)
{
	buf_add_str(out, "address,name,list,state,since,confirmed_at,tags");
	each_column(config, list, add_column_name, out, NULL);
	buf_add_str(out, ",unsubscribe_url\r\n");
}

static void
add_field(struct buf *out, const char *name, const void *arg)
{
	const Message__Subscription *s = arg;
	const char *value = "";

	for (size_t i = 0; i < s->n_fields; i++) {
		if (strcmp(s->fields[i]->name, name) == 0)
			value = s->fields[i]->value;
	}
	add_next(out, value);
}

static void
add_time(struct buf *out, int64_t wall_us)
{
	char text[CLOCK_RFC3339_SIZE] = "";

	if (wall_us != 0)
		clock_rfc3339(wall_us, text);
	add_next(out, text);
}

static void
add_csv_row(struct buf *out, const struct config *config,
    const struct config_list *list, const Message__Subscription *s)
{
	struct buf tags = { 0 };

	listing_add_cell(out, slice_str(s->address));
	add_next(out, s->name);
	add_next(out, s->list);
	add_next(out, s->state);
	add_time(out, s->since);
	add_time(out, s->confirmed_at);
	for (size_t i = 0; i < s->n_tags; i++)
		buf_printf(&tags, "%s%s", i > 0 ? "," : "", s->tags[i]);
	add_next(out, buf_str(&tags));
	buf_fini(&tags);
	each_column(config, list, add_field, out, s);
	buf_add_char(out, ',');
	if (s->unsubscribe_token[0] != '\0')
		buf_printf(out, "%s/unsubscribe/%s", config->base_url,
		    s->unsubscribe_token);
	buf_add_str(out, "\r\n");
}

static const struct listing_format formats[] = {
	{ "jsonl", "application/jsonl", add_no_header, add_json_row },
	{ "csv", "text/csv; charset=utf-8; header=present", add_csv_header,
	    add_csv_row },
};

const struct listing_format *
listing_format_find(const char *name)
{
	if (name[0] == '\0')
		return &formats[0];
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	}
	return NULL;
}
