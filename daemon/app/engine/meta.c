/* SPDX-License-Identifier: ISC */
/*
 * What the engine knows of itself between two lives.
 */
#include "app/engine/meta.h"

#include <stdlib.h>

#include "app/engine/carry.h"
#include "app/engine/compact.h"
#include "app/engine/engine.h"
#include "app/engine/mail_text.h"
#include "app/engine/recover.h"
#include "app/engine/rows.h"
#include "app/engine/wall.h"
#include "app/engine/watch.h"
#include "base/crypto.h"
#include "base/mem.h"

enum meta_row { META_SCHEMA, META_LISTS, META_PROGRESS, META_ROWS };

static const struct {
	const char *key;
	const ProtobufCMessageDescriptor *type;
} meta_rows[] = {
	[META_SCHEMA] = { "schema", &record__schema__descriptor },
	[META_LISTS] = { "lists", &record__lists__descriptor },
	[META_PROGRESS] = { "progress", &record__progress__descriptor },
};
_Static_assert(sizeof(meta_rows) / sizeof(meta_rows[0]) == META_ROWS,
    "each row has a key");

static void *
meta_get(struct turn *turn, enum meta_row row)
{
	return rows_get(turn, STORE_META, rows_key_meta(meta_rows[row].key),
	    meta_rows[row].type);
}

static void
meta_put(struct turn *turn, enum meta_row row, const ProtobufCMessage *record)
{
	rows_put(turn, STORE_META, rows_key_meta(meta_rows[row].key), record);
}

/*
 * Without its numbers an old database would give them out a second time, and
 * without its schema take any secret: nothing is better than that.
 */
static bool
meta_is_whole(struct turn *turn)
{
	struct engine *e = turn->engine;

	for (int i = 0; i < META_ROWS; i++) {
		if (!rows_is_damaged(turn, STORE_META,
		    rows_key_meta(meta_rows[i].key),
		    meta_get(turn, (enum meta_row)i)))
			continue;
		engine_fail(e, "%s: the database is damaged (meta %s): "
		    "restore a backup of it", e->config->database,
		    meta_rows[i].key);
		return false;
	}
	return true;
}

void
meta_text_hash(const char *text, uint8_t ret_hash[32])
{
	crypto_hash(slice_str(text), ret_hash);
}

void
meta_gather_text(struct turn *turn, const char *text, uint8_t ret_hash[32])
{
	meta_text_hash(text, ret_hash);
	(void)rows_exists(turn, STORE_TEXT, rows_key_bytes(ret_hash, 32));
}

void
meta_put_text(struct turn *turn, const char *text)
{
	Record__Text record;
	uint8_t hash[32];

	meta_text_hash(text, hash);
	if (rows_exists(turn, STORE_TEXT, rows_key_bytes(hash, 32)))
		return;
	record__text__init(&record);
	record.content = turn_text(turn, text);
	rows_put(turn, STORE_TEXT, rows_key_bytes(hash, 32), &record.base);
}

void
meta_gather_config(struct turn *turn, const struct config *config,
    struct mail_texts *texts)
{
	uint8_t hash[32];

	for (size_t i = 0; i < config->list_count; i++)
		meta_gather_text(turn, config->lists[i].consent, hash);
	mail_texts_gather(turn, texts);
}

static void
start_gather(struct turn *turn, struct op *op)
{
	struct engine *e = turn->engine;

	(void)op;
	for (int i = 0; i < META_ROWS; i++)
		(void)meta_get(turn, (enum meta_row)i);
	if (e->mail_texts == NULL)
		e->mail_texts = mail_texts_new(e->config, e->templates);
	meta_gather_config(turn, e->config, e->mail_texts);
	watch_gather(turn);
	compact_gather(turn);
}

/* A new database gets both; an old one must have just these. */
static bool
check_schema(struct turn *turn)
{
	struct engine *e = turn->engine;
	Record__Schema *schema = meta_get(turn, META_SCHEMA), fresh;
	uint8_t check[CRYPTO_HASH_SIZE];

	secret_check(e->secret, check);
	if (schema == NULL) {
		record__schema__init(&fresh);
		fresh.version = ENGINE_SCHEMA;
		fresh.secret_check = (ProtobufCBinaryData){ sizeof(check),
			check };
		meta_put(turn, META_SCHEMA, &fresh.base);
		return true;
	}
	if (schema->version != ENGINE_SCHEMA) {
		engine_fail(e, "%s: the database has schema %u and this "
		    "version knows %d: run the assentd that wrote it, or a "
		    "newer one", e->config->database, schema->version,
		    ENGINE_SCHEMA);
		return false;
	}
	if (schema->secret_check.len != sizeof(check) ||
	    !crypto_equal(schema->secret_check.data, check, sizeof(check))) {
		engine_fail(e, "%s: the database belongs to another secret "
		    "than %s: restore the secret file it was made with",
		    e->config->database, e->config->secret_file);
		return false;
	}
	return true;
}

