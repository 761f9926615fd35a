/* SPDX-License-Identifier: ISC */
/*
 * First the config, then what it leads to.
 */
#include "app/settings.h"

#include <string.h>

#include "app/config/config_file.h"
#include "app/templates/templates.h"
#include "base/buf.h"
#include "core/config.h"
#include "io/files.h"

/* A folder that isn't there is the config's mistake, not its files'. */
static struct templates *
read_templates(struct files *files, const struct config *config,
    struct buf *errors)
{
	struct buf names = { 0 };
	int error = files_list(files, config->templates, &names);

	buf_fini(&names);
	if (error == 0)
		return templates_load_from(files, config->templates, errors);
	buf_printf(errors, "%s:%u: templates = %s: cannot read this folder: "
	    "%s: want one with page, mail, lang and assets in it\n",
	    config->path, config->lines.templates, config->templates,
	    strerror(-error));
	return NULL;
}

int
settings_read(struct settings *s, struct files *files, const char *path,
    struct buf *errors, struct buf *warnings)
{
	*s = (struct settings){ 0 };
	s->config = config_load_from(files, path, errors, warnings);
	if (s->config != NULL)
		s->templates = read_templates(files, s->config, errors);
	if (s->templates != NULL)
		templates_warn(s->templates, s->config, warnings);
	if (s->templates != NULL && errors->len == 0)
		return 0;
	settings_free(s);
	return -1;
}

void
settings_free(struct settings *s)
{
	templates_free(s->templates);
	config_free(s->config);
	*s = (struct settings){ 0 };
}
