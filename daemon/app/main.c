/* SPDX-License-Identifier: ISC */
/*
 * assentd: reads its options and its config, prepares the start, and becomes
 * the parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/child.h"
#include "app/config/config_file.h"
#include "app/confine.h"
#include "app/metrics/metrics_table.h"
#include "app/parent/launch.h"
#include "app/parent/parent.h"
#include "app/templates/templates.h"
#include "app/version.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/escape.h"
#include "base/log.h"
#include "base/mem.h"
#include "core/config.h"
#include "io/json.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

struct options {
	const char *config;
	bool check, debug, version;
};

static int (*const mains[])(struct child *) = {
	[ROLE_ENGINE] = engine_main,
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
start(const struct options *o, const struct config *config,
    const struct templates *templates, const struct buf *warnings)
{
	const pid_t self = getpid();
	struct metrics *metrics = metrics_new(metrics_rows,
	    CONFIG_WEB_PROCESSES_MAX);
	struct buf error = { 0 };
	struct launch launch;
	int status = EXIT_FAILED;

	if (launch_init(&launch, config, o->debug, &error) < 0) {
		print_lines(&error);
	} else {
		const struct parent_setup setup = {
			.config = config,
			.templates = templates,
			.listeners = launch.listeners,
			.listener_count = launch.listener_count,
			.admin_listeners = launch.admin_listeners,
			.admin_listener_count = launch.admin_listener_count,
			.secret = launch.secret,
			.password = launch.password,
			.certificates = launch.certificates,
			.metrics = metrics,
			.web_processes = config->web_processes,
			.user = launch.changes_user ? &launch.user : NULL,
			.mains = mains,
			.confine = confine_child,
		};

		log_warnings(warnings);
		if (confine_parent() == 0)
			status = parent_run(&setup);
		if (getpid() == self)
			launch_remove_sockets(&launch, config);
	}
	launch_fini(&launch);
	metrics_free(metrics);
	buf_fini(&error);
	return status;
}

/* A folder that isn't there is the config's mistake, not its files'. */
static struct templates *
load_templates(const struct config *config, struct buf *errors)
{
	char *inside = mem_printf("%s/.", config->templates);
	bool there = access(inside, R_OK | X_OK) == 0;
	int error = errno;

	free(inside);
	if (there)
		return templates_load(config->templates, errors);
	buf_printf(errors, "%s:%u: templates = %s: cannot read this folder: "
	    "%s: want one with page, mail, lang and assets in it\n",
	    config->path, config->lines.templates, config->templates,
	    strerror(error));
	return NULL;
}

static int
load_and_run(const struct options *o)
{
	struct buf errors = { 0 }, warnings = { 0 };
	struct templates *templates = NULL;
	struct config *config = config_load(o->config, &errors, &warnings);
	int status = EXIT_FAILED;

	if (config != NULL)
		templates = load_templates(config, &errors);
	if (templates != NULL)
		templates_warn(templates, config, &warnings);
	if (errors.len > 0 || config == NULL || templates == NULL) {
		print_lines(&errors);
	} else if (o->check) {
		print_lines(&warnings);
		printf("%s: ok\n", o->config);
		status = fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
	} else {
		status = start(o, config, templates, &warnings);
	}
	templates_free(templates);
	config_free(config);
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
