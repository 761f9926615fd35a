/* SPDX-License-Identifier: ISC */
/*
 * assentd: reads its options and its config, prepares the start, and becomes
 * the parent.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/child.h"
#include "app/confine.h"
#include "app/metrics/metrics_table.h"
#include "app/parent/generation.h"
#include "app/parent/launch.h"
#include "app/parent/parent.h"
#include "app/settings.h"
#include "app/version.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/escape.h"
#include "base/log.h"
#include "core/config.h"
#include "io/events.h"
#include "io/files.h"
#include "io/json.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

struct options {
	const char *config;
	bool check, debug, version;
};

static int (*const mains[])(struct child *) = {
	[ROLE_ENGINE] = engine_main,
	[ROLE_COPIER] = copier_main,
	[ROLE_MAILER] = mailer_main,
	[ROLE_ADMIN] = admin_main,
	[ROLE_WEB] = web_main,
};
_Static_assert(sizeof(mains) / sizeof(mains[0]) == ROLE_COUNT,
    "each role has a main");

static int
parse_options(int argc, char **argv, struct options *o)
{
	int c;

	opterr = 0;	/* an error is one line, and ours */
	*o = (struct options){ .config = SYSCONFDIR "/assent/assent.conf" };
	while ((c = getopt(argc, argv, "f:tvV")) != -1) {
		switch (c) {
		case 'f':
			o->config = optarg;
			break;
		case 't':
			o->check = true;
			break;
		case 'v':
			o->debug = true;
			break;
		case 'V':
			o->version = true;
			break;
		default:
			return -1;
		}
	}
	return optind == argc ? 0 : -1;
}

/* Each line as an error of its own. */
static void
print_lines(const struct buf *lines)
{
	struct slice rest = buf_slice(lines), line;
	struct buf clean = { 0 };

	while (rest.len > 0 && slice_split(&rest, '\n', &line)) {
		buf_reset(&clean);
		escape_terminal(&clean, line);
		fprintf(stderr, "assentd: %s\n", buf_str(&clean));
	}
	buf_fini(&clean);
}

static void
log_warnings(const struct buf *lines)
{
	struct slice rest = buf_slice(lines), line;

	while (rest.len > 0 && slice_split(&rest, '\n', &line))
		log_warn("config", log_slice("unwise", line));
}

static int
try_again(const void *launch, int fd)
{
	return launch_try(launch, fd);
}

static struct generation *
load_again(const void *launch, int fd, const struct generation *former,
    struct buf *error)
{
	return launch_load(launch, fd, former, error);
}

/* The generation is the parent's from then on. */
static int
run(const struct launch *launch, struct generation *first,
    struct metrics *metrics)
{
	const struct parent_source source = {
		.try = try_again,
		.load = load_again,
		.arg = launch,
		.path = launch->path,
	};
	const struct parent_setup setup = {
		.first = first,
		.secret = launch->secret,
		.metrics = metrics,
		.user = launch->changes_user ? &launch->user : NULL,
		.source = &source,
		.mains = mains,
		.confine = confine_child,
	};

	return parent_run(&setup);
}

/* Takes the settings, and what was kept of their files. */
static int
start(const struct options *o, const struct settings *settings,
    struct files *files, const struct buf *warnings)
{
	struct generation *first = generation_new();
	struct metrics *metrics = metrics_new(metrics_rows,
	    CONFIG_WEB_PROCESSES_MAX);
	struct buf error = { 0 };
	struct launch launch;
	int status = EXIT_FAILED;

	first->settings = *settings;
	first->kept = files_memory();
	if (metrics == NULL || first->kept < 0 ||
	    files_save(files, first->kept) < 0 || files_seal(first->kept) < 0)
		abort();
	files_free(files);
	if (launch_init(&launch, first, o->debug, &error) < 0) {
		print_lines(&error);
		generation_free(first);
	} else {
		log_warnings(warnings);
		if (confine_parent() == 0)
			status = run(&launch, first, metrics);
		else
			generation_free(first);
	}
	launch_fini(&launch);
	metrics_free(metrics);
	buf_fini(&error);
	return status;
}

static int
check(const struct options *o, struct settings *settings,
    const struct buf *warnings)
{
	print_lines(warnings);
	printf("%s: ok\n", o->config);
	settings_free(settings);
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}

static int
load_and_run(const struct options *o)
{
	struct buf errors = { 0 }, warnings = { 0 };
	struct files *files = files_new();
	struct settings settings;
	int status = EXIT_FAILED;

	if (settings_read(&settings, files, o->config, &errors,
	    &warnings) < 0) {
		print_lines(&errors);
	} else if (o->check) {
		status = check(o, &settings, &warnings);
	} else {
		status = start(o, &settings, files, &warnings);
		files = NULL;
	}
	files_free(files);
	buf_fini(&errors);
	buf_fini(&warnings);
	return status;
}

/* Without them the first sockets would become stdin, stdout and stderr. */
static void
open_standard_fds(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int
main(int argc, char **argv)
{
	struct options o;

	crypto_clear_freed();
	events_start();
	json_start();
	open_standard_fds();
	umask(027);
	signal(SIGPIPE, SIG_IGN);
	if (parse_options(argc, argv, &o) < 0) {
		fputs("assentd: usage: assentd [-f FILE] [-t] [-v] [-V]\n",
		    stderr);
		return EXIT_USAGE;
	}
	if (o.version) {
		version_print(stdout, "assentd");
		return fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
	}
	return load_and_run(&o);
}
