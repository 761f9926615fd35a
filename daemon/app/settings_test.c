/* SPDX-License-Identifier: ISC */
/*
 * Config and templates from the disk, and again from what was kept of it when
 * everything there is gone.
 */
#include "app/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/templates/templates.h"
#include "base/buf.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/files.h"

struct world {
	char folder[32];
	char *path;			/* of the config in it */
};

/* Takes the command. */
static void
run(char *command)
{
	/* Nobody else has a say in it. */
	assert_int_equal(system(command), 0);	/* NOLINT(cert-env33-c) */
	free(command);
}

static void
set_up(struct world *w)
{
	const char *source = getenv("ASSENT_SRCDIR");
	FILE *f;

	*w = (struct world){ .folder = "/tmp/assent-settings-XXXXXX" };
	assert_non_null(mkdtemp(w->folder));
	w->path = mem_printf("%s/assent.conf", w->folder);
	run(mem_printf("cp -r '%s/templates' '%s/tests/fixtures/tls' '%s'",
	    source != NULL ? source : ".", source != NULL ? source : ".",
	    w->folder));
	f = fopen(w->path, "we");
	assert_non_null(f);
	fprintf(f, "base_url = \"https://news.example.org\"\n"
	    "database = \"data\"\ntemplates = \"templates\"\n"
	    "listen \"127.0.0.1:0\" { certificate = \"tls/one.pem\"\n"
	    "key = \"tls/one.key\" }\n"
	    "mail { host = \"localhost\" tls = \"none\" username = \"u\"\n"
	    "password_file = \"password\" }\n"
	    "list \"weekly\" { title = \"The Weekly\"\n"
	    "from = \"weekly@example.org\" consent = \"Yes.\"\n"
	    "languages = { \"en\", \"de\" } }\n"
	    "default_list = \"weekly\"\n");
	fclose(f);
	run(mem_printf("echo word >'%s/password'", w->folder));
}

static void
remove_all(struct world *w)
{
	run(mem_printf("rm -rf '%s'", w->folder));
}

static void
check(struct settings *s, struct files *files, const struct world *w)
{
	struct buf errors = { 0 }, warnings = { 0 };

	if (settings_read(s, files, w->path, &errors, &warnings) < 0)
		fail_msg("%s", buf_str(&errors));
	assert_string_equal(s->config->default_list->title, "The Weekly");
	assert_int_equal(s->config->listeners[0].certificates.count, 1);
	assert_non_null(templates_asset(s->templates,
	    slice_str("style.css")));
	assert_string_equal(templates_lang(s->templates, "de-AT"), "de");
	settings_free(s);
	assert_null(s->config);
	buf_fini(&errors);
	buf_fini(&warnings);
}

static void
test_kept(void **state)
{
	struct files *files = files_new(), *kept;
	int fd = files_memory();
	struct settings s;
	struct world w;

	(void)state;
	set_up(&w);
	check(&s, NULL, &w);
	check(&s, files, &w);
	assert_int_equal(files_save(files, fd), 0);
	remove_all(&w);
	kept = files_of(fd);
	assert_non_null(kept);
	check(&s, kept, &w);
	files_free(kept);
	files_free(files);
	close(fd);
	free(w.path);
}

/* What is at fault, said with its line; nothing is left of the rest. */
static void
test_mistakes(void **state)
{
	static const struct {
		const char *command, *says;
	} cases[] = {
		{ "rm -r templates", "assent.conf:3: templates = " },
		{ "rm templates/page/pending.html", "page/pending.html" },
		{ "echo '{{#a}}' >templates/page/pending.html",
		    "page/pending.html:1: " },
		{ "echo nonsense >tls/one.pem", "assent.conf:4: " },
		{ "echo 'lost = 1' >>assent.conf",
		    "assent.conf:12: unknown key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf errors = { 0 }, warnings = { 0 };
		struct settings s;
		struct world w;

		set_up(&w);
		run(mem_printf("cd '%s' && %s", w.folder, cases[i].command));
		assert_int_equal(settings_read(&s, NULL, w.path, &errors,
		    &warnings), -1);
		if (strstr(buf_str(&errors), cases[i].says) == NULL)
			fail_msg("no \"%s\" in:\n%s", cases[i].says,
			    buf_str(&errors));
		assert_null(s.config);
		assert_null(s.templates);
		buf_fini(&errors);
		buf_fini(&warnings);
		remove_all(&w);
		free(w.path);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
