/* SPDX-License-Identifier: ISC */
/*
 * A reload: what a process of its own tries first, and what the parent takes
 * of it.  What can't change while the engine runs is refused.
 */
#include "app/parent/launch_step.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/parent/generation.h"
#include "base/buf.h"
#include "base/log.h"
#include "core/config.h"
#include "io/files.h"

/* The engine has the database open, and its keys in memory. */
static int
check_fixed(struct launch_step *s)
{
	const struct launch *l = s->launch;
	const struct config *c = s->config;
	const struct {
		const char *key, *before, *now;
		unsigned line;
	} fixed[] = {
		{ "database", l->database, c->database, c->lines.database },
		{ "secret_file", l->secret_file, c->secret_file,
		    c->lines.secret_file },
		{ "user", l->config_user, l->changes_user ? c->user :
		    l->config_user, c->lines.user },
	};

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (strcmp(fixed[i].before, fixed[i].now) == 0)
			continue;
		launch_say(s, fixed[i].line, "%s = %s: to change it from %s "
		    "needs a restart", fixed[i].key, fixed[i].now,
		    fixed[i].before);
		return -1;
	}
	if (c->map_size != l->map_size) {
		launch_say(s, c->lines.map_size, "map_size: to change it "
		    "needs a restart");
		return -1;
	}
	/* The engine's sandbox was closed without that. */
	if (!l->has_syslog && strcmp(c->log.target, "syslog") == 0) {
		launch_say(s, c->lines.log_target, "target = syslog: to "
		    "change to that needs a restart");
		return -1;
	}
	return 0;
}

static void
log_warnings(const struct buf *lines)
{
	struct slice rest = buf_slice(lines), line;

	while (rest.len > 0 && slice_split(&rest, '\n', &line))
		log_warn("config", log_slice("unwise", line));
}

int
launch_try(const struct launch *launch, int fd)
{
	struct buf errors = { 0 }, warnings = { 0 };
	struct files *files = files_new();
	struct settings settings;
	struct launch_step step = { .launch = launch, .error = &errors };
	int ret = settings_read(&settings, files, launch->path, &errors,
	    &warnings);

	step.config = settings.config;
	if (ret == 0)
		ret = check_fixed(&step);
	if (ret == 0)
		ret = files_save(files, fd);
	if (ret == 0)
		log_warnings(&warnings);
	else
		(void)files_write_fd(fd, buf_slice(&errors));
	settings_free(&settings);
	files_free(files);
	buf_fini(&errors);
	buf_fini(&warnings);
	return ret == 0 ? 0 : 1;
}

struct generation *
launch_load(const struct launch *launch, int kept,
    const struct generation *former, struct buf *error)
{
	struct generation *g = generation_new();
	struct files *files = files_of(kept);
	struct buf warnings = { 0 };
	struct launch_step step = { launch, g, former, NULL, error };
	int ret = -1;

	g->kept = kept;
	if (files == NULL || files_seal(kept) < 0)
		buf_printf(error, "%s:1: what was read of it got lost\n",
		    launch->path);
	else
		ret = settings_read(&g->settings, files, launch->path, error,
		    &warnings);
	step.config = g->settings.config;
	if (ret == 0)
		ret = launch_open_log(&step);
	if (ret == 0)
		ret = launch_fill(&step);
	files_free(files);
	buf_fini(&warnings);
	if (ret == 0)
		return g;
	generation_free(g);
	return NULL;
}
