/* SPDX-License-Identifier: ISC */
/*
 * A turn of its own: before it all goes by the old config, after it by the
 * new.  Nothing is borrowed from the old one when that turn has ended.
 */
#include "app/engine/op_reload.h"

#include <stdlib.h>
#include <unistd.h>

#include "app/engine/engine.h"
#include "app/engine/mail_text.h"
#include "app/engine/meta.h"
#include "app/engine/recover.h"
#include "app/engine/turn.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/files.h"

/* What is about to be taken. */
struct reload {
	struct settings settings;
	struct mail_texts *texts;
	const struct config *before;
};

static void
reload_gather(struct turn *turn, struct op *op)
{
	const struct reload *r = turn->engine->reload;

	(void)op;
	meta_gather_config(turn, r->settings.config, r->texts);
}

static void
reload_apply(struct turn *turn, struct op *op)
{
	struct engine *e = turn->engine;
	struct reload *r = e->reload;
	struct mail_texts *texts = e->mail_texts;

	r->before = e->config;
	e->config = r->settings.config;
	e->templates = r->settings.templates;
	e->mail_texts = r->texts;
	r->texts = texts;
	meta_take_config(turn, e->config, e->mail_texts);
	/* Back to the one before: its mailer is the one that is there. */
	e->outbox.paused = op->id > e->generation;
	e->generation = (uint32_t)op->id;
}

static void
reload_done(struct turn *turn, struct op *op, int error)
{
	struct engine *e = turn->engine;
	struct reload *r = e->reload;
	struct settings before = e->own;

	/* Then this process ends. */
	if (error < 0)
		return;
	recover_budgets(e, r->before);
	e->own = r->settings;
	r->settings = before;
	op_reload_free(e);
	log_debug("config_taken", log_num("generation", (int64_t)op->id));
	child_took_settings(e->child, (uint32_t)op->id, true);
}

static const struct op_class op_reload = {
	.name = "reload",
	.is_alone = true,
	.gather = reload_gather,
	.apply = reload_apply,
	.done = reload_done,
};

void
op_reload_free(struct engine *e)
{
	struct reload *r = e->reload;

	if (r == NULL)
		return;
	e->reload = NULL;
	mail_texts_free(r->texts);
	settings_free(&r->settings);
	free(r);
}

void
op_reload_take(struct engine *e, uint32_t generation,
    const struct settings *settings)
{
	struct reload *r = MEM_NEW(struct reload);

	r->settings = *settings;
	r->texts = mail_texts_new(settings->config, settings->templates);
	e->reload = r;
	turn_queue(e, &op_reload, generation);
}

void
op_reload_read(struct engine *e, uint32_t generation, int fd)
{
	struct files *files = files_of(fd);
	struct buf errors = { 0 }, warnings = { 0 };
	struct settings settings;

	close(fd);
	if (files == NULL)
		buf_add_str(&errors, "what the parent kept of it is damaged");
	/* It waits for our word before it sends another. */
	if (e->reload != NULL)
		buf_add_str(&errors, "another one is being taken");
	if (errors.len == 0 && settings_read(&settings, files,
	    e->config->path, &errors, &warnings) == 0) {
		op_reload_take(e, generation, &settings);
	} else {
		log_error("config_not_taken", log_slice("why",
		    buf_slice(&errors)));
		child_took_settings(e->child, generation, false);
	}
	files_free(files);
	buf_fini(&errors);
	buf_fini(&warnings);
}
