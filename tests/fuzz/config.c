/* SPDX-License-Identifier: ISC */
/*
 * A config file: either it is taken, or each mistake has its line, which is
 * harmless to a terminal; and nothing is looked for outside of it.
 */
#include "core/config.h"

#include <string.h>
#include <unistd.h>

#include "app/config/config_file.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "io/files.h"

/* The text as a file that another process has read. */
static struct files *
keep(struct slice text, char **ret_path)
{
	int fd = files_memory(), saved = files_memory();
	struct files *read = files_new(), *kept;
	struct buf content = { 0 };

	MUST(fd >= 0 && saved >= 0 && files_write_fd(fd, text) == 0);
	*ret_path = mem_printf("/proc/self/fd/%d", fd);
	MUST(files_read(read, *ret_path, &content) == 0);
	MUST(files_save(read, saved) == 0);
	kept = files_of(saved);
	MUST(kept != NULL);
	buf_fini(&content);
	files_free(read);
	(void)close(saved);
	(void)close(fd);
	return kept;
}

static void
check_notes(struct slice notes, const char *path)
{
	struct slice line;

	MUST(notes.len == 0 || slice_ends(notes, "\n"));
	while (notes.len > 0 && slice_split(&notes, '\n', &line)) {
		MUST(slice_starts(line, path));
		MUST(!utf8_has_control(line));
	}
}

static void
check_config(const struct config *config)
{
	MUST(!slice_ends(slice_str(config->base_url), "/"));
	MUST(config->listener_count > 0 && config->list_count > 0);
	MUST(config->web_processes > 0 &&
	    config->web_processes <= CONFIG_WEB_PROCESSES_MAX);
	for (size_t i = 0; i < config->list_count; i++) {
		const struct config_list *list = &config->lists[i];

		MUST(list->languages.count > 0);
		MUST(config_list_by_name(config, slice_str(list->name)) ==
		    list);
		MUST(!utf8_has_control(slice_str(list->from)));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf errors = { 0 }, warnings = { 0 };
	struct config *config;
	char *path;
	struct files *kept = keep(slice_of(data, size), &path);

	config = config_load_from(kept, path, &errors, &warnings);
	MUST((config == NULL) == (errors.len > 0));
	check_notes(buf_slice(&errors), path);
	check_notes(buf_slice(&warnings), path);
	if (config != NULL)
		check_config(config);
	config_free(config);
	files_free(kept);
	buf_fini(&errors);
	buf_fini(&warnings);
	free(path);
	return 0;
}