static struct engine_list *
add_list(struct engine *e, uint32_t id, const char *name, const char *title)
{
	struct engine_list *l;

	e->lists = mem_resize(e->lists, e->list_count + 1, sizeof(*e->lists));
	e->counts = mem_resize(e->counts, e->list_count + 1,
	    sizeof(*e->counts));
	l = &e->lists[e->list_count];
	*l = (struct engine_list){ .id = id, .name = mem_strdup(name),
		.title = mem_strdup(title) };
	e->counts[e->list_count].confirmed = 0;
	e->counts[e->list_count].unsubscribed = 0;
	e->list_count++;
	return l;
}

static void
read_lists(struct turn *turn)
{
	struct engine *e = turn->engine;
	Record__Lists *known = meta_get(turn, META_LISTS);

	for (size_t i = 0; known != NULL && i < known->n_lists; i++) {
		const Record__Lists__Entry *entry = known->lists[i];

		add_list(e, entry->id, entry->name, entry->title);
		e->counts[i].confirmed = entry->confirmed;
		e->counts[i].unsubscribed = entry->unsubscribed;
	}
}

/* The list of that name; one that is new gets the next number. */
static struct engine_list *
list_for(struct engine *e, const struct config_list *c)
{
	uint32_t last = 0;

	for (size_t i = 0; i < e->list_count; i++) {
		if (strcmp(e->lists[i].name, c->name) == 0)
			return &e->lists[i];
		if (e->lists[i].id > last)
			last = e->lists[i].id;
	}
	return add_list(e, last + 1, c->name, c->title);
}

void
meta_take_config(struct turn *turn, const struct config *config,
    const struct mail_texts *texts)
{
	struct engine *e = turn->engine;

	for (size_t i = 0; i < e->list_count; i++)
		e->lists[i].config = NULL;
	for (size_t i = 0; i < config->list_count; i++) {
		const struct config_list *c = &config->lists[i];
		struct engine_list *l = list_for(e, c);

		l->config = c;
		free(l->title);
		l->title = mem_strdup(c->title);
		meta_text_hash(c->consent, l->consent);
		meta_put_text(turn, c->consent);
	}
	e->counts_changed = true;
	mail_texts_put(turn, texts);
}

static void
read_progress(struct turn *turn)
{
	struct engine_progress *p = &turn->engine->progress;
	Record__Progress *known = meta_get(turn, META_PROGRESS);

	*p = (struct engine_progress){ 1, 1, 1, 1, 1, 0, 0, false };
	if (known == NULL)
		return;
	p->next_request = known->next_request;
	p->next_contact = known->next_contact;
	p->next_outbox = known->next_outbox;
	p->next_event = known->next_event;
	p->worked = known->worked;
	p->waiting = known->waiting;
	p->seen = known->seen;
}

static void
start_apply(struct turn *turn, struct op *op)
{
	const struct engine *e = turn->engine;

	(void)op;
	if (!meta_is_whole(turn) || !check_schema(turn))
		return;
	read_lists(turn);
	read_progress(turn);
	meta_take_config(turn, e->config, e->mail_texts);
	watch_load(turn);
	compact_load(turn);
}

static void
start_done(struct turn *turn, struct op *op, int error)
{
	struct engine *e = turn->engine;

	(void)op;
	if (e->failed)
		return;
	if (error < 0) {
		engine_fail(e, "%s: cannot write the database: %s",
		    e->config->database, store_strerror(error));
		return;
	}
	wall_start(e, e->progress.seen);
	if (e->carry != NULL)
		carry_begin(e);
	else
		recover_start(e);
}

const struct op_class meta_start_op = {
	.name = "start",
	.is_alone = true,
	.gather = start_gather,
	.apply = start_apply,
	.done = start_done,
};

static void
put_progress(struct turn *turn)
{
	const struct engine_progress *p = &turn->engine->progress;
	Record__Progress record;

	record__progress__init(&record);
	record.next_request = p->next_request;
	record.next_contact = p->next_contact;
	record.next_outbox = p->next_outbox;
	record.next_event = p->next_event;
	record.worked = p->worked;
	record.waiting = p->waiting;
	record.seen = wall_seen(turn->engine);
	turn->engine->progress.seen = record.seen;
	meta_put(turn, META_PROGRESS, &record.base);
}

static void
put_lists(struct turn *turn)
{
	struct engine *e = turn->engine;
	Record__Lists record;

	record__lists__init(&record);
	record.n_lists = e->list_count;
	record.lists = arena_alloc(turn->arena,
	    e->list_count * sizeof(*record.lists));
	for (size_t i = 0; i < e->list_count; i++) {
		Record__Lists__Entry *entry = arena_alloc(turn->arena,
		    sizeof(*entry));

		record__lists__entry__init(entry);
		entry->id = e->lists[i].id;
		entry->name = e->lists[i].name;
		entry->title = e->lists[i].title;
		entry->confirmed = e->counts[i].confirmed;
		entry->unsubscribed = e->counts[i].unsubscribed;
		record.lists[i] = entry;
	}
	meta_put(turn, META_LISTS, &record.base);
}

void
meta_put_changes(struct turn *turn)
{
	struct engine *e = turn->engine;

	if (e->progress.changed)
		put_progress(turn);
	if (e->counts_changed)
		put_lists(turn);
	e->progress.changed = false;
	e->counts_changed = false;
}
